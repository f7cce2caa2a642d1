"""The door for a person at a terminal: parse, call one service, show."""

from typing import Annotated

import typer

from pprmail import __version__
from pprmail.cli import editors, issue, subscribers, summaries, torture
from pprmail.cli.demo import demo
from pprmail.cli.door import Config, remember_config
from pprmail.cli.sandbox import sandbox
from pprmail.cli.serve import serve, tick
from pprmail.cli.worker import worker
from pprmail.cli.workspace import init, migrate

DEVELOPERS = "For developers"

cli = typer.Typer(
    name="pprmail",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A month of summaries becomes a letter that each reader wants to open.",
)
cli.command()(init)
cli.command()(demo)
cli.add_typer(summaries.group, name="summaries")
cli.add_typer(issue.group, name="issue")
cli.add_typer(subscribers.group, name="subscribers")
cli.add_typer(editors.group, name="editors")
cli.command()(serve)
cli.command()(tick)
cli.command()(worker)
cli.command()(migrate)
cli.command(rich_help_panel=DEVELOPERS)(sandbox)
cli.command(rich_help_panel=DEVELOPERS)(torture.torture)


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
