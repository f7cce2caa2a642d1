"""Commands for subscribers."""

from pathlib import Path
from typing import Annotated, Any

import typer

from pprmail.bootstrap import App
from pprmail.cli import show
from pprmail.cli.door import AsJson, command, now
from pprmail.cli.subscribers_shown import report_json, show_report
from pprmail.model.audience import NoMatch
from pprmail.model.calendar import in_words
from pprmail.services import inviting, subscriptions
from pprmail.services.enrolment import Registrar
from pprmail.services.listing import export_consents, export_readers
from pprmail.services.readers import reader_json, readers_listed
from pprmail.services.rights import erase_address
from pprmail.sources.list_header import mapping_of
from pprmail.sources.subscriber_list import Origin, Told, one_subscriber, read_subscribers

group = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Subscribers: import, export, add, list, show, invite, end, erase.",
)

Address = Annotated[str, typer.Argument(metavar="ADDRESS")]


@command(group, "import")
def import_(
    app: App,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="See subscribers/README.md.")],
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show it; change nothing.")] = False,
    mapped: Annotated[
        list[str] | None,
        typer.Option(
            "--map",
            metavar="TEXT",
            help="What a column of another name holds: “Their header=email”. Others are left out.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import a list of subscribers; refused lines are named, and the others come in."""
    told = Told(file, app.newsroom.masthead.zone, mapping_of(mapped or []))
    with show.progress("reading") as watch:
        lines = read_subscribers(told, app.topics, watch=watch)
    with show.progress("comparing" if dry_run else "importing") as watch:
        registrar = Registrar(app.database, app.signer, watch)
        result = (
            registrar.rehearse(lines, now=now())
            if dry_run
            else registrar.enrol(lines, who="cli", now=now())
        )
    if as_json:
        show.document(report_json(lines, result))
    else:
        show_report(lines, result)
    if dry_run:
        show.note("A dry run: nothing was changed.")
    elif result.refused:
        raise typer.Exit(1)


@command(group, "export")
def export(
    app: App,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="A file that is not there yet.")],
    *,
    consents: Annotated[
        bool, typer.Option("--consents", help="Every consent that was given, one a line.")
    ] = False,
) -> None:
    """Write every subscriber into a list that can be imported again; it is yours alone to read."""
    with show.progress("exporting") as watch:
        write = export_consents if consents else export_readers
        count = write(app.newsroom, file, watch=watch)
    show.line(f"{count} {'consents' if consents else 'subscribers'} written to {file}")


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
    filled = {column: value for column, value in given.items() if value}
    line = one_subscriber(
        filled, app.topics, zone=app.newsroom.masthead.zone, origin=Origin.OPERATOR
    )
    result = Registrar(app.database, app.signer).enrol(line, who="cli", now=now())
    show_report(line, result)
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

    After a complaint or a bounce this releases the address: --by is needed, and recorded.
    """
    masthead, by = app.newsroom.masthead, by.strip()
    who = f"{inviting.UNNAMED}: {by}" if by else inviting.UNNAMED
    asking = inviting.Asking(by or masthead.from_name, who)
    asked = inviting.invite(app.sign_ups, address, asking, now=now())
    until = in_words(asked.good_until, masthead.zone)
    show.line(f"An invitation to {address} goes out with the next step; it is good until {until}.")
    _warn(reader_json(app.newsroom, address))


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


def _warn(found: dict[str, Any]) -> None:
    if found["provider"]:
        show.warning(found["provider"])
