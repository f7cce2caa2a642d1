from pathlib import Path

import pytest

from making import a_press, a_summary, an_issue
from pprmail.rendering.lines import printable, wrap
from pprmail.rendering.shelf import Shelf, TemplateProblemError
from pprmail.shipped import shipped
from rendering.letters import a_press_with

SHIPPED = shipped("templates")
PROBLEMS = {
    "a name nobody gives": "{{ masthead.name }}\n{{ mastehad.name }}",
    "a part nobody gives": "line\n{{ masthead.nmae }}",
    "a tag without an end": "line\n{% if masthead %}",
    "an unknown filter": "line\n{{ masthead.name | shout }}",
    "a sum of words and numbers": "line\n{{ masthead.name + 1 }}",
    "a division by nothing": "line\n{{ 1 / 0 }}",
    "a call of what can't be called": "line\n{{ masthead.name() }}",
}


@pytest.mark.parametrize("claim", PROBLEMS)
def test_a_mistake_in_a_template_names_file_and_line(tmp_path: Path, claim: str) -> None:
    own = written(tmp_path, "email/letter/subject.txt", PROBLEMS[claim])
    with pytest.raises(TemplateProblemError) as problem:
        a_press_with(tmp_path).edition(an_issue(a_summary()), 1)
    assert problem.value.where == f"{own}:2"
    assert problem.value.message


def test_a_mistake_in_an_extended_template_names_that_one(tmp_path: Path) -> None:
    base = written(tmp_path, "email/base.txt", "one\ntwo\n{{ nobody }}")
    with pytest.raises(TemplateProblemError) as problem:
        a_press_with(tmp_path).edition(an_issue(a_summary()), 1)
    assert str(problem.value) == f"{base}:3: 'nobody' is undefined"


def test_a_template_that_includes_what_is_not_there_is_named_with_its_line(tmp_path: Path) -> None:
    own = written(tmp_path, "email/letter/body.txt", "one\n{% include 'email/gone.txt' %}")
    with pytest.raises(TemplateProblemError) as problem:
        a_press_with(tmp_path).edition(an_issue(a_summary()), 1)
    assert problem.value.where == f"{own}:2"
    assert "email/gone.txt" in problem.value.message


def test_a_template_that_includes_itself_is_a_mistake_like_any_other(tmp_path: Path) -> None:
    own = written(tmp_path, "email/letter/body.txt", "{% include 'email/letter/body.txt' %}")
    with pytest.raises(TemplateProblemError) as problem:
        a_press_with(tmp_path).edition(an_issue(a_summary()), 1)
    assert problem.value.where == f"{own}:1"


@pytest.mark.parametrize("name", ["body.html", "words.toml"])
def test_a_template_in_another_encoding_is_named(tmp_path: Path, name: str) -> None:
    written(tmp_path, f"email/letter/{name}", "Ü").write_bytes("Ü".encode("latin-1"))
    with pytest.raises(TemplateProblemError) as problem:
        a_press_with(tmp_path).edition(an_issue(a_summary()), 1)
    assert problem.value.where == f"template email/letter/{name}"


def test_a_template_that_is_not_there_is_named(tmp_path: Path) -> None:
    for ask in (Shelf([tmp_path]).source, lambda name: Shelf([tmp_path]).fill(name, {})):
        with pytest.raises(TemplateProblemError) as problem:
            ask("email/letter/body.html")
        assert problem.value.where == "template email/letter/body.html"


@pytest.mark.parametrize("text", ["greeting = ", "greeting_with_name = 3", "[greeting]\na = 'b'"])
def test_wordings_that_are_no_wordings_are_refused(tmp_path: Path, text: str) -> None:
    written(tmp_path, "email/letter/words.toml", text)
    with pytest.raises(TemplateProblemError) as problem:
        a_press_with(tmp_path).edition(an_issue(a_summary()), 1)
    assert problem.value.where == "template email/letter/words.toml"


