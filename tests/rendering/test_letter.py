import re
import threading
from dataclasses import replace
from itertools import pairwise

import pytest

from making import MASTHEAD, TOPICS, a_press, a_summary, an_issue
from pprmail.model.masthead import Brand
from pprmail.model.personal import PARTS, key
from pprmail.rendering.inspection import code_in
from rendering.letters import TITLES, a_full_issue, read_by
from rendering.reading import elements, links, page, shown

SIZES = [1, 2, 3, 6]


def test_every_selection_of_an_issue_renders_with_its_titles_as_summaries_or_as_links() -> None:
    press = a_press()
    for count in SIZES:
        issue = a_full_issue(count)
        for selection in range(2**count):
            root = page(press.edition(issue, selection).html)
            for place, title in enumerate(TITLES[:count]):
                is_chosen = bool(selection >> place & 1)
                headings = [h.text for h in root.iter("h2")]
                others = [a.text for a in root.iter("a") if "/summaries/" in a.get("href", "")]
                assert (title in headings) is is_chosen
                assert (title in others) is not is_chosen


@pytest.mark.parametrize("selection", [0, 1, 5, 7])
def test_a_letter_has_one_first_heading_and_skips_no_level(selection: int) -> None:
    found = [e.tag for e in elements(a_press().edition(a_full_issue(), selection).html)]
    levels = [int(tag[1]) for tag in found if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in pairwise(levels))


def test_ids_are_unique_and_every_link_inside_the_letter_leads_to_one() -> None:
    root = page(a_press().edition(a_full_issue(6), 63).html)
    ids = [str(each) for each in root.xpath("//@id")]
    inside = [str(each)[1:] for each in root.xpath("//a/@href[starts-with(., '#')]")]
    assert len(set(ids)) == len(ids) == 6
    assert inside == ids


def test_language_direction_and_name_stand_on_the_page_and_on_its_one_child() -> None:
    edition = a_press().edition(a_full_issue(), 7)
    root = page(edition.html)
    (child,) = [e for e in root.body if isinstance(e.tag, str)]
    assert (root.get("lang"), root.get("dir")) == ("en", "ltr")
    assert (child.get("lang"), child.get("dir"), child.get("role")) == ("en", "ltr", "article")
    assert child.get("aria-label") == root.findtext("head/title") == edition.subject
    assert edition.html.startswith("<!DOCTYPE html>\n<html")


def test_tables_of_the_layout_are_presentation_and_tables_of_the_editor_are_not() -> None:
    root = page(a_press().edition(a_full_issue(1), 1).html)
    by_role = {table.get("role"): table for table in root.iter("table")}
    assert set(by_role) == {"presentation", None}
    assert [th.text for th in by_role[None].iter("th")] == ["Group", "n", "Effect"]


def test_the_preheader_comes_first_and_is_hidden_by_nothing_but_display() -> None:
    issue = a_full_issue(preheader="What the inbox shows")
    (article,) = page(a_press().edition(issue, 7).html).body
    assert article[0].text == "What the inbox shows"
    assert article[0].get("style") == "display:none"


def test_the_proposed_preheader_of_one_summary_is_not_its_subject_again() -> None:
    issue = an_issue(a_summary("One Title?", body="It begins *like* this.\n\nAnd goes on."))
    edition = a_press().edition(issue, 1)
    hidden = page(edition.html).xpath("//div[@style='display:none']")
    assert edition.subject == "One Title?"
    assert hidden[0].text == "It begins like this. And goes on."


@pytest.mark.parametrize(
    ("body", "preheader"),
    [
        (
            "## Background\n\nThe study [looked](https://example.org) at it.",
            "The study looked at it.",
        ),
        ("- one\n- two\n\nA sentence.", "A sentence."),
        ("| A | B |\n|---|---|\n| 1 | 2 |", "One Title?"),
    ],
)
def test_a_proposed_preheader_is_a_sentence_and_no_layout(body: str, preheader: str) -> None:
    edition = a_press().edition(an_issue(a_summary("One Title?", body=body)), 1)
    assert (page(edition.html).xpath("//div[@style='display:none']")[0].text or "") == preheader


def test_the_note_has_its_own_subject_and_preheader_whatever_the_editor_fixed() -> None:
    issue = a_full_issue(3, subject="All about the alliance", preheader="Alliance")
    note = a_press().edition(issue, 0)
    hidden = page(note.html).xpath("//div[@style='display:none']")
    assert note.subject == "November 2026: three summaries, outside your topics"
    assert hidden[0].text.startswith(TITLES[0])
    assert a_press().edition(issue, 1).subject == "All about the alliance"


