"""What the demo shows at its end: who got what and why, the equation, and where to look."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pprmail.bootstrap import App
from pprmail.cli import show
from pprmail.cli.issue_shown import show_report
from pprmail.model.approval import Approval
from pprmail.model.preflight import Preflight
from pprmail.services.reports import IssueReport
from pprmail.services.stories import Story, some_stories

STORIES: Final = 6


@dataclass(frozen=True)
class Played:
    """What the demo did."""

    folder: Path
    index: Path
    desk: str
    preflight: Preflight
    approval: Approval
    report: IssueReport
    seconds: float


def show_played(app: App, played: Played) -> None:
    """Show the whole result."""
    month = played.report.status.issue.name
    show.line(f"\nThe letter of {month}", style="bold")
    for warning in played.preflight.warnings:
        show.line(
            f"warning accepted by {played.approval.approved_by}: {warning.where}: {warning.message}"
        )
    show.line()
    show_report(app, played.report)
    show.line("\nSome readers, what they got, and why", style="bold")
    rows = [_row(story) for story in some_stories(app.newsroom, month, count=STORIES)]
    show.table(["reader", "got", "because", "outcome"], rows)
    _show_places(app, played)


def _row(story: Story) -> tuple[str, str, str, str]:
    return story.name, story.edition, story.why, story.outcome


def _show_places(app: App, played: Played) -> None:
    url, month = app.newsroom.masthead.base_url, played.report.status.issue.name
    show.line("\nWhere to look", style="bold")
    show.line(f"  every edition       {played.index}")
    show.line(f"  the letter on the web {url}/archive/{month}")
    show.line(f"  the editor's desk   {played.desk}")
    show.line(f"  what SendGrid took  {played.folder}/sandbox-ledger.jsonl")
    show.line(f"  the workspace       {played.folder}/config.toml")
    show.line(f"\nDone in {played.seconds:.1f} s.")
