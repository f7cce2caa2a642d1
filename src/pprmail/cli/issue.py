"""Commands for issues: from assembly to the report."""

import signal
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pprmail.bootstrap import App
from pprmail.cli import show
from pprmail.cli.door import (
    AsJson,
    By,
    OneIssue,
    OneMonth,
    SomeIssue,
    SomeMonth,
    command,
    moment,
    now,
)
from pprmail.cli.issue_shown import (
    show_assembled,
    show_preflight,
    show_report,
    show_status,
    show_statuses,
    show_story,
    show_what_follows,
)
from pprmail.errors import DoubtError, StateError
from pprmail.model.calendar import in_words
from pprmail.model.edition import name_of
from pprmail.model.issue import IssueState
from pprmail.model.month import Month
from pprmail.services import reports, review, steering
from pprmail.services.assembly import assemble as assemble_month
from pprmail.services.assembly import month_in_hand
from pprmail.services.dispatch.recall import undo as undo_issue
from pprmail.services.dispatch.rehearse import rehearse
from pprmail.services.dispatch.run import Run, send_patiently
from pprmail.services.dispatch.settle import resolve as settle_doubt
from pprmail.services.issue_editing import issue_to_edit
from pprmail.services.preview import write_preview
from pprmail.services.why import why as tell_why

group = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Issues: assemble, check, preview, approve, send.",
)

WHO = "cli"


class Order(StrEnum):
    """What may be decided about a doubt."""

    ACCEPTED = "accepted"
    RESEND = "resend"
    SKIP = "skip"


@command(group, "assemble")
def assemble(app: App, month: SomeMonth = None) -> None:
    """Put a month's summaries together as its issue, or let its draft grow."""
    assembled = assemble_month(app.newsroom, month or _month(app), who=WHO, now=now())
    show_assembled(assembled)


@command(group, "list")
def list_(app: App, *, as_json: AsJson = False) -> None:
    """List every issue, the newest first."""
    statuses = reports.statuses(app.newsroom, now=now())
    if as_json:
        show.document([status.as_json() for status in statuses])
    else:
        show_statuses(app, statuses)


@command(group, "status")
def status(app: App, month: SomeIssue = None, *, as_json: AsJson = False) -> None:
    """Say where an issue stands: its approval, editions, deliveries and doubts."""
    found = reports.status(app.newsroom, month or _month(app), now=now())
    if as_json:
        show.document(found.as_json())
    else:
        show_status(app, found)


@command(group, "report")
def report(app: App, month: SomeIssue = None, *, as_json: AsJson = False) -> None:
    """Say what became of an issue, as far as the provider told."""
    found = reports.report(app.newsroom, month or _month(app), now=now())
    if as_json:
        show.document(found.as_json())
    else:
        show_report(app, found)


@command(group, "check")
def check(app: App, month: SomeIssue = None, *, as_json: AsJson = False) -> None:
    """Look at everything that must be right; errors block an approval, warnings are shown."""
    preflight = review.check(app.newsroom, month or _month(app), now=now())
    if as_json:
        show.document(preflight.as_json())
    else:
        show_preflight(preflight)
    if not preflight.ok:
        raise typer.Exit(1)


@command(group, "preview")
def preview(
    app: App,
    month: SomeIssue = None,
    *,
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Where the files go.")],
) -> None:
    """Write every edition as HTML, text and .eml, with an index of who gets which."""
    seen = review.see(app.newsroom, month or _month(app), now=now())
    index = write_preview(app.postroom, app.pages, seen, out)
    rows = [
        (name_of(e, seen.issue), seen.readers_of(e), e.subject, e.fingerprint[:12])
        for e in seen.editions
    ]
    show.table(["edition", "readers today", "subject", "fingerprint"], rows)
    show.line(f"Open {index}")


@command(group, "approve")
def approve(app: App, month: SomeIssue = None, *, by: By) -> None:
    """Approve exactly what is there now, and print its fingerprint."""
    name = month or _month(app)
    approval = review.approve(app.newsroom, name, by=by, now=now())
    for accepted in approval.warnings_accepted:
        show.warning(f"accepted by {approval.approved_by}: {accepted}")
    show.line(f"{name} is approved by {approval.approved_by}.")
    show.line(f"fingerprint {approval.fingerprint}")
    show_what_follows(app, issue_to_edit(app.newsroom, name))


@command(group, "schedule")
def schedule(
    app: App,
    month: SomeIssue = None,
    *,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="ISO-TIME", help="[default: the next `[schedule] send`]"),
    ] = None,
) -> None:
    """Let an approved issue go out at a time to come."""
    name, zone = month or _month(app), app.newsroom.masthead.zone
    usual = app.clockwork.timetable.send
    time = moment(at, zone) if at else usual.next_after(now(), zone)
    issue = steering.schedule(app.newsroom, name, at=time, who=WHO, now=now())
    show.line(f"{issue.name} goes out on {in_words(time, zone)}.")
    show.note("“pprmail serve”, or “pprmail tick” by cron, must run then.")


