"""How issues are shown to a person."""

from collections.abc import Sequence

from pprmail.bootstrap import App
from pprmail.cli import show
from pprmail.errors import DoubtError, GuardError
from pprmail.model.calendar import in_words
from pprmail.model.edition import name_of
from pprmail.model.issue import Issue
from pprmail.model.letter_test import LetterTest, LetterTestState
from pprmail.model.preflight import Preflight
from pprmail.services.assembly import Assembled
from pprmail.services.reports import EditionStatus, IssueReport, IssueStatus
from pprmail.services.why import ReaderStory


def show_assembled(assembled: Assembled) -> None:
    """Say what an assembly did."""
    issue = assembled.issue
    made = "was made" if assembled.is_new else "was there already"
    show.line(f"The issue of {issue.name} {made}; it is {issue.state}.")
    for place, summary in enumerate(issue.summaries, start=1):
        mark = "+" if summary.slug in assembled.taken_in else " "
        show.line(f"{mark} {place}. {summary.title}")
    for slug in assembled.left_outside:
        show.warning(f"not in it, because it is {issue.state}: {slug}")
    show.note(f"Next: pprmail issue check {issue.name}")


def show_preflight(preflight: Preflight) -> None:
    """List what was found."""
    for error in preflight.errors:
        show.line(f"error    {error.code}  {error.where}: {error.message}", style="red")
    for warning in preflight.warnings:
        show.line(f"warning  {warning.code}  {warning.where}: {warning.message}", style="yellow")
    if preflight.ok:
        show.line(f"{preflight.month} can be approved.")
        show.note(f"Next: pprmail issue preview {preflight.month} --out DIR")
    else:
        show.line(f"{preflight.month} can't be approved before the errors are mended.")


def show_tests(tests: Sequence[LetterTest]) -> None:
    """Say what became of each test; one that was refused or is in doubt ends the command so."""
    for test in tests:
        why = f": {test.detail}" if test.detail else ""
        show.line(f"{test.recipient}: {test.state}{why}")
    states = {test.state for test in tests}
    if LetterTestState.REFUSED in states:
        raise GuardError("not every test was taken", remedy="see above, address by address")
    if LetterTestState.IN_DOUBT in states:
        raise DoubtError("a test may have gone out", remedy="look into that mailbox")


def show_statuses(app: App, statuses: Sequence[IssueStatus]) -> None:
    """List issues."""
    rows = [
        (s.issue.name, s.issue.state, s.subject or "", _when(app, s), s.equation.frozen)
        for s in statuses
    ]
    show.table(["month", "state", "subject", "when", "readers"], rows)


def show_status(app: App, status: IssueStatus) -> None:
    """Say where an issue stands."""
    issue = status.issue
    paused = f", paused: {issue.pause_reason}" if issue.paused_at else ""
    show.line(f"{issue.name} is {issue.state}{paused}", style="bold")
    show.line(f"Subject: {status.subject or 'none yet'}")
    _show_approval(app, status)
    show.table(
        ["edition", "readers", "subject", "kB"],
        [_edition_row(status, edition) for edition in status.editions],
    )
    if issue.frozen_at:
        _show_equation(status)


def show_report(app: App, report: IssueReport) -> None:
    """Say what became of an issue."""
    show_status(app, report.status)
    facts = [
        *report.facts.items(),
        ("ended since", report.whole.left),
        ("no word", report.whole.no_word),
    ]
    show.table(["reported", "letters"], facts)
    if report.by_topic:
        rows = [(row["topic"], row["subscribers"], row["delivered"]) for row in report.by_topic]
        show.table(["topic", "readers", "delivered"], rows)


def show_what_follows(app: App, issue: Issue) -> None:
    """Say of an approved issue when it goes out, or how it does."""
    if issue.send_at:
        show.line(f"Goes out on {in_words(issue.send_at, app.newsroom.masthead.zone)}.")
        return
    name = issue.name
    show.note(f"Nothing is sent yet: pprmail issue schedule {name}, or pprmail issue send {name}")


def show_story(app: App, story: ReaderStory) -> None:
    """Tell what became of one issue for one reader."""
    zone, name = app.newsroom.masthead.zone, story.subscriber.name or story.subscriber.email
    show.line(f"{story.issue.name} for {name}: {story.outcome}", style="bold")
    show.line(f"{story.subscriber.email} is {story.standing}.")
    rows = [(in_words(m.at, zone) if m.at else "", m.words) for m in story.moments]
    show.table(["when", "what"], rows)
    if story.doubt:
        remedy = f"pprmail issue resolve {story.issue.name} --request {story.doubt}"
        show.warning(f"whether it was sent is in doubt: {remedy} --as accepted|resend|skip")


def _when(app: App, status: IssueStatus) -> str:
    moment = status.issue.sent_at or status.issue.send_at
    return in_words(moment, app.newsroom.masthead.zone) if moment else ""


def _show_approval(app: App, status: IssueStatus) -> None:
    approval, zone = status.approval, app.newsroom.masthead.zone
    if approval is None:
        show.line("Not approved.")
        return
    when = in_words(approval.approved_at, zone)
    show.line(f"Approved by {approval.approved_by} on {when}, {approval.fingerprint[:16]}…")
    if status.changed:
        show.warning(f"the approval holds no longer; changed since: {', '.join(status.changed)}")
    if status.issue.send_at:
        show.line(f"Goes out on {in_words(status.issue.send_at, zone)}.")


def _edition_row(status: IssueStatus, edition: EditionStatus) -> tuple[str, int, str, int]:
    name = name_of(edition.edition, status.issue)
    size = -(-edition.edition.html_bytes // 1000)
    return name, edition.subscribers, edition.edition.subject, size


def _show_equation(status: IssueStatus) -> None:
    equation = status.equation.as_json()
    frozen = equation.pop("frozen")
    terms = " + ".join(f"{count} {name}" for name, count in equation.items())
    verdict = "balanced" if status.balanced else "NOT BALANCED"
    show.line(f"{frozen} frozen = {terms}   ({verdict})")
    made = ", ".join(f"{count} {state}" for state, count in status.requests.items() if count)
    show.line(f"Requests: {made or 'none'}")
    for doubt in status.doubts:
        show.warning(f"request {doubt.id} is in doubt: {doubt.size} letters, {doubt.detail}")