def test_a_workspace_s_own_template_comes_before_the_shipped_one(tmp_path: Path) -> None:
    written(tmp_path, "email/letter/subject.txt", "Our own\nsubject of {{ month_in_words }}")
    edition = a_press_with(tmp_path).edition(an_issue(a_summary()), 1)
    assert edition.subject == "Our own subject of November 2026"
    assert edition.html != a_press().edition(an_issue(a_summary()), 1).html


def test_every_template_of_the_letter_and_no_other_is_in_the_digests() -> None:
    assert sorted(a_press().template_digests()) == [
        "email/base.html",
        "email/base.txt",
        "email/letter/body.html",
        "email/letter/body.txt",
        "email/letter/subject.txt",
        "email/letter/words.toml",
    ]


@pytest.mark.parametrize("name", sorted(a_press().template_digests()))
def test_any_change_to_a_template_of_the_letter_changes_its_digest(
    tmp_path: Path, name: str
) -> None:
    before = a_press_with(tmp_path).template_digests()
    written(tmp_path, name, (SHIPPED / name).read_text() + " ")
    after = a_press_with(tmp_path).template_digests()
    assert [each for each in before if before[each] != after[each]] == [name]


def test_a_part_that_a_workspace_adds_beside_the_letter_is_signed_too(tmp_path: Path) -> None:
    before = a_press_with(tmp_path).template_digests()
    written(tmp_path, "email/letter/parts/event.html", "x")
    assert set(a_press_with(tmp_path).template_digests()) - set(before) == {
        "email/letter/parts/event.html"
    }


@pytest.mark.parametrize("name", [".body.html.swp", ".DS_Store", "body.html~", ".#body.html"])
def test_files_of_an_editing_program_are_no_templates(tmp_path: Path, name: str) -> None:
    before = a_press_with(tmp_path).template_digests()
    written(tmp_path, f"email/letter/{name}", "").write_bytes(b"\x00\xff")
    assert a_press_with(tmp_path).template_digests() == before


def test_every_shipped_template_compiles() -> None:
    names = [
        str(p.relative_to(SHIPPED)) for p in SHIPPED.rglob("*") if p.suffix in {".html", ".txt"}
    ]
    assert len(names) > 15
    for name in names:
        environment = Shelf([SHIPPED])._html
        environment.compile(environment.loader.get_source(environment, name)[0])  # type: ignore[union-attr]


def test_html_is_escaped_and_text_is_not(tmp_path: Path) -> None:
    shelf = Shelf([tmp_path])
    for suffix, shown in ((".html", "&lt;b&gt; &amp; &#34;"), (".txt", '<b> & "')):
        written(tmp_path, f"a{suffix}", "{{ x }}")
        assert shelf.fill(f"a{suffix}", {"x": '<b> & "'}) == shown


def test_templates_reach_no_file_outside_the_shelf(tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    shelf = Shelf([tmp_path / "templates"])
    for way in ("../secret.txt", "/etc/hostname", f"{tmp_path}/secret.txt"):
        written(tmp_path / "templates", "a.txt", f"{{% include '{way}' %}}")
        with pytest.raises(TemplateProblemError):
            shelf.fill("a.txt", {})


def test_unprintable_characters_disappear_and_blank_ones_leave_a_blank() -> None:
    assert printable("a\x00b\x0bc\x85d\ud800e\ufffff\tg\n\u200dh") == "ab c def\tg\n\u200dh"


def test_a_mark_stands_before_the_first_line_alone() -> None:
    assert wrap("word " * 20, first="* ", rest="  ").split("\n  ")[0].startswith("* word")
    assert wrap("") == wrap(" \n ") == ""


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_digest_follows_what_a_template_includes_from_elsewhere(tmp_path: Path) -> None:
    for name, text in {
        "email/letter/body.html": "{% include 'shared/note.html' %}",
        "shared/note.html": "{% import 'shared/deep.html' as deep %}",
        "shared/deep.html": "deep",
        "shared/other.html": "other",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    shelf = Shelf([tmp_path])
    assert list(shelf.digests("email/letter")) == [
        "email/letter/body.html",
        "shared/deep.html",
        "shared/note.html",
    ]
