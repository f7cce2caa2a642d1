"""How a command becomes a door: its options, the app it works with, and what a failure looks like."""

import inspect
import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar
from zoneinfo import ZoneInfo

import typer

from pprmail.bootstrap import open_app, utc_now
from pprmail.cli import show
from pprmail.errors import PprmailError
from pprmail.model.issue_name import parse_issue_name
from pprmail.model.month import Month, parse_month

Door = TypeVar("Door", bound=Callable[..., None])

HERE: Final = Path("config.toml")

Config = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="The configuration. [default: ./config.toml]"),
]


def _month(text: str) -> Month:
    try:
        return parse_month(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


def _issue(text: str) -> str:
    try:
        return parse_issue_name(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None


OneMonth = Annotated[
    Month, typer.Argument(parser=_month, metavar="MONTH", help="A month: 2026-11.")
]
SomeMonth = Annotated[
    Month | None,
    typer.Argument(
        parser=_month,
        metavar="[MONTH]",
        help="A month: 2026-11. [default: the oldest that was begun and has not ended]",
    ),
]
OneIssue = Annotated[
    str,
    typer.Argument(parser=_issue, metavar="MONTH", help="2026-11, or a correction: 2026-11-c1."),
]
SomeIssue = Annotated[
    str | None,
    typer.Argument(
        parser=_issue,
        metavar="[MONTH]",
        help="2026-11, or a correction: 2026-11-c1. "
        "[default: the oldest month that was begun and has not ended]",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document, and nothing else.")]
By = Annotated[str, typer.Option("--by", metavar="ADDRESS", help="Who does this; it is recorded.")]


def command(group: typer.Typer, name: str) -> Callable[[Door], Door]:
    """Make a command of a function whose first parameter is the app."""

    def register(function: Door) -> Door:
        @wraps(function)
        def run(*, config: Path | None = None, **given: Any) -> None:
            with failures_shown():
                app = open_app(config_path(config))
                try:
                    function(app, **given)
                finally:
                    app.close()

        _declare(run, function, without=1)
        group.command(name)(run)
        return function

    return register


class failures_shown:  # noqa: N801 - it reads as what it does: with failures_shown()
    """Shows a failure as a sentence with a remedy, and ends with its exit status."""

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        """Show the failure, if there is one that a person can mend."""
        if isinstance(error, PprmailError):
            show.failure(error)
            raise typer.Exit(error.exit_status) from None


def config_path(given: Path | None) -> Path:
    """Find the configuration: the one named, else $PPRMAIL_CONFIG, else ./config.toml."""
    return given or config_of_all() or Path(os.environ.get("PPRMAIL_CONFIG") or HERE)


_named_before: list[Path] = []


def remember_config(config: Path | None) -> None:
    """Keep the configuration that was named before the command."""
    _named_before[:] = [config] if config else []


def config_of_all() -> Path | None:
    """Give the configuration that was named before the command."""
    return _named_before[0] if _named_before else None


def moment(text: str, zone: ZoneInfo) -> datetime:
    """Read an ISO time; without an offset it is the newsletter's local time."""
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"“{text}” is no ISO time; write 2026-12-08T09:00") from None
    local = given if given.tzinfo else given.replace(tzinfo=zone)
    try:
        # It is kept in UTC, where the last day of the calendar may be over already.
        return local.astimezone(UTC)
    except OverflowError:
        raise typer.BadParameter(f"“{text}” is too far off; choose a day that is nearer") from None


def now() -> datetime:
    """Look at the clock."""
    return utc_now()


def _declare(run: Callable[..., None], function: Callable[..., Any], *, without: int) -> None:
    signature = inspect.signature(function, eval_str=True)
    kept = list(signature.parameters.values())[without:]
    config = inspect.Parameter(
        "config", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Config
    )
    declared = signature.replace(parameters=[*kept, config])
    run.__signature__ = declared  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in declared.parameters.values()}
