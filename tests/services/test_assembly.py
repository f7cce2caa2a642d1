"""A month's summaries become one letter, and its draft grows until it is approved."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest

from making import MONTH, NOW, a_newsroom, a_summary, an_approved_issue, stored
from pprmail.errors import NotFoundError, StateError
from pprmail.model.issue import Issue, IssueState
from pprmail.model.month import Month
from pprmail.services.assembly import (
    Assembled,
    assemble,
    assemble_in,
    month_in_hand,
    month_to_write,
)
from pprmail.services.importing import bring_in
from pprmail.services.review import see
from pprmail.services.steering import skip
from pprmail.sources.entry import Sources, TextEntry
from pprmail.storage.database import Database
from pprmail.storage.issues import all_issues

TEXT = TextEntry(MONTH, "News", "And more", ["two", "one"], "Hello.", "A notice.", "issue.md")


def test_a_months_summaries_come_in_as_they_were_stored_and_no_other_months(
    database: Database,
) -> None:
    stored(database, a_summary("Two?"), a_summary("One?"), a_summary("Other?", month="2026-12"))
    made = assembled(database)
    assert (made.is_new, made.taken_in, made.left_outside) == (True, ["two", "one"], [])
    assert (made.issue.name, made.issue.state) == (MONTH, IssueState.DRAFT)


def test_subject_and_preheader_are_proposed_from_the_titles(database: Database) -> None:
    stored(database, a_summary("Does It Help?"), a_summary("Who Leaves: A Study"))
    issue = assembled(database).issue
    assert (issue.subject, issue.preheader) == (None, None)
    seen = see(a_newsroom(database), MONTH, now=NOW)
    assert seen.editions[0].subject == "Does It Help? · Who Leaves"
    assert "Who Leaves: A Study" in seen.editions[0].html


def test_what_issue_md_says_takes_the_place_of_the_proposal(database: Database) -> None:
    stored(database, a_summary("One?"), a_summary("Two?"), a_summary("Three?"))
    bring_in(a_newsroom(database), Sources(texts=[TEXT]), who="test", now=NOW)
    issue = assembled(database).issue
    assert (issue.subject, issue.preheader) == ("News", "And more")
    assert (issue.introduction, issue.notices) == ("Hello.", "A notice.")
    assert slugs(issue) == ["two", "one", "three"]
    assert [entry.position for entry in issue.entries] == [0, 1, 2]
    assert see(a_newsroom(database), MONTH, now=NOW).editions[0].subject == "News"


def test_assembling_again_grows_the_draft_and_changes_nothing_else(database: Database) -> None:
    stored(database, a_summary("One?"))
    assembled(database)
    with database.write() as session:
        all_issues(session)[0].subject = "My own subject"
    stored(database, a_summary("Two?"))
    again = assembled(database)
    assert (again.is_new, again.taken_in) == (False, ["two"])
    assert (again.issue.subject, slugs(again.issue)) == ("My own subject", ["one", "two"])
    version = again.issue.version
    assert (assembled(database).taken_in, assembled(database).issue.version) == ([], version)


def test_a_month_is_assembled_once_even_when_two_do_it_at_the_same_moment(
    database: Database,
) -> None:
    stored(database, a_summary("One?"), a_summary("Two?"))
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: tried(database), range(4)))
    assert made.count(True) == 1
    with database.read() as session:
        (issue,) = all_issues(session)
        assert slugs(issue) == ["one", "two"]


def test_a_month_without_summaries_is_refused_and_no_issue_is_left(database: Database) -> None:
    with pytest.raises(NotFoundError, match="there is no summary of 2026-11") as refusal:
        assembled(database)
    assert "pprmail summaries import" in refusal.value.remedy
    with database.read() as session:
        assert list(all_issues(session)) == []


def test_more_than_six_are_refused_by_name_and_no_issue_is_left(database: Database) -> None:
    stored(database, *(a_summary(f"Number {n}?") for n in range(8)))
    with pytest.raises(StateError, match="more than 6 summaries") as refusal:
        assembled(database)
    assert refusal.value.where == "number-6, number-7"
    assert "another month" in refusal.value.remedy
    with database.read() as session:
        assert list(all_issues(session)) == []


def test_the_scheduler_takes_six_and_names_what_stays_outside(database: Database) -> None:
    stored(database, *(a_summary(f"Number {n}?") for n in range(7)))
    with database.write() as session:
        made = assemble_in(session, MONTH, who="scheduler", now=NOW)
        assert (len(made.taken_in), made.left_outside) == (6, ["number-6"])


def test_an_approved_issue_is_left_as_it_is_and_its_newcomers_are_named(
    database: Database,
) -> None:
    an_approved_issue(a_newsroom(database), a_summary("One?"))
    stored(database, a_summary("Two?"))
    again = assembled(database)
    assert (again.taken_in, again.left_outside) == ([], ["two"])
    assert (again.issue.state, slugs(again.issue)) == (IssueState.APPROVED, ["one"])


def test_a_skipped_month_takes_nothing_in(database: Database) -> None:
    stored(database, a_summary("One?"))
    skip(a_newsroom(database), MONTH, who="test", now=NOW)
    again = assembled(database)
    assert (again.issue.state, again.taken_in) == (IssueState.SKIPPED, [])


def test_the_month_in_hand_is_the_oldest_begun_else_this_one_where_the_letter_is_at_home(
    database: Database,
) -> None:
    newsroom = a_newsroom(database)
    midnight = datetime(2026, 12, 1, 3, 0, tzinfo=UTC)
    assert month_in_hand(newsroom, now=midnight) == "2026-11"
    stored(database, a_summary("One?", month="2026-10"), a_summary("Two?"))
    for month in ("2026-11", "2026-10"):
        assemble(newsroom, Month(month), who="test", now=NOW)
    assert month_in_hand(newsroom, now=NOW) == "2026-10"
    skip(newsroom, Month("2026-10"), who="test", now=NOW)
    assert month_in_hand(newsroom, now=NOW) == "2026-11"


def test_what_is_written_next_is_for_the_first_month_whose_letter_may_still_change(
    database: Database,
) -> None:
    newsroom = a_newsroom(database)
    assert month_to_write(newsroom, now=NOW) == MONTH
    an_approved_issue(newsroom, a_summary("One?"))
    assert month_to_write(newsroom, now=NOW) == MONTH
    skip(newsroom, MONTH, who="test", now=NOW)
    assert month_to_write(newsroom, now=NOW) == "2026-12"


def assembled(database: Database) -> Assembled:
    return assemble(a_newsroom(database), MONTH, who="test", now=NOW)


def tried(database: Database) -> bool:
    return assembled(database).is_new


def slugs(issue: Issue) -> list[str]:
    return [summary.slug for summary in issue.summaries]
