"""Welcoming: what a new reader is told first, and which letter comes next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from pprmail.model.calendar import MonthlyTime, day_in_words
from pprmail.model.issue import IssueState
from pprmail.model.month import month_at, month_in_words
from pprmail.model.occasion import Welcome
from pprmail.model.subscriber import Subscriber
from pprmail.rendering.service_mail import WrittenMail
from pprmail.rendering.shelf import TemplateProblemError
from pprmail.services.archive import Archive
from pprmail.services.correspondence import Correspondence
from pprmail.storage.issues import all_issues

OVER: Final = frozenset(
    {IssueState.SENDING, IssueState.SENT, IssueState.SKIPPED, IssueState.CANCELLED}
)
"""Whoever joins now gets no letter of such an issue."""

LOOK_AHEAD: Final = 12

log = structlog.get_logger()


@dataclass(frozen=True)
class Welcoming:
    """Knows what has been published, and when letters usually go out."""

    correspondence: Correspondence
    archive: Archive
    usual_time: MonthlyTime

    def mail(
        self, reader: Subscriber, topics: Sequence[str], *, now: datetime
    ) -> WrittenMail | None:
        """Write the welcome of a reader, if its templates are whole."""
        latest = next(iter(self.archive.months()), None)
        masthead = self.correspondence.mails.masthead
        try:
            return self.correspondence.mails.write(
                Welcome(
                    topics=tuple(self.correspondence.topics.names(topics)),
                    latest_month=month_in_words(latest) if latest else "",
                    latest_url=masthead.url(f"archive/{latest}") if latest else "",
                    next_letter=self.next_letter(now=now),
                    **self.correspondence.own_links(reader, now=now),
                )
            )
        except TemplateProblemError as error:
            # Who confirms is subscribed, whatever has become of a template of the workspace.
            log.error("a new reader is not welcomed", why=str(error))
            return None

    def next_letter(self, *, now: datetime) -> str:
        """Name the day of the next letter that a reader who joins now will get."""
        zone = self.correspondence.mails.masthead.zone
        with self.archive.newsroom.database.read() as session:
            letters = [issue for issue in all_issues(session) if issue.is_monthly]
        over = {issue.month for issue in letters if issue.state in OVER}
        days = self.usual_time.upcoming(now, zone, count=LOOK_AHEAD)
        return next((day_in_words(d, zone) for d in days if month_at(d, zone) not in over), "")