@command(group, "skip")
def skip(app: App, month: OneMonth) -> None:
    """Let a month pass without a letter."""
    steering.skip(app.newsroom, month, who=WHO, now=now())
    show.line(f"There will be no letter in {month}.")


@command(group, "send")
def send(app: App, month: SomeIssue = None) -> None:
    """Send an approved issue now, to the end; with the outbox as sender, only rehearse it."""
    name = month or _month(app)
    if app.postroom.is_rehearsal:
        _rehearse(app, name)
    else:
        _send(app, name)


@command(group, "pause")
def pause(app: App, month: SomeIssue = None) -> None:
    """Start no new request from now on."""
    issue = steering.pause(app.newsroom, month or _month(app), who=WHO, now=now())
    show.line(f"{issue.name} is paused; go on with: pprmail issue resume {issue.name}")


@command(group, "resume")
def resume(app: App, month: SomeIssue = None) -> None:
    """Let a paused issue go on; `issue send` or the service continues it."""
    issue = steering.resume(app.newsroom, month or _month(app), who=WHO, now=now())
    show.line(f"{issue.name} is no longer paused; go on with: pprmail issue send {issue.name}")


@command(group, "undo")
def undo(app: App, month: SomeIssue = None) -> None:
    """Pause an issue and recall every letter that the provider still keeps."""
    undone = undo_issue(app.postroom, month or _month(app), who=WHO, now=now())
    name = undone.issue.name
    show.line(f"{name} is paused. The letters to {undone.readers} readers are recalled.")
    for request, why in undone.kept:
        show.warning(f"request {request.id} ({request.size} readers) is not recalled: {why}")
    show.note(f"Stop for good: pprmail issue cancel {name}; or go on: pprmail issue resume {name}")
    if undone.kept:
        raise DoubtError(
            f"{sum(r.size for r, _ in undone.kept)} letters could not be recalled",
            remedy=f"see where it stands: pprmail issue status {name}",
        )


@command(group, "cancel")
def cancel(app: App, month: SomeIssue = None) -> None:
    """Take an issue off the schedule, or stop its sending for good."""
    issue, spared = steering.cancel(app.newsroom, month or _month(app), who=WHO, now=now())
    if issue.state is IssueState.CANCELLED:
        show.line(f"{issue.name} is cancelled; {spared} readers will not be written to.")
    else:
        show.line(f"{issue.name} is off the schedule; it stays approved.")


@command(group, "resolve")
def resolve(
    app: App,
    month: OneIssue,
    *,
    request: Annotated[int, typer.Option("--request", metavar="N", help="As `status` shows it.")],
    order: Annotated[Order, typer.Option("--as", help="What became of it, or is to.")],
) -> None:
    """Settle a request whose outcome nobody knows."""
    state = settle_doubt(app.postroom, month, request, order=order.value, who=WHO)
    show.line(f"Request {request} of {month} is now {state}.")
    if order is Order.RESEND:
        show.note(f"Its readers wait again: pprmail issue send {month}")


@command(group, "why")
def why(
    app: App,
    month: OneIssue,
    address: Annotated[str, typer.Argument(metavar="ADDRESS")],
    *,
    as_json: AsJson = False,
) -> None:
    """Tell one reader's story for one issue: what was promised, sent and reported."""
    story = tell_why(app.newsroom, month, address)
    if as_json:
        show.document(story.as_json())
    else:
        show_story(app, story)


def _month(app: App) -> Month:
    return month_in_hand(app.newsroom, now=now())


def _rehearse(app: App, name: str) -> None:
    with show.progress("rehearsing") as watch:
        rehearsal = rehearse(app.postroom, name, watch=watch)
    show.line(f"A rehearsal: {rehearsal.letters} letters written to {rehearsal.folder}")
    show.line("Nothing left this machine, no deliveries were made, and the issue stays approved.")
    show.note('To send for real, set [delivery] sender = "sendgrid" and allowed_recipients.')


def _send(app: App, name: str) -> None:
    run = Run()
    _stop_gently(run)
    with show.progress(f"sending {name}") as watch:
        run.watch = watch
        issue = send_patiently(app.postroom, name, who=WHO, run=run)
    found = reports.status(app.newsroom, name, now=now())
    show_status(app, found)
    if found.doubts:
        raise DoubtError(
            f"{len(found.doubts)} requests are in doubt",
            remedy=f"settle them: pprmail issue resolve {name} --request N --as accepted|resend|skip",
        )
    if issue.pause_reason:
        raise StateError(
            f"{name} is not sent to the end: {issue.pause_reason}",
            remedy=f"when that is mended: pprmail issue resume {name}, then send it again",
        )
    if issue.state is not IssueState.SENT:
        raise StateError(
            f"{name} is not sent to the end: it was stopped",
            remedy=f"to go on where it stopped: pprmail issue send {name}",
        )


def _stop_gently(run: Run) -> None:
    """Bring the request under way to its end when told to stop, and end at once when told twice."""

    def stop(number: int, _: object) -> None:
        run.stop.set()
        signal.signal(number, signal.SIG_DFL)

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
