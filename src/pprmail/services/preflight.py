"""Preflight: everything that is looked at before a letter may be approved.

An error blocks; a warning is shown, and whoever approves accepts it by name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pprmail.model.audience import MOST_TOPICS
from pprmail.model.edition import Edition
from pprmail.model.issue import MOST_SUMMARIES, USUAL_SUMMARIES, Issue
from pprmail.model.masthead import Masthead
from pprmail.model.preflight import Finding, Preflight
from pprmail.model.subject import LONGEST_PREHEADER, lead_of
from pprmail.model.summary import Summary
from pprmail.model.topic import Topics
from pprmail.services.edition_rules import edition_errors, edition_warnings
from pprmail.services.second_look import findings_in

USUAL_BODY_WORDS: Final = (80, 350)
USUAL_IMPLICATIONS_WORDS: Final = 150
LONGEST_BRIEF: Final = 160
SHORTEST_PREHEADER: Final = 40


@dataclass(frozen=True)
class Subjects:
    """What is looked at."""

    issue: Issue
    editions: Sequence[Edition]
    masthead: Masthead
    topics: Topics
    sent_before: Sequence[tuple[str, str]]
    outside: Sequence[str]
    sender: str
    hears_back: bool
    is_unmended: bool = False


def look(at: Subjects) -> Preflight:
    """Look at everything."""
    if not at.issue.is_monthly:
        return _look_at_correction(at)
    errors = [*_number_errors(at), *_sender_errors(at), *_repeats(at)]
    warnings = [
        *_number_warnings(at),
        *_sender_warnings(at),
        *_fixed_subject(at),
        *_fixed_preheader(at),
    ]
    for summary in at.issue.summaries:
        errors += _summary_errors(summary, at.topics)
        warnings += [*_summary_warnings(summary), *findings_in(summary)]
    for edition in at.editions:
        errors += edition_errors(edition, at.issue, masthead=at.masthead)
        warnings += edition_warnings(edition, at.issue)
    return Preflight(at.issue.name, _each_once(errors), _each_once(warnings))


def _look_at_correction(at: Subjects) -> Preflight:
    """Look at what a correction shares with a letter; its summary was looked at once already."""
    errors = [*_sender_errors(at), *_untold(at)]
    warnings = [*_sender_warnings(at), *_unmended(at)]
    for edition in at.editions:
        errors += edition_errors(edition, at.issue, masthead=at.masthead)
        warnings += edition_warnings(edition, at.issue)
    return Preflight(at.issue.name, _each_once(errors), _each_once(warnings))


def _unmended(at: Subjects) -> Iterator[Finding]:
    if at.is_unmended:
        message = "the summary itself has not been mended: it would be sent as it was"
        yield Finding("not_mended", message, f"summary {at.issue.summaries[0].slug}")


def _untold(at: Subjects) -> Iterator[Finding]:
    if not at.issue.introduction.strip():
        yield Finding("no_note", "it does not say what was wrong", f"issue {at.issue.name}")


def _number_errors(at: Subjects) -> Iterator[Finding]:
    count, place = len(at.issue.summaries), f"issue {at.issue.name}"
    if count == 0:
        yield Finding("no_summary", "there is no summary in it", place)
    if count >= MOST_SUMMARIES and at.outside:
        left = f"it holds six, so these of its month are left out: {', '.join(at.outside)}"
        yield Finding("too_many_summaries", left, place)
    if len({topic for s in at.issue.summaries for topic in s.topics}) > MOST_TOPICS:
        yield Finding(
            "too_many_topics", f"its summaries carry more than {MOST_TOPICS} topics", place
        )


def _number_warnings(at: Subjects) -> Iterator[Finding]:
    count, (fewest, most) = len(at.issue.summaries), USUAL_SUMMARIES
    if count and not fewest <= count <= most:
        message = f"it holds {count} {'summary' if count == 1 else 'summaries'}; readers expect two or three"
        yield Finding("unusual_number", message, f"issue {at.issue.name}")


def _sender_errors(at: Subjects) -> Iterator[Finding]:
    if not at.masthead.from_email:
        yield Finding("no_sender", "nobody is named as the sender", "[newsletter] from_email")
    if not at.masthead.postal_address.strip():
        yield Finding(
            "no_postal_address",
            "the law asks for one in every letter",
            "[newsletter] postal_address",
        )


def _sender_warnings(at: Subjects) -> Iterator[Finding]:
    if at.masthead.is_on_loopback:
        yield Finding(
            "local_base_url",
            "readers can't reach the pages on this machine",
            "[newsletter] base_url",
        )
    if at.sender == "sendgrid" and not at.hears_back:
        yield Finding(
            "no_webhook_key",
            "no word will come of what was delivered or bounced",
            "[sendgrid] webhook_public_key",
        )
    if at.sender == "smtp":
        yield Finding(
            "no_reports",
            "no word will come of what was delivered or bounced",
            "[delivery] sender",
        )


def _repeats(at: Subjects) -> Iterator[Finding]:
    for slug, name in at.sent_before:
        yield Finding("already_sent", f"readers got it in the issue of {name}", f"summary {slug}")


def _summary_errors(summary: Summary, topics: Topics) -> Iterator[Finding]:
    place = f"summary {summary.slug}"
    if not summary.title.strip():
        yield Finding("no_title", "it has no title", place)
    if not summary.implications.strip():
        yield Finding("no_implications", "it has no Practice Implications", place)
    if not summary.topics:
        yield Finding(
            "no_topic", "it has no topic, so only readers of everything would get it", place
        )
    for slug in summary.topics:
        if topics.find(slug) is None:
            yield Finding("unknown_topic", f"“{slug}” is no topic; retire it in topics.toml", place)


def _summary_warnings(summary: Summary) -> Iterator[Finding]:
    place = f"summary {summary.slug}"
    words, (fewest, most) = len(summary.body.split()), USUAL_BODY_WORDS
    if not summary.citation:
        yield Finding("no_citation", "it cites no study", place)
    if not summary.doi:
        yield Finding("no_doi", "readers have no link to the study", place)
    if words < fewest:
        yield Finding("short_body", f"its text has only {words} words", place)
    if words > most:
        yield Finding("long_body", f"its text has {words} words; {most} are usual at most", place)
    implications = len(summary.implications.split())
    if implications > USUAL_IMPLICATIONS_WORDS:
        yield Finding("long_implications", f"its implications have {implications} words", place)
    if len(summary.in_brief or "") > LONGEST_BRIEF:
        message = f"“In brief” has {len(summary.in_brief or '')} characters; it should be one line"
        yield Finding("long_brief", message, place)


def _fixed_preheader(at: Subjects) -> Iterator[Finding]:
    fixed = at.issue.preheader
    if not fixed:
        return
    if not SHORTEST_PREHEADER <= len(fixed) <= LONGEST_PREHEADER:
        usual = f"{SHORTEST_PREHEADER} to {LONGEST_PREHEADER} are good"
        message = f"its preheader has {len(fixed)} characters; {usual}"
        yield Finding("preheader_length", message, f"issue {at.issue.name}")
    if any(edition.subject == fixed for edition in at.editions):
        message = "its preheader says the subject again"
        yield Finding("preheader_repeats", message, f"issue {at.issue.name}")


def _fixed_subject(at: Subjects) -> Iterator[Finding]:
    fixed = (at.issue.subject or "").casefold()
    for place, summary in enumerate(at.issue.summaries):
        lacking = [e for e in at.editions if e.selection and not e.selection >> place & 1]
        if fixed and lacking and lead_of(summary.title).casefold().rstrip("?") in fixed:
            yield Finding(
                "fixed_subject",
                f"it names “{summary.title}”, which {len(lacking)} of the editions do not hold",
                f"issue {at.issue.name}",
            )


def _each_once(findings: list[Finding]) -> list[Finding]:
    return list(dict.fromkeys(findings))
