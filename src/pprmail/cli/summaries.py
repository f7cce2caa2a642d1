"""Commands for summaries."""

from pathlib import Path
from typing import Annotated

import typer

from pprmail.bootstrap import App
from pprmail.cli import show
from pprmail.cli.door import AsJson, command, now
from pprmail.model.summary import Summary
from pprmail.services.archive import listed, shown, summary_json
from pprmail.services.comparing import Change, Comparison, compare
from pprmail.services.exporting import export_summaries
from pprmail.services.importing import Imported, bring_in, bring_in_and_replace
from pprmail.sources.entry import Entry, Sources
from pprmail.sources.reading import read_sources, with_additions

group = typer.Typer(
    no_args_is_help=True, add_completion=False, help="Summaries: import, list, show, export."
)

Paths = Annotated[
    list[Path], typer.Argument(metavar="PATH...", help="Markdown files, folders, saved blog pages.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would happen; change nothing.")]
Update = Annotated[bool, typer.Option("--update", help="Replace what reads otherwise here.")]
TopicNames = Annotated[
    list[str] | None, typer.Option("--topic", metavar="T", help="A topic for every entry.")
]
TypeName = Annotated[
    str, typer.Option("--type", metavar="T", help="A type of research for every entry.")
]


@command(group, "import")
def import_(
    app: App,
    paths: Paths,
    *,
    dry_run: DryRun = False,
    update: Update = False,
    topic: TopicNames = None,
    type_of_research: TypeName = "",
    as_json: AsJson = False,
) -> None:
    """Import summaries; what is there already is replaced only with --update."""
    read = read_sources(paths, app.topics)
    sources = with_additions(read, app.topics, names=topic or [], kind=type_of_research)
    if dry_run:
        comparison = compare(app.newsroom, sources)
        if as_json:
            coming = [*comparison.new, *_entries(comparison.changed if update else [])]
            show.document([summary_json(entry, app.topics) for entry in coming])
        else:
            _show_comparison(sources, comparison)
        return
    work = bring_in_and_replace if update else bring_in
    imported = work(app.newsroom, sources, who="cli", now=now())
    if as_json:
        show.document([summary_json(entry, app.topics) for entry in _brought_in(imported)])
    else:
        _show_imported(imported, sources)


@command(group, "list")
def list_(app: App, *, as_json: AsJson = False) -> None:
    """List every summary, the newest month first."""
    summaries = listed(app.newsroom)
    if as_json:
        show.document([summary_json(summary, app.topics) for summary in summaries])
        return
    rows = [(s.month, s.slug, s.title, len(s.topics)) for s in summaries]
    show.table(["month", "slug", "title", "topics"], rows)


@command(group, "show")
def show_(
    app: App,
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="As `summaries list` shows it.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Show one summary whole."""
    summary = shown(app.newsroom, slug)
    if as_json:
        show.document(summary_json(summary, app.topics))
    else:
        _show_summary(app, summary)


@command(group, "export")
def export(
    app: App,
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where the files go.")],
) -> None:
    """Write every summary as a Markdown file that can be imported again."""
    written = export_summaries(app.newsroom, folder)
    show.line(f"{len(written)} summaries written to {folder}")


def _brought_in(imported: Imported) -> list[Entry]:
    changed = [c for c in imported.comparison.changed if c not in imported.kept]
    return [*imported.comparison.new, *_entries(changed)]


def _entries(changes: list[Change]) -> list[Entry]:
    return [change.source for change in changes if isinstance(change.source, Entry)]


def _show_comparison(sources: Sources, comparison: Comparison) -> None:
    for entry in comparison.new:
        show.line(f"new        {entry.month}  {entry.title}")
    for text in comparison.new_texts:
        show.line(f"new        {text.month}  issue.md")
    for change in comparison.changed:
        _show_change(change)
    for summary in comparison.unchanged:
        show.line(f"unchanged  {summary.month}  {summary.title}")
    _show_recognised(sources)
    for warning in comparison.warnings:
        show.warning(warning)
    show.note("A dry run: nothing was changed.")


def _show_imported(imported: Imported, sources: Sources) -> None:
    for name in imported.added:
        show.line(f"added      {name}")
    for name in imported.replaced:
        show.line(f"replaced   {name}")
    for change in imported.kept:
        _show_change(change)
    for summary in imported.comparison.unchanged:
        show.line(f"unchanged  {summary.slug}")
    _show_recognised(sources)
    for warning in (*imported.comparison.warnings, *imported.notes):
        show.warning(warning)
    if imported.kept:
        show.note("What differs was left as it is; to replace it, import again with --update.")


def _show_change(change: Change) -> None:
    show.line(f"differs    {change.name}  ({change.where})")
    for difference in change.differences:
        show.line(f"    {difference.field}")
        show.line(f"      - {difference.before}", style="red")
        show.line(f"      + {difference.after}", style="green")


def _show_recognised(sources: Sources) -> None:
    if sources.topics_recognised:
        show.line(f"{sources.topics_recognised} topics of the page recognised")


def _show_summary(app: App, summary: Summary) -> None:
    show.line(summary.title, style="bold")
    show.line(f"{summary.month} · {summary.type_of_research or 'no type of research'}")
    show.line(f"Topics: {'; '.join(app.topics.names(summary.topics)) or 'none'}")
    show.line(f"Citation: {summary.citation or 'none'}")
    show.line(f"DOI: {summary.doi or 'none'}")
    show.line(f"\n{summary.body}\n\nPractice Implications\n\n{summary.implications}")