def test_every_link_is_https_or_mail_and_says_by_itself_where_it_leads() -> None:
    for selection in (0, 5, 63):
        issue = a_full_issue(6)
        for summary in issue.summaries:
            summary.body = "No links of the editor's own."
        root = page(a_press().edition(issue, selection).html)
        told = [(a.text_content(), a.get("href")) for a in root.iter("a")]
        outward = [(text, link) for text, link in told if not link.startswith("#")]
        assert all(link.startswith(("https://", "mailto:")) for _, link in outward)
        assert len({text for text, _ in outward}) == len(outward)
        assert all(text.strip() for text, _ in told)


def test_the_footer_says_why_and_leads_to_preferences_leaving_and_archive() -> None:
    html, _ = read_by(a_press().edition(a_full_issue(), 7))
    base = MASTHEAD.base_url
    kinds = [link.removeprefix(base).split("/")[1] for link in links(html)[-5:-1]]
    end = shown(html).split("Notices")[1]
    assert kinds == ["preferences", "unsubscribe", "archive", "subscribe"]
    assert "because you follow Alliance and Therapeutic Relationship and Training." in end
    for line in MASTHEAD.postal_address.splitlines():
        assert line in end
    assert links(html)[-1] == MASTHEAD.reply_to


def test_a_full_edition_is_far_from_where_mail_programs_cut() -> None:
    assert len(a_press().edition(a_full_issue(), 7).html.encode()) <= 60_000


