"""A reader's parts are put in by replacing keys: no key may stand where none was meant."""

from dataclasses import replace
from pathlib import Path

import pytest

from making import MASTHEAD, a_press, a_summary, an_issue
from pprmail.model.issue import Issue
from pprmail.model.masthead import Masthead
from pprmail.model.personal import PARTS, key
from pprmail.model.topic import Topic, Topics
from pprmail.rendering.letter import Press
from pprmail.shipped import shipped
from rendering.letters import a_full_issue, a_press_with, read_by
from rendering.reading import shown

FIELDS = ["title", "citation", "type_of_research", "in_brief", "body", "implications"]
TEXTS = ["subject", "preheader", "introduction", "notices"]
SPELLINGS = [
    "-pm.leave-",
    r"-pm\.leave-",
    "-pm&#46;leave-",
    "-p&#109;.leave-",
    "-pm[.](https://example.org/)leave-",
    "-pm![.](https://example.org/)leave-",
    "[x](https://example.org/-pm.leave-)",
    "`-pm.leave-`",
]


@pytest.mark.parametrize("field", FIELDS)
def test_a_key_in_a_field_of_a_summary_moves_the_mark(field: str) -> None:
    summary = a_summary()
    setattr(summary, field, "Says -pm.leave- and -pm1.why_html-")
    assert_keys_are_the_templates_own(a_press(), an_issue(summary), mark="pm2")


@pytest.mark.parametrize("field", TEXTS)
def test_a_key_in_a_text_of_the_issue_moves_the_mark(field: str) -> None:
    issue = a_full_issue(1, **{field: "Says -pm.leave- and -pm1.why_html-"})
    assert_keys_are_the_templates_own(a_press(), issue, mark="pm2")


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_key_that_only_markdown_puts_together_moves_the_mark(spelling: str) -> None:
    issue = an_issue(a_summary(body=spelling))
    assert_keys_are_the_templates_own(a_press(), issue, mark="pm1")


def test_a_key_in_the_title_of_another_summary_moves_the_mark() -> None:
    issue = an_issue(a_summary("One?"), a_summary("Two -pm.leave-?"))
    assert_keys_are_the_templates_own(a_press(), issue, mark="pm1")


@pytest.mark.parametrize(
    "masthead",
    [
        replace(MASTHEAD, name="Letter -pm.leave-"),
        replace(MASTHEAD, postal_address="1 Street\n-pm.leave- Town"),
        replace(MASTHEAD, reply_to="letter-pm.leave-@example.org"),
        replace(MASTHEAD, base_url="https://letter-pm.example.org"),
        replace(MASTHEAD, brand=replace(MASTHEAD.brand, logo_url="https://logo-pm.example.org/")),
    ],
)
def test_a_key_in_the_masthead_moves_the_mark(masthead: Masthead) -> None:
    assert_keys_are_the_templates_own(a_press(masthead), an_issue(a_summary()), mark="pm1")


def test_a_key_in_the_name_of_any_topic_of_the_issue_moves_the_mark() -> None:
    listed = Topics((Topic("a", "A", "g"), Topic("b", "B -pm.leave-", "g")))
    press = a_press(topics=listed)
    issue = an_issue(a_summary("One?", topics=["a"]), a_summary("Two?", topics=["b"]))
    # Readers of the first summary alone are told which topics they follow, the second's too.
    assert press.edition(issue, 1).mark == "pm1"


def test_a_key_in_a_wording_moves_the_mark(tmp_path: Path) -> None:
    wordings = shipped("templates") / "email" / "letter" / "words.toml"
    own = tmp_path / "email" / "letter" / "words.toml"
    own.parent.mkdir(parents=True)
    own.write_text(wordings.read_text().replace("Dear reader,", "Dear -pm.leave-,"))
    assert a_press_with(tmp_path).edition(an_issue(a_summary()), 1).mark == "pm1"


def test_what_looks_like_a_key_reaches_the_reader_as_it_was_written() -> None:
    issue = an_issue(a_summary(body="Write -pm.leave- to leave."))
    html, text = read_by(a_press().edition(issue, 1))
    assert "Write -pm.leave- to leave." in shown(html)
    assert "Write -pm.leave- to leave." in text


def assert_keys_are_the_templates_own(press: Press, issue: Issue, *, mark: str) -> None:
    edition = press.edition(issue, 1)
    assert edition.mark == mark
    for part in PARTS:
        assert edition.subject.count(key(mark, part)) == 0
        assert edition.html.count(key(mark, part)) == (0 if part.endswith("_text") else 1)
        assert edition.text.count(key(mark, part)) == (0 if part.endswith("_html") else 1)
