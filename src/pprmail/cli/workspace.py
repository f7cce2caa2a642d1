"""Commands for a workspace as a whole."""

from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from pprmail.cli import show
from pprmail.cli.door import Config, config_path, failures_shown, now
from pprmail.config import Settings, load
from pprmail.model.month import month_at
from pprmail.services.workspace import make_workspace
from pprmail.storage.database import Database
from pprmail.storage.schema import migrate as migrate_schema


def init(
    folder: Annotated[Path, typer.Argument(metavar="[DIR]", help="[default: here]")] = Path(),
) -> None:
    """Make a workspace: a configuration with a fresh secret key, and folders for texts and lists."""
    with failures_shown():
        zone = ZoneInfo(Settings().newsletter.timezone)
        config = make_workspace(folder, month_at(now(), zone), {})
    show.line(f"A workspace is ready: {config}")
    show.line("Next:")
    show.line("  1. in config.toml, say who sends: [newsletter] from_email and postal_address")
    show.line("  2. pprmail subscribers import FILE.csv")
    show.line("  3. pprmail summaries import PATH")
    show.line("  4. pprmail issue assemble, then check, preview, approve and send")
    show.line("or in a browser: pprmail editors add ADDRESS --role admin, then pprmail serve")
    show.note("Sending writes files until [delivery] sender says otherwise.")


def migrate(*, config: Config = None) -> None:
    """Bring the database to this version's schema."""
    with failures_shown():
        settings = load(config_path(config))
        database = Database.at(settings.database.url, beside=settings.root)
        before, after = migrate_schema(database)
        database.close()
    if before == after:
        show.line(f"The database is at {after} already.")
    else:
        show.line(f"The database went from {before or 'nothing'} to {after}.")