def test_the_same_issue_gives_the_same_bytes_again_and_from_four_threads() -> None:
    issue, press = a_full_issue(), a_press()
    editions = [press.edition(issue, 7)]
    threads = [
        threading.Thread(target=lambda: editions.append(press.edition(issue, 7))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    editions.append(a_press().edition(a_full_issue(), 7))
    assert len(editions) == 6
    assert {(e.fingerprint, e.html, e.text) for e in editions} == {
        (editions[0].fingerprint, editions[0].html, editions[0].text)
    }


def test_each_key_stands_as_often_in_html_and_text_as_the_templates_have_it() -> None:
    edition = a_press().edition(a_full_issue(), 7)
    for part in PARTS:
        in_html, in_text = (each.count(key("pm", part)) for each in (edition.html, edition.text))
        assert (in_html, in_text) == {
            "greeting_html": (1, 0),
            "greeting_text": (0, 1),
            "why_html": (1, 0),
            "why_text": (0, 1),
        }.get(part, (1, 1))
    assert "-pm." not in edition.subject


def test_what_a_summary_lacks_leaves_no_trace() -> None:
    bare = a_summary(
        "Bare", topics=[], citation=None, doi=None, type_of_research=None, in_brief=None
    )
    edition = a_press().edition(an_issue(bare), 1)
    html, text = read_by(edition)
    for part in (shown(html), text):
        assert not re.search(r"None|Cited|In brief|doi\.org|\(\)", part)
    assert not page(html).xpath("//p[not(normalize-space())] | //a[not(normalize-space())]")


def test_an_empty_masthead_leaves_no_empty_links() -> None:
    nobody = replace(MASTHEAD, reply_to="", from_email="", postal_address=" \n")
    html, text = read_by(a_press(nobody).edition(an_issue(a_summary()), 1))
    assert "mailto:" not in html
    assert not page(html).xpath("//a[not(normalize-space())]")
    assert text.endswith(f"{MASTHEAD.name}\n")


def test_a_logo_is_shown_without_words_and_only_where_there_is_one() -> None:
    brand = replace(MASTHEAD.brand, logo_url="https://letter.example.org/logo.png")
    with_logo = page(a_press(replace(MASTHEAD, brand=brand)).edition(a_full_issue(1), 1).html)
    (image,) = with_logo.iter("img")
    assert (image.get("src"), image.get("alt"), image.get("width")) == (brand.logo_url, "", "120")
    assert not list(page(a_press().edition(a_full_issue(1), 1).html).iter("img"))


def test_ten_topics_a_long_title_and_forty_authors_find_room() -> None:
    authors = ", ".join(f"Author{n}, A. B." for n in range(40))
    title = " ".join(["Alliance"] * 20)
    summary = a_summary(
        title,
        topics=[topic.slug for topic in TOPICS.listed[:10]],
        citation=f"{authors} (2020). A study. Journal of Studies.",
    )
    html, text = read_by(a_press().edition(an_issue(summary), 1))
    for part in (" ".join(shown(html).split()), " ".join(text.split())):
        assert "Author39, A. B. (2020)." in part
        assert all(topic.name in part for topic in TOPICS.listed[:10])
        assert title in part


def test_a_doi_of_the_old_kind_leads_where_it_says() -> None:
    doi = "10.1002/(SICI)1097-4679(199901)55:1<1::AID-JCLP1>3.0.CO;2-#"
    html, text = read_by(a_press().edition(an_issue(a_summary(doi=doi)), 1))
    address = "https://doi.org/10.1002/(SICI)1097-4679(199901)55:1%3C1::AID-JCLP1%3E3.0.CO;2-%23"
    assert address in links(html)
    assert f"doi.org/{doi}" in shown(html)
    assert address in text.splitlines()


@pytest.mark.parametrize(
    "written",
    [
        "{{ masthead }}",
        "{% include 'email/base.html' %}",
        "{# gone #}",
        "<% body %>",
        "%name%",
        "-name-",
        "[[x]]",
        "{name} {topics}",
    ],
)
def test_code_that_an_editor_writes_comes_out_as_it_was_written(written: str) -> None:
    summary = a_summary(
        f"T {written}?",
        citation=written,
        type_of_research=written,
        in_brief=written,
        body=f"B {written}",
        implications=f"I {written}",
    )
    issue = an_issue(
        summary, introduction=f"Intro {written}", notices=f"N {written}", preheader=written
    )
    masthead = replace(MASTHEAD, name=f"Letter {written}", postal_address=f"Street {written}")
    html, text = read_by(a_press(masthead).edition(issue, 1))
    assert shown(html).count(written) >= 11
    # The newsletter's name stands in capitals once.
    assert text.count(written) + text.count(written.upper()) >= 11
    assert page(html).xpath("//div[@style='display:none']")[0].text == written


def test_code_is_found_in_a_rendered_text() -> None:
    assert code_in("a {{ b }} c {% d %} e <% f %> -g-") == ["{{ b }}", "{% d %}", "<% f %>"]


def test_the_subject_is_one_line_whatever_is_fixed() -> None:
    issue = a_full_issue(1, subject="One\r\nBcc: all@example.org\n\n two\x00\x85\u2028three ")
    assert a_press().edition(issue, 1).subject == "One Bcc: all@example.org two three"


def test_control_characters_end_nothing_and_disappear() -> None:
    every = "".join(map(chr, [*range(9), 11, *range(14, 28), *range(127, 133), 0xFFFE, 0xD800]))
    summary = a_summary(
        f"T{every}itle?", citation=f"C{every}ite", body=f"b{every}ody", implications=f"i{every}mp"
    )
    edition = a_press().edition(an_issue(summary, introduction=f"i{every}ntro"), 1)
    for part in (edition.subject, edition.html, edition.text):
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe]", part)
    assert "Choose your topics" in shown(edition.html)
    edition.html.encode()


def test_writing_of_any_kind_comes_through() -> None:
    written = "ü β − “q” 漢字 \U0001f469\u200d⚕\ufe0f שלום עולם e\u0301"
    summary = a_summary(f"T {written}?", citation=written, body=written, implications=written)
    edition = a_press().edition(an_issue(summary, subject=written), 1)
    assert edition.subject == written
    assert edition.html.count(written) >= 6
    assert edition.text.count(written) == 7


def test_colours_of_a_brand_reach_the_letter() -> None:
    brand = Brand(accent="#7a1f5b", text="#101010", background="#ffeedd", logo_url="")
    source = a_press(replace(MASTHEAD, brand=brand)).edition(a_full_issue(1), 1).html
    for colour in (brand.accent, brand.text, brand.background):
        assert colour in source
    assert MASTHEAD.brand.accent not in source


def test_a_letter_from_an_address_without_replies_asks_for_none() -> None:
    silent = replace(MASTHEAD, from_email="no-reply@example.org", reply_to="no-reply@example.org")
    for masthead, asks in ((MASTHEAD, True), (silent, False)):
        edition = a_press(masthead).edition(a_full_issue(), 7)
        assert ("If you reply" in edition.html) is asks
        assert ("If you reply" in edition.text) is asks
