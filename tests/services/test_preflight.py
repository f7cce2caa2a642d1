from dataclasses import replace
from typing import Any

import pytest

from making import (
    ALLIANCE,
    EMPATHY,
    MASTHEAD,
    NOW,
    PaperSender,
    a_newsroom,
    a_postroom,
    a_press,
    a_reader,
    a_summary,
    an_approved_issue,
    stored,
)
from pprmail.model.issue import MOST_SUMMARIES
from pprmail.model.month import Month
from pprmail.model.preflight import Preflight
from pprmail.services.assembly import assemble, assemble_in
from pprmail.services.dispatch.freeze import freeze
from pprmail.services.newsroom import Newsroom
from pprmail.services.review import check
from pprmail.storage.database import Database
from pprmail.storage.issues import issue_named, open_issue
from pprmail.storage.tables import Edition, IssueSummary, Summary

MONTH = Month("2026-11")


def look(newsroom: Newsroom, *summaries: Summary, **issue: Any) -> Preflight:
    """Store and assemble summaries, change the issue, and look at it."""
    stored(newsroom.database, *summaries)
    assemble(newsroom, MONTH, who="test", now=NOW)
    with newsroom.database.write() as session:
        for name, value in issue.items():
            setattr(issue_named(session, MONTH), name, value)
    return check(newsroom, MONTH, now=NOW)


def codes(preflight: Preflight) -> tuple[list[str], list[str]]:
    return [e.code for e in preflight.errors], [w.code for w in preflight.warnings]


def test_two_whole_summaries_give_no_finding_at_all(sqlite: Database) -> None:
    found = look(
        a_newsroom(sqlite), a_summary("One Thing?"), a_summary("Another?", topics=[EMPATHY])
    )
    assert codes(found) == ([], [])
    assert found.ok


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"title": "  "}, "no_title"),
        ({"implications": " \n"}, "no_implications"),
        ({"topics": []}, "no_topic"),
        ({"topics": ["alchemy"]}, "unknown_topic"),
    ],
)
def test_a_summary_that_lacks_something_blocks(
    sqlite: Database, changed: dict[str, Any], code: str
) -> None:
    found = look(
        a_newsroom(sqlite),
        a_summary(**({"title": "A?", "slug": "a"} | changed)),
        a_summary("Another?"),
    )
    assert codes(found)[0] == [code]
    assert found.errors[0].where == "summary a"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"citation": None}, "no_citation"),
        ({"doi": None}, "no_doi"),
        ({"body": "Too little."}, "short_body"),
        ({"body": "word " * 351}, "long_body"),
        ({"implications": "word " * 151}, "long_implications"),
        ({"in_brief": "w" * 161}, "long_brief"),
        ({"body": "Some words. " * 50 + "It was p = 1.4."}, "impossible_p"),
        ({"body": "Some words. " * 50 + "[here](https://example.org)"}, "vague_link"),
        ({"body": "Some words. " * 50 + f"[it](https://example.org/{'f' * 32})"}, "long_link"),
        ({"body": "Some words. " * 50 + f"[it](https://x.org/{'y/' * 256})"}, "long_link"),
        ({"body": "Word " * 80 + "[it](https://x.org/1) [it](https://x.org/2)"}, "same_words"),
    ],
)
def test_a_summary_that_could_be_better_warns(
    sqlite: Database, changed: dict[str, Any], code: str
) -> None:
    found = look(
        a_newsroom(sqlite),
        a_summary(**({"title": "A?", "slug": "a"} | changed)),
        a_summary("Another?"),
    )
    assert codes(found) == ([], [code])


def test_an_introduction_may_link_a_title_that_the_contents_list_links_too(
    sqlite: Database,
) -> None:
    introduction = "See [One Thing?](https://letter.example.org/summaries/one-thing)."
    summaries = a_summary("One Thing?"), a_summary("Another?")
    assert codes(look(a_newsroom(sqlite), *summaries, introduction=introduction)) == ([], [])


