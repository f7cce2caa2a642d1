"""Showing: results on stdout, progress and failures on stderr."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from pprmail.errors import PprmailError

out: Final = Console(highlight=False, soft_wrap=True)
err: Final = Console(stderr=True, highlight=False, soft_wrap=True)


def line(text: str = "", *, style: str = "") -> None:
    """Print one line; what looks like markup in it is printed as it is."""
    out.print(Text(text, style=style))


def document(value: Any) -> None:
    """Print one JSON document."""
    out.file.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def failure(error: PprmailError) -> None:
    """Say what is wrong, where, and what to do."""
    place = f"{error.where}: " if error.where else ""
    err.print(Text.assemble(("pprmail: ", "bold red"), place, error.message))
    if error.remedy:
        err.print(Text(f"  → {error.remedy}"))


def warning(text: str) -> None:
    """Say what is worth a look."""
    err.print(Text.assemble(("! ", "yellow"), text))


def note(text: str) -> None:
    """Say something beside the result."""
    err.print(Text(text, style="dim"))


def table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; numbers stand to the right."""
    grid = Table(box=None, pad_edge=False, header_style="bold")
    for place, header in enumerate(headers):
        is_number = bool(rows) and all(isinstance(row[place], int) for row in rows)
        grid.add_column(header, justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(Text(str(cell)) for cell in row))
    out.print(grid)


class _Rate(ProgressColumn):
    """How many letters a second."""

    def render(self, task: Task) -> Text:
        """Show the rate."""
        return Text(f"{task.speed:,.0f}/s" if task.speed else "", style="dim")


@contextmanager
def progress(what: str) -> Iterator[Any]:
    """Show a bar with count, rate and time left; gives the function that moves it."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=not err.is_terminal) as bar:
        task = bar.add_task(what, total=None)

        def move(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield move
