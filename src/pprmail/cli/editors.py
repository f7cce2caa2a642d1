"""`pprmail editors`: who may sign in at the desk."""

from typing import Annotated

import typer

from pprmail.bootstrap import App
from pprmail.cli import show
from pprmail.cli.door import AsJson, By, command, now
from pprmail.errors import ConfigError
from pprmail.model.editor import Editor, Role
from pprmail.services.people import Act

group = typer.Typer(no_args_is_help=True, add_completion=False, help="Those who write and approve.")

Address = Annotated[str, typer.Argument(metavar="ADDRESS", help="The editor's address.")]


@command(group, "add")
def add(
    app: App,
    address: Address,
    *,
    role: Annotated[
        Role | None,
        typer.Option("--role", help="An admin adds editors, too. [default: editor]"),
    ] = None,
    by: By = "",
) -> None:
    """Invite an editor: print a link that works once, and mail it.

    One who is an editor already chooses anew, by that link, how to sign in.
    """
    act = Act(f"cli: {by}" if by else "cli", by, now())
    try:
        found = app.staff.people.invite_anew(address, role, act=act)
    except ValueError as error:
        raise ConfigError(str(error), remedy="write a whole address, such as a@b.org") from None
    show.line(f"{found.editor.email} is invited as {found.editor.role}. This link works once:")
    show.line(found.url)
    show.note(f"It is good until {found.good_until}, and is mailed with the next step, too.")
    if all(editor.role is not Role.ADMIN for editor in app.staff.people.everybody()):
        show.note("Nobody is an admin yet: --role admin makes one, who adds others in the browser.")


@command(group, "list")
def list_all(app: App, *, as_json: AsJson = False) -> None:
    """List who may sign in, and who is invited."""
    found = app.staff.people.everybody()
    if as_json:
        show.document([_as_json(editor) for editor in found])
        return
    if not found:
        show.line("Nobody is an editor yet. Add one: pprmail editors add ADDRESS --role admin")
        return
    rows = [(e.email, e.name, str(e.role), _standing(e), _signs_in(e)) for e in found]
    show.table(["Address", "Name", "Role", "Stands", "Signs in by"], rows)


@command(group, "remove")
def remove(
    app: App,
    address: Address,
    *,
    by: By = "",
) -> None:
    """Remove an editor, who is signed out everywhere at once."""
    act = Act(f"cli: {by}" if by else "cli", by, now())
    gone = app.staff.people.remove(address, act=act)
    show.line(f"{gone} is no editor any more, and is signed out everywhere.")


def _as_json(editor: Editor) -> dict[str, object]:
    return {
        "email": editor.email,
        "name": editor.name,
        "role": editor.role,
        "invited_at": editor.invited_at.isoformat(),
        "joined_at": editor.joined_at.isoformat() if editor.joined_at else None,
        "signs_in_by": _signs_in(editor) or None,
    }


def _standing(editor: Editor) -> str:
    return "has joined" if editor.joined_at else "is invited"


def _signs_in(editor: Editor) -> str:
    if editor.joined_at is None:
        return ""
    first = "password" if editor.password_hash else "mailed link"
    return f"{first} and code" if editor.has_code else first