@pytest.mark.parametrize(
    ("preheader", "expected"),
    [
        ("Short", ["preheader_length"]),
        ("w" * 131, ["preheader_length"]),
        ("What the month's summaries say, in one sentence.", []),
        (f"News {'and more ' * 5}", ["preheader_repeats"]),
    ],
)
def test_a_preheader_of_the_editor_s_is_news_of_some_length(
    sqlite: Database, preheader: str, expected: list[str]
) -> None:
    summaries = a_summary("One Thing?"), a_summary("Another?")
    subject = f"News {'and more ' * 5}".strip()
    found = look(a_newsroom(sqlite), *summaries, subject=subject, preheader=preheader.strip())
    assert codes(found) == ([], expected)


def test_an_edition_that_grows_long_warns_before_it_blocks(sqlite: Database) -> None:
    long = a_summary("One Thing?", body="**x** " * 3000)
    assert ("large" in codes(look(a_newsroom(sqlite), long, a_summary("Two?")))[1]) is True


def test_an_issue_without_a_summary_blocks(sqlite: Database) -> None:
    with sqlite.write() as session:
        open_issue(session, MONTH, now=NOW)
    assert codes(check(a_newsroom(sqlite), MONTH, now=NOW)) == (["no_summary"], [])


@pytest.mark.parametrize(("count", "warns"), [(1, True), (2, False), (3, False), (4, True)])
def test_another_number_than_two_or_three_warns_and_blocks_nothing(
    sqlite: Database, count: int, warns: bool
) -> None:
    found = look(a_newsroom(sqlite), *(a_summary(f"Question {n}?") for n in range(count)))
    assert found.ok
    assert ("unusual_number" in codes(found)[1]) is warns


def test_a_seventh_summary_of_the_month_blocks_and_is_named(sqlite: Database) -> None:
    newsroom = a_newsroom(sqlite)
    stored(sqlite, *(a_summary(f"Question {n}?") for n in range(MOST_SUMMARIES + 1)))
    with sqlite.write() as session:
        assemble_in(session, MONTH, who="scheduler", now=NOW)
    found = check(newsroom, MONTH, now=NOW)
    assert codes(found)[0] == ["too_many_summaries"]
    assert "question-6" in found.errors[0].message


@pytest.mark.parametrize(
    ("changed", "code"),
    [({"from_email": ""}, "no_sender"), ({"postal_address": " "}, "no_postal_address")],
)
def test_a_letter_from_nobody_or_nowhere_blocks(
    sqlite: Database, changed: dict[str, str], code: str
) -> None:
    press = a_press(replace(MASTHEAD, **changed))  # type: ignore[arg-type]
    found = look(a_newsroom(sqlite, press=press), a_summary("One?"), a_summary("Another?"))
    assert codes(found)[0] == [code]


def test_pages_on_this_machine_alone_warn(sqlite: Database) -> None:
    press = a_press(replace(MASTHEAD, base_url="http://127.0.0.1:8000"))
    found = look(a_newsroom(sqlite, press=press), a_summary("One?"), a_summary("Another?"))
    assert codes(found) == ([], ["local_base_url"])


def test_sending_without_hearing_back_warns(sqlite: Database) -> None:
    deaf = a_newsroom(sqlite, hears_back=False)
    found = look(deaf, a_summary("One?"), a_summary("Another?"))
    assert codes(found) == ([], ["no_webhook_key"])
    rehearsal = replace(deaf, sender="outbox")
    assert codes(check(rehearsal, MONTH, now=NOW)) == ([], [])


@pytest.mark.parametrize("hears_back", [True, False])
def test_a_mail_server_reports_nothing_and_needs_no_key_for_that(
    sqlite: Database, hears_back: bool
) -> None:
    newsroom = a_newsroom(sqlite, sender="smtp", hears_back=hears_back)
    found = look(newsroom, a_summary("One?"), a_summary("Another?"))
    assert codes(found) == ([], ["no_reports"])


