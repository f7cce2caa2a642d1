"""What an import did, or would do, as people and as programs read it."""

from collections.abc import Sequence
from typing import Any, Final

from pprmail.cli import show
from pprmail.services.enrolment import Enrolment
from pprmail.sources.subscriber_list import Refused, SubscriberList

SHOWN: Final = 20


def show_report(lines: SubscriberList, result: Enrolment) -> None:
    """Show how the file was read, the counts, and the first of the lines that need a look."""
    _show_reading(lines)
    show.line(
        f"{len(result.new)} new, {len(result.changed)} changed, {len(result.unchanged)} unchanged, "
        f"{len(result.refused)} refused"
    )
    _show_some("waiting", result.waiting)
    _show_some("refused", result.refused)


def report_json(lines: SubscriberList, result: Enrolment) -> dict[str, Any]:
    """Give the whole report, every line of it."""
    return {
        "found": lines.found,
        "ignored": lines.ignored,
        "words": [
            {"word": word, "means": means, "lines": count}
            for (word, means), count in lines.words.items()
        ],
        "new": len(result.new),
        "changed": len(result.changed),
        "unchanged": len(result.unchanged),
        "refused": [{"where": r.where, "reason": r.reason} for r in result.refused],
        "waiting": [{"where": w.where, "reason": w.reason} for w in result.waiting],
    }


def _show_reading(lines: SubscriberList) -> None:
    if lines.found:
        show.note(f"Read as {lines.found}.")
    if lines.ignored:
        show.note(f"Columns left out: {', '.join(lines.ignored)}.")
    for (word, means), count in lines.words.items():
        show.note(f"Status “{word}” was taken for {means} in {count} lines.")


def _show_some(what: str, found: Sequence[Refused]) -> None:
    for each in found[:SHOWN]:
        show.warning(f"{what}: {each.where}: {each.reason}")
    if len(found) > SHOWN:
        show.warning(f"{what}: {len(found) - SHOWN} more; with --dry-run --json you see them all")
