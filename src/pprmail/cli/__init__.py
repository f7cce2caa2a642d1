"""The door for a person at a terminal: parse, call one service, show."""

from collections import UserDict
from importlib import import_module
from types import ModuleType
from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup
from typer.main import get_command

from pprmail import __version__
from pprmail.cli.door import Config, remember_config

WHERE: Final = {
    "init": "workspace",
    "demo": "demo",
    "summaries": "summaries",
    "issue": "issue_test",
    "subscribers": "subscribers",
    "editors": "editors",
    "serve": "serve",
    "tick": "serve",
    "worker": "worker",
    "migrate": "workspace",
    "sandbox": "sandbox",
    "torture": "torture",
}
"""The module of each command, or of each group of commands."""

FOR_DEVELOPERS: Final = {"sandbox", "torture"}


class _Commands(UserDict[str, Any]):
    """The commands by name: a module is read when its command is asked for, since all take long."""

    def __getitem__(self, name: str) -> Any:
        module = import_module(f"pprmail.cli.{super().__getitem__(name)}")
        command = get_command(getattr(module, "group", None) or _alone(module, name))
        command.name = name
        return command


def _alone(module: ModuleType, name: str) -> typer.Typer:
    panel = "For developers" if name in FOR_DEVELOPERS else None
    alone = typer.Typer(add_completion=False)
    alone.command(name, rich_help_panel=panel)(getattr(module, name))
    return alone


class _WhenAsked(TyperGroup):
    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = _Commands(WHERE)


cli = typer.Typer(
    name="pprmail",
    cls=_WhenAsked,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A month of summaries becomes a letter that each reader wants to open.",
)


def _show_version(is_asked: bool) -> None:  # noqa: FBT001 - the shape of the library's callbacks
    if is_asked:
        typer.echo(f"pprmail {__version__}")
        raise typer.Exit


@cli.callback()
def before_any(
    *,
    config: Config = None,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Take what is said before the command."""
    remember_config(config)


def main() -> None:
    """Run the command line."""
    cli()
