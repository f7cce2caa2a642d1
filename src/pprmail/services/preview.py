"""A preview: every edition as files, just as it would go out, with links that open nothing."""

import json
from pathlib import Path
from typing import Any, Final

from pprmail.files import write_whole
from pprmail.model.audience import FOLLOWS_ALL
from pprmail.model.edition import Edition, name_of
from pprmail.model.personal import filled_in
from pprmail.rendering.pages import Pages
from pprmail.sending.message import message_for
from pprmail.services.dispatch.letters import LetterWriter
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.review import Seen
from pprmail.storage.audience import Reader

NOBODY: Final = "preview"
"""A public id that no reader has: the links of a preview are signed for nobody."""


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
    writer = _writer(postroom, seen, edition)
    now = postroom.clock()
    recipient = writer.recipient(_somebody(postroom, seen, edition), now=now, arguments={})
    message = message_for(writer.envelope([recipient]), recipient, now=now)
    plain = filled_in(edition.text, recipient.values)
    write_whole(folder / f"{name}.html", filled_in(edition.html, recipient.values))
    write_whole(folder / f"{name}.txt", plain)
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
        "topics": _topics(postroom, seen, edition),
        "plain": plain,
        "kilobytes": -(-edition.html_bytes // 1000),
    }


def _writer(postroom: Postroom, seen: Seen, edition: Edition) -> LetterWriter:
    newsroom = postroom.newsroom
    return LetterWriter.of(
        edition,
        seen.issue,
        masthead=newsroom.masthead,
        signer=postroom.signer,
        topics=[newsroom.topics.name(slug) for slug in newsroom.matching(seen.issue).slugs],
    )


def _somebody(postroom: Postroom, seen: Seen, edition: Edition) -> Reader:
    matching = postroom.newsroom.matching(seen.issue)
    leading = matching.topics_leading_to(edition.selection)
    bits = sum(1 << matching.slugs.index(slug) for slug in leading)
    follows_all = edition.selection == matching.everything
    return Reader(
        subscriber_id=0,
        public_id=NOBODY,
        email="reader@example.org",
        name=None,
        selection=edition.selection,
        topic_bits=FOLLOWS_ALL if follows_all else bits,
    )


def _topics(postroom: Postroom, seen: Seen, edition: Edition) -> list[str]:
    newsroom = postroom.newsroom
    leading = newsroom.matching(seen.issue).topics_leading_to(edition.selection)
    return [newsroom.topics.name(slug) for slug in leading]
