"""A pasted page is looked at first; what is chosen of it is imported, and nothing else."""

import pytest

from making import ALLIANCE, NOW, a_newsroom
from pprmail.errors import SourceError
from pprmail.model.issue import IssueState
from pprmail.model.month import Month
from pprmail.model.wording import Fate
from pprmail.services.archive import listed, shown
from pprmail.services.assembly import assemble
from pprmail.services.pasted import Page, import_chosen, look_at, place_of
from pprmail.storage.database import Database
from pprmail.storage.issues import issue_named
from sources.test_blog_page import ADVICE, BODY, CITED, CITED_TOO, TOP


def page(*months: tuple[str, str, str]) -> Page:
    entries = (
        f"{month}\n{title}\n{CITED}\n{body}\nPractice Implications\n{ADVICE.strip()}\n"
        for month, title, body in months
    )
    return Page(TOP + "".join(entries), "the pasted text")


FIRST = page(("May 2021", "Do Plants Calm?", BODY), ("April 2021", "Do Ponds?", BODY))
SECOND = page(
    ("May 2021", "Do Plants Calm?", BODY.replace("calmer", "happier", 1)),
    ("April 2021", "Do Ponds?", BODY),
    ("March 2021", "Does Shade?", BODY),
)


def test_a_page_is_shown_as_new_changed_and_same_before_anything_is_done(sqlite: Database) -> None:
    newsroom = a_newsroom(sqlite)
    everything = {place_of(entry) for entry in look_at(newsroom, FIRST).comparison.new}
    import_chosen(newsroom, FIRST, everything, who="test", now=NOW)
    looked = look_at(newsroom, SECOND)
    assert [entry.title for entry in looked.comparison.new] == ["Does Shade?"]
    assert [summary.title for summary in looked.same] == ["Do Ponds?"]
    ((change, fields),) = looked.changed
    assert change.name == "do-plants-calm"
    changed = [p.text for p in fields[0].pieces if p.fate is not Fate.STAYS]
    assert changed == ["calmer", "happier"]
    assert len(listed(newsroom)) == 2


def test_what_is_not_chosen_stays_as_it_is(sqlite: Database) -> None:
    newsroom = a_newsroom(sqlite)
    new = look_at(newsroom, FIRST).comparison.new
    first = Page(FIRST.text, FIRST.name, ["Alliance and Therapeutic Relationship"], "Meta-analysis")
    import_chosen(newsroom, first, {place_of(new[0])}, who="test", now=NOW)
    (summary,) = listed(newsroom)
    assert (summary.title, summary.topics, summary.type_of_research) == (
        "Do Plants Calm?",
        [ALLIANCE],
        "Meta-analysis",
    )
    looked = look_at(newsroom, SECOND)
    shade = next(e for e in looked.comparison.new if e.title == "Does Shade?")
    import_chosen(newsroom, SECOND, {place_of(shade)}, who="test", now=NOW)
    assert "calmer" in shown(newsroom, "do-plants-calm").body


def test_what_went_out_is_not_replaced(
    sqlite: Database,
) -> None:
    newsroom = a_newsroom(sqlite)
    first = {place_of(entry) for entry in look_at(newsroom, FIRST).comparison.new}
    import_chosen(newsroom, FIRST, first, who="test", now=NOW)
    assemble(newsroom, Month("2021-05"), who="test", now=NOW)
    with sqlite.write() as session:
        issue = issue_named(session, "2021-05")
        issue.state, issue.frozen_at = IssueState.SENT, NOW
    looked = look_at(newsroom, SECOND)
    assert looked.sent == {"do-plants-calm"}
    everything = {place_of(c.source) for c in looked.comparison.changed}  # type: ignore[arg-type]
    imported = import_chosen(newsroom, SECOND, everything, who="test", now=NOW)
    assert [change.name for change in imported.kept] == ["do-plants-calm"]
    assert "happier" not in shown(newsroom, "do-plants-calm").body


def test_a_month_that_can_not_be_read_keeps_no_other_from_coming_in(sqlite: Database) -> None:
    doubtful = (
        f"June 2021\nOne?\n{BODY}\nTwo?\n{CITED_TOO}\n{BODY}\nPractice Implications\n{ADVICE}\n"
    )
    looked = look_at(a_newsroom(sqlite), Page(TOP + doubtful + FIRST.text[len(TOP) :], "page"))
    assert len(looked.comparison.new) == 2
    (problem,) = looked.unreadable
    assert problem.message.startswith("it can't be told whether another entry begins here")
    cut = look_at(a_newsroom(sqlite), Page(FIRST.text.rstrip()[:-30], "page"))
    assert [entry.title for entry in cut.comparison.new] == ["Do Plants Calm?"]
    assert "ends in the middle" in cut.unreadable[0].message


def test_what_is_no_page_of_the_blog_says_so(sqlite: Database) -> None:
    with pytest.raises(SourceError, match="no page of the blog"):
        look_at(a_newsroom(sqlite), Page("Just some words.", "page"))
