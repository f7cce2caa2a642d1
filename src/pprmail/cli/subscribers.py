"""Commands for subscribers."""

from pathlib import Path
from typing import Annotated

import typer

from pprmail.bootstrap import App
from pprmail.cli import show
from pprmail.cli.door import AsJson, command, now
from pprmail.model.audience import NoMatch
from pprmail.services import enrolment, subscriptions
from pprmail.services.enrolment import Enrolment
from pprmail.services.readers import reader_json, readers_listed
from pprmail.services.rights import erase_address
from pprmail.sources.subscriber_list import one_subscriber, read_subscribers

group = typer.Typer(no_args_is_help=True, help="Subscribers: import, add, list, show, end, erase.")

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


@command(group, "end")
def end(app: App, address: Address) -> None:
    """End one subscription; its history stays."""
    subscriber = subscriptions.end(app.database, address, who="cli", now=now())
    show.line(f"{subscriber.email} gets no more letters ({subscriber.end_reason}).")


@command(group, "erase")
def erase(app: App, address: Address) -> None:
    """Forget one person: address, name, topics; what was sent stays as a count. There is no way back."""
    erased = erase_address(app.database, address, who="cli", signer=app.signer, now=now())
    show.line("Erased: " + ", ".join(f"{number} {kind}" for kind, number in erased.items()) + ".")
    show.note("Letters that were promised stay as rows without a name. No list brings it back.")
    show.note("Backups and files of rehearsals hold the address until they are replaced.")


def _show(result: Enrolment) -> None:
    for refused in result.refused:
        show.warning(f"refused: {refused.where}: {refused.reason}")
    show.line(
        f"{len(result.new)} new, {len(result.changed)} changed, {len(result.unchanged)} unchanged, "
        f"{len(result.refused)} refused"
    )
