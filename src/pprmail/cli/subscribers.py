"""Commands for subscribers."""

from pathlib import Path
from typing import Annotated, Any

import typer

from pprmail.bootstrap import App
from pprmail.cli import show
from pprmail.cli.door import AsJson, command, now
from pprmail.model.audience import NoMatch
from pprmail.model.calendar import in_words
from pprmail.services import enrolment, inviting, subscriptions
from pprmail.services.enrolment import Enrolment
from pprmail.services.readers import reader_json, readers_listed
from pprmail.sources.subscriber_list import one_subscriber, read_subscribers

group = typer.Typer(no_args_is_help=True, help="Subscribers: import, add, list, show, invite, end.")

Address = Annotated[str, typer.Argument(metavar="ADDRESS")]


@command(group, "import")
def import_(
    app: App,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="See subscribers/README.md.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it; change nothing.")] = False,
) -> None:
    """Import a list of subscribers; refused lines are named, and the others come in."""
    lines = read_subscribers(file, app.topics)
    if dry_run:
        _show(enrolment.rehearse_enrolment(app.database, lines, now=now()))
        show.note("A dry run: nothing was changed.")
        return
    result = enrolment.enrol(app.database, lines, who="cli", now=now())
    _show(result)
    if result.refused:
        raise typer.Exit(1)


@command(group, "add")
def add(
    app: App,
    address: Address,
    *,
    name: Annotated[str, typer.Option("--name")] = "",
    topic: Annotated[list[str] | None, typer.Option("--topic", help="None: every topic.")] = None,
    no_match: Annotated[NoMatch | None, typer.Option("--no-match", help="Else: note.")] = None,
    consent: Annotated[
        str, typer.Option("--consent", help="Where and how this person agreed; else it waits.")
    ] = "",
) -> None:
    """Add one subscriber; without a consent, no letter goes there yet.

    Of one who is known, only what is given here changes.
    """
    given = {
        "email": address,
        "name": name,
        "topics": ";".join(topic or []),
        "no_match": no_match or "",
        "consent_source": consent,
    }
    line = one_subscriber({n: value for n, value in given.items() if value}, app.topics)
    result = enrolment.enrol(app.database, line, who="cli", now=now())
    _show(result)
    if result.refused:
        raise typer.Exit(1)


@command(group, "list")
def list_(app: App, *, as_json: AsJson = False) -> None:
    """List every subscriber."""
    readers = readers_listed(app.newsroom)
    if as_json:
        show.document(readers)
        return
    rows = [
        (r["email"] or "erased", r["status"], "; ".join(r["topics"]) or "everything")
        for r in readers
    ]
    show.table(["address", "status", "topics"], rows)


@command(group, "show")
def show_(app: App, address: Address, *, as_json: AsJson = False) -> None:
    """Show one subscriber: what was chosen, agreed to and sent."""
    found = reader_json(app.newsroom, address)
    if as_json:
        show.document(found)
        return
    show.line(f"{found['email']}  {found['name'] or ''}", style="bold")
    show.line(f"Status: {found['status']} {found['end_reason'] or ''}")
    show.line(f"Topics: {'; '.join(found['topics']) or 'everything'} (else: {found['no_match']})")
    for consent in found["consents"]:
        show.line(f"Consent: {consent['at']}  {consent['how']}")
    for delivery in found["deliveries"]:
        show.line(f"{delivery['month']}: {delivery['outcome']}")
    _warn(found)


@command(group, "invite")
def invite(
    app: App,
    address: Address,
    *,
    by: Annotated[
        str, typer.Option("--by", metavar="NAME", help="Who invites, as the mail says it.")
    ] = "",
) -> None:
    """Mail one who waits, or whose letters ended, a link to confirm by.

    After a complaint this releases the address; who did so is recorded.
    """
    masthead = app.newsroom.masthead
    invited_by, who = by or masthead.from_name, f"cli: {by}" if by else "cli"
    asked = inviting.invite(app.sign_ups, address, invited_by=invited_by, who=who, now=now())
    until = in_words(asked.good_until, masthead.zone)
    show.line(f"An invitation to {address} goes out with the next step; it is good until {until}.")
    _warn(reader_json(app.newsroom, address))


@command(group, "end")
def end(app: App, address: Address) -> None:
    """End one subscription; its history stays."""
    subscriber = subscriptions.end(app.database, address, who="cli", now=now())
    show.line(f"{subscriber.email} gets no more letters ({subscriber.end_reason}).")


def _warn(found: dict[str, Any]) -> None:
    if found["provider"]:
        show.warning(found["provider"])


def _show(result: Enrolment) -> None:
    for refused in result.refused:
        show.warning(f"refused: {refused.where}: {refused.reason}")
    show.line(
        f"{len(result.new)} new, {len(result.changed)} changed, {len(result.unchanged)} unchanged, "
        f"{len(result.refused)} refused"
    )
