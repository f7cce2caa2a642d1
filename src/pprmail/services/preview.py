"""A preview: every edition as files, just as it would go out, with links that open nothing."""

import json
from pathlib import Path
from typing import Any, Final

from pprmail.files import write_whole
from pprmail.model.edition import Edition, name_of
from pprmail.rendering.pages import Pages
from pprmail.sending.message import message_for
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.inert import inert_letter, topics_leading_to
from pprmail.services.review import Seen


def write_preview(postroom: Postroom, pages: Pages, seen: Seen, folder: Path) -> Path:
    """Write every edition as .html, .txt and .eml, `index.html` and `manifest.json`."""
    entries = [_write(postroom, seen, edition, folder) for edition in seen.editions]
    manifest = [{k: v for k, v in entry.items() if k not in _SHOWN_ONLY} for entry in entries]
    write_whole(folder / "manifest.json", json.dumps(manifest, ensure_ascii=False, indent=2))
    readers = sum(entry["subscribers"] for entry in entries)
    title = f"{seen.issue.month_in_words}: every edition"
    page = pages.page("preview", title=title, editions=entries, readers=readers)
    return write_whole(folder / "index.html", page)


_SHOWN_ONLY: Final = frozenset({"subject", "titles", "topics", "kilobytes", "plain"})


def _write(postroom: Postroom, seen: Seen, edition: Edition, folder: Path) -> dict[str, Any]:
    name = name_of(edition, seen.issue).replace(" ", "-").replace("+", "-")
    now = postroom.clock()
    letter = inert_letter(postroom, seen.issue, edition, None, now=now)
    message = message_for(letter.envelope, letter.recipient, now=now)
    write_whole(folder / f"{name}.html", letter.html)
    write_whole(folder / f"{name}.txt", letter.text)
    write_whole(folder / f"{name}.eml", message.as_bytes())
    chosen = [s for place, s in enumerate(seen.issue.summaries) if edition.selection >> place & 1]
    return {
        "edition": name_of(edition, seen.issue),
        "summaries": [summary.slug for summary in chosen],
        "subscribers": seen.readers_of(edition),
        "fingerprint": edition.fingerprint,
        "html": f"{name}.html",
        "text": f"{name}.txt",
        "eml": f"{name}.eml",
        "subject": edition.subject,
        "titles": [summary.title for summary in chosen],
        "topics": topics_leading_to(postroom.newsroom, seen.issue, edition),
        "plain": letter.text,
        "kilobytes": -(-edition.html_bytes // 1000),
    }
