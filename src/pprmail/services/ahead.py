"""Ahead: the figures that the desk's pages need are counted before anybody opens them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import structlog

from pprmail.errors import PprmailError
from pprmail.services.attention import attention
from pprmail.services.corrections import corrections_of
from pprmail.services.newsroom import Newsroom
from pprmail.services.reports import letters_sent, report_shown
from pprmail.services.standing import issues_listed, this_month
from pprmail.services.tick import Timetable
from pprmail.storage.editors import editors

SHOWN_AT_HOME: Final = 6
"""How many of the last issues the desk's first page lists."""

log = structlog.get_logger()


def count_ahead(newsroom: Newsroom, timetable: Timetable, *, now: datetime) -> None:
    """Count again what is about to be too old; what is quick to count is not kept at all."""
    try:
        with newsroom.database.read() as session:
            if not editors(session):
                return
        _count(newsroom, timetable, now=now)
    except PprmailError as error:
        # Whoever opens the page learns more; the next round comes in any case.
        log.warning("figures not counted", why=error.message)


def _count(newsroom: Newsroom, timetable: Timetable, *, now: datetime) -> None:
    this_month(newsroom, timetable, now=now)
    attention(newsroom, now=now)
    issues_listed(newsroom, now=now, most=SHOWN_AT_HOME)
    for name in _last(newsroom, now=now):
        corrections_of(newsroom, name, now=now)
        report_shown(newsroom, name, now=now)


def _last(newsroom: Newsroom, *, now: datetime) -> Sequence[str]:
    monthly = [each.issue for each in letters_sent(newsroom, now=now) if each.issue.is_monthly]
    return [issue.name for issue in monthly[:1]]
