"""Pages as a browser saves them: they give the entries that the copied text of the page gives."""

from dataclasses import replace
from pathlib import Path

import pytest

from making import TOPICS
from pprmail.errors import SourceError
from pprmail.sources.blog_page import read_blog_page
from pprmail.sources.entry import Entry, Sources

CITED = "Moss, F., & Fern, R. (2019). Plants and calm: A trial. Psychotherapy Research, 12(3), 4–5."
BODY = "People sat among plants for a while; most felt r = .2 calmer, “as it were”, than before."
MORE = "Nobody in the other room, which had a clock & a chair, felt anything of the kind at all."
ADVICE = "Offer a plant, and let the person choose where it stands; then water it every other week."

TEXT = f"""Our Notes
We write every month.
Topics
- ALL Topics (clear)
- Placebo Effect
- Training
May 2021
Do Plants Calm?
{CITED}
{BODY}
{MORE}
Practice Implications
{ADVICE}
Do Ponds?
{BODY}
Practice Implications:
{ADVICE}
April 2021
Do Benches?
{CITED}
{BODY}
Practice Implications
{ADVICE}
"""
HTML = f"""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>May 2021</title>
<style>p {{ color: red }}</style></head>
<body>
<nav><ul><li>June 2021</li><li>About us</li></ul></nav>
<header><h1>Our Notes</h1></header><p>We write every month.</p>
<form><label>Topics</label><select><option>Hats</option></select>
<ul><li><a href="#">ALL Topics</a> (clear)</li><li>
  <p>Placebo Effect</p></li><li>Training</li></ul></form>
<!-- June 2021 -->
<main><h2>May <b>2021</b></h2>
<article><header><h3>Do Plants
    Calm?</h3></header>
<p>{CITED.replace("&", "&amp;").replace("Psychotherapy Research", "<em>Psychotherapy Research</em>")}</p>
<script>document.write("June 2021")</script>
<div><p>{BODY.replace("r = .2", "<i>r</i>&nbsp;=&#32;.2")}</p><p>{MORE.replace("&", "&amp;")}</p></div>
<h4>Practice&nbsp;Implications</h4><p>{ADVICE}</p></article>
<article><h3>Do Ponds?</h3>{BODY}<br><strong>Practice Implications:</strong><br/>{ADVICE}
<button>Share this</button></article>
<h2>April 2021</h2><h3>Do Benches?</h3><p>{CITED}</p><noscript>Turn it on.</noscript>
<p>{BODY}</p><p><b>Practice Implications</b></p><p>{ADVICE}</p>
</main>
<aside><p>May 2020</p><p>Popular</p></aside>
<footer><p>© The Garden Network</p></footer>
<script>var a = "</p>May 2019";</script>
</body></html>
"""


def _read(folder: Path, text: str, name: str = "page.html") -> Sources:
    path = folder / name
    path.write_text(text)
    return read_blog_page(path, TOPICS)


def _without_places(sources: Sources) -> list[Entry]:
    # A hard space is white space to a reader.
    return [
        replace(entry, where="", body=entry.body.replace("\u00a0", " "))
        for entry in sources.entries
    ]


def test_the_page_gives_the_entries_that_its_text_gives(tmp_path: Path) -> None:
    page, text = _read(tmp_path, HTML), _read(tmp_path, TEXT, "page.txt")
    assert _without_places(page) == _without_places(text)
    assert [e.title for e in page.entries] == ["Do Plants Calm?", "Do Ponds?", "Do Benches?"]
    assert page.topics_recognised == text.topics_recognised == 2
    assert page.warnings == text.warnings == []


def test_what_a_reader_does_not_see_is_in_no_entry(tmp_path: Path) -> None:
    told = "".join(e.title + e.body + e.implications for e in _read(tmp_path, HTML).entries)
    hidden = ["document", "Turn it on", "Share", "Popular", "Garden Network", "About", "June", "<"]
    assert [word for word in hidden if word in told] == []


def test_an_entry_names_the_line_of_its_title(tmp_path: Path) -> None:
    place = _read(tmp_path, HTML).entries[0].where
    line = HTML.split("\n")[int(place.rpartition(":")[2]) - 1]
    assert "Do Plants" in line


@pytest.mark.parametrize("ending", ["</html>\n", "</HTML >", "</html><!-- saved today -->"])
def test_the_end_of_a_page_may_be_written_in_other_ways(tmp_path: Path, ending: str) -> None:
    assert len(_read(tmp_path, HTML.replace("</html>\n", ending)).entries) == 3


@pytest.mark.parametrize("share", [0.5, 0.8, 0.99])
def test_a_page_that_ends_in_the_middle_is_refused(tmp_path: Path, share: float) -> None:
    with pytest.raises(SourceError, match="the page is cut off") as caught:
        _read(tmp_path, HTML[: int(len(HTML) * share)])
    assert caught.value.where == str(tmp_path / "page.html")
    assert caught.value.remedy == "save it again, whole"


@pytest.mark.parametrize(
    "page",
    ["<html><body></body></html>", "<html><p>May 2021</p></html>", "</html>", "<p>Hi</html>"],
)
def test_a_page_that_is_none_of_the_blog_is_refused(tmp_path: Path, page: str) -> None:
    with pytest.raises(SourceError):
        _read(tmp_path, page)


def test_sloppy_html_is_read_as_browsers_read_it(tmp_path: Path) -> None:
    sloppy = HTML.replace("</p>", "").replace("</li>", "").replace("</article>", "")
    assert _without_places(_read(tmp_path, sloppy)) == _without_places(_read(tmp_path, HTML))


def test_the_page_is_utf_8_whatever_it_says_of_itself(tmp_path: Path) -> None:
    page = HTML.replace('charset="utf-8"', 'charset="iso-8859-1"')
    assert "“as it were”" in _read(tmp_path, page).entries[0].body


def test_nothing_is_fetched_or_opened_for_a_page(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden words")
    entity = f'<!DOCTYPE html [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    page = HTML.replace("<!DOCTYPE html>", entity).replace("than before.", "than &x; before.")
    assert "hidden words" not in "".join(entry.body for entry in _read(tmp_path, page).entries)


def test_a_page_of_any_depth_is_read(tmp_path: Path) -> None:
    deep = HTML.replace("<main>", "<main>" + "<div>" * 500).replace("</main>", "</div>" * 500)
    assert len(_read(tmp_path, deep).entries) == 3
