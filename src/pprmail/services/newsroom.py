"""The newsroom: what the editor's services work with, plugged together once at the start."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from pprmail.model.audience import Holders, Matching, matching
from pprmail.model.issue import Issue
from pprmail.model.masthead import Masthead
from pprmail.model.topic import Topics
from pprmail.rendering.letter import Press
from pprmail.services.keeping import Keeping
from pprmail.storage.database import Database

T = TypeVar("T")


@dataclass(frozen=True)
class Newsroom:
    """Rows, templates, topics, and what is known of the way letters go out."""

    database: Database
    press: Press
    topics: Topics
    sender: str
    hears_back: bool
    kept: Keeping = field(default_factory=Keeping)

    @property
    def masthead(self) -> Masthead:
        """The newsletter's own particulars."""
        return self.press.masthead

    def counted(self, name: Hashable, count: Callable[[Session], T], *, now: datetime) -> T:
        """Give figures of the rows; where counting takes long, as they were a little while ago.

        No session is to be open meanwhile: a second look may have to wait for somebody who is about
        to write, and who waits himself for the first look to end.
        """
        return self.kept.of(name, self._counting(count), now=now)

    @property
    def hurried(self) -> "HurriedNewsroom":
        """Give the same for a page that is looked at."""
        return HurriedNewsroom(**{each.name: getattr(self, each.name) for each in fields(self)})

    def matching(self, issue: Issue) -> Matching:
        """Work out which topics lead to which summaries of an issue; a correction goes by none."""
        if not issue.is_monthly:
            return Holders.of(issue.audience, month=issue.month)
        carried = [summary.topics for summary in issue.summaries]
        return matching(carried, self.topics, month=issue.month)

    def _counting(self, count: Callable[[Session], T]) -> Callable[[], T]:
        def figures() -> T:
            with self.database.read() as session:
                return count(session)

        return figures


class HurriedNewsroom(Newsroom):
    """A newsroom for pages that are looked at: nobody waits there for figures."""

    def counted(self, name: Hashable, count: Callable[[Session], T], *, now: datetime) -> T:
        """Give the same; raise BeingCountedError where that would take long."""
        return self.kept.soon(name, self._counting(count), now=now)
