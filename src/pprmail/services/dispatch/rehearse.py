"""A rehearsal: every letter as a file, and not one promise."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pprmail.model.edition import Edition
from pprmail.model.issue import Issue
from pprmail.sending.outbox import Outbox, emptied
from pprmail.services.dispatch.freeze import refuse_without_approval
from pprmail.services.dispatch.letters import LetterWriter
from pprmail.services.dispatch.postroom import Postroom
from pprmail.storage.audience import Reader, head_counts, readers_in_pages
from pprmail.storage.issues import issue_named, present_editions

PAGE: Final = 500


@dataclass(frozen=True)
class Rehearsal:
    """What a rehearsal wrote, and where."""

    issue: Issue
    letters: int
    folder: Path


def rehearse(postroom: Postroom, name: str, *, watch: Callable[[int, int], None]) -> Rehearsal:
    """Write what would go out today; no deliveries are made, and the issue stays as it is."""
    newsroom = postroom.newsroom
    with postroom.database.read() as session:
        issue = issue_named(session, name)
        refuse_without_approval(newsroom, session, issue)
        editions = {e.selection: e for e in present_editions(session, issue)}
        matching = newsroom.matching(issue)
        total = sum(head_counts(session, matching, now=postroom.clock()).values())
    topics = [newsroom.topics.name(slug) for slug in matching.slugs]
    writers = {s: _writer(postroom, issue, edition, topics) for s, edition in editions.items()}
    outbox = Outbox(emptied(postroom.outbox.folder / name), postroom.clock)
    written = 0
    for written, reader in enumerate(_readers(postroom, issue), start=1):
        _write(outbox, writers[reader.selection], reader)
        watch(written, total)
    return Rehearsal(issue, written, outbox.folder)


def _readers(postroom: Postroom, issue: Issue) -> Iterator[Reader]:
    matching, last, now = postroom.newsroom.matching(issue), 0, postroom.clock()
    while True:
        with postroom.database.read() as session:
            page = readers_in_pages(session, matching, after=last, size=PAGE, now=now)
        if not page:
            return
        yield from page
        last = page[-1].subscriber_id


def _writer(postroom: Postroom, issue: Issue, edition: Edition, topics: list[str]) -> LetterWriter:
    masthead, signer = postroom.newsroom.masthead, postroom.signer
    return LetterWriter.of(edition, issue, masthead=masthead, signer=signer, topics=topics)


def _write(outbox: Outbox, writer: LetterWriter, reader: Reader) -> None:
    recipient = writer.recipient(reader, now=outbox.clock(), arguments={})
    outbox.write(writer.envelope([recipient]), recipient)