def test_a_summary_that_went_out_before_blocks_and_says_when(
    sqlite: Database, tmp_path: Any
) -> None:
    newsroom = a_newsroom(sqlite)
    a_reader(sqlite, "r@example.org")
    earlier = an_approved_issue(newsroom, a_summary("One?", month="2026-10"))
    freeze(a_postroom(newsroom, tmp_path, PaperSender()), earlier, who="test", now=NOW)
    stored(sqlite, a_summary("Another?"))
    assemble(newsroom, MONTH, who="test", now=NOW)
    with sqlite.write() as session:
        old = session.query(Summary).filter(Summary.slug == "one").one()
        issue = issue_named(session, MONTH)
        issue.entries.append(IssueSummary(summary=old, position=1))
    found = check(newsroom, MONTH, now=NOW)
    assert codes(found)[0] == ["already_sent"]
    assert "2026-10" in found.errors[0].message


@pytest.mark.parametrize(
    "address",
    ["http://example.org/paper", "/paper", "paper.html", "//example.org/x"],
)
def test_a_link_that_is_no_https_address_blocks_once(sqlite: Database, address: str) -> None:
    linked = a_summary("One?", body=f"See [the paper]({address}). " * 30)
    found = look(a_newsroom(sqlite), linked, a_summary("Another?", topics=[EMPATHY]))
    assert codes(found)[0] == ["bad_link"]
    assert address in found.errors[0].message


def test_good_links_are_let_pass(sqlite: Database) -> None:
    linked = a_summary("One?", body="[A](https://example.org) [B](mailto:a@example.org) " * 30)
    assert look(a_newsroom(sqlite), linked, a_summary("Another?")).ok


def test_a_provider_tag_in_a_text_blocks(sqlite: Database) -> None:
    tagged = a_summary("One?", body="Press <%asm_group_unsubscribe_raw_url%> now. " * 30)
    found = look(a_newsroom(sqlite), tagged, a_summary("Another?"))
    assert "unresolved_placeholder" in codes(found)[0]


@pytest.mark.parametrize("code", ["{{ name }}", "{% if x %}", "-pm.leave-", "%name%"])
def test_what_looks_like_code_in_a_text_is_only_a_text(sqlite: Database, code: str) -> None:
    quoted = a_summary("One?", body=f"Write {code} to see it. " * 30)
    assert look(a_newsroom(sqlite), quoted, a_summary("Another?")).ok


@pytest.mark.parametrize(
    ("field", "change", "code"),
    [
        ("subject", lambda _: "", "empty_subject"),
        ("subject", lambda _: "s" * 79, None),
        ("html", lambda html: html + "x" * 90_000, "too_large"),
        ("html", lambda html: html.replace("-pm.leave-", "gone"), "no_unsubscribe"),
        ("text", lambda text: text.replace("-pm.leave-", "gone"), "no_unsubscribe"),
        ("html", lambda html: html + "-pm.unknown-", "unresolved_placeholder"),
        ("text", lambda text: text + "{{ forgotten }}", "unresolved_placeholder"),
    ],
)
def test_an_edition_that_could_not_be_sent_blocks(
    sqlite: Database, field: str, change: Any, code: str | None
) -> None:
    newsroom = a_newsroom(sqlite)
    look(newsroom, a_summary("One?"), a_summary("Another?"))
    with sqlite.write() as session:
        edition = session.query(Edition).filter(Edition.selection == 3).one()
        setattr(edition, field, change(getattr(edition, field)))
    found = check(newsroom, MONTH, now=NOW)
    assert codes(found)[0] == ([code] if code else [])
    if code is None:
        assert codes(found)[1] == ["long_subject"]
    else:
        assert found.errors[0].where == "edition 1+2"


def test_a_fixed_subject_that_names_what_an_edition_lacks_warns(sqlite: Database) -> None:
    found = look(
        a_newsroom(sqlite),
        a_summary("Whose Alliance Is It?", topics=[ALLIANCE]),
        a_summary("Another?", topics=[EMPATHY]),
        subject="Whose alliance is it, and more",
    )
    assert codes(found) == ([], ["fixed_subject"])
