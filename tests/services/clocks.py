"""Clockworks whose clock stands where a test has set it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from making import MASTHEAD, PaperSender, a_newsroom, a_postroom
from pprmail.model.calendar import MonthlyTime
from pprmail.rendering.service_mail import ServiceMails
from pprmail.rendering.shelf import Shelf
from pprmail.services.announcing import Announcer
from pprmail.services.tick import Clockwork, Timetable
from pprmail.shipped import shipped
from pprmail.storage.database import Database
from pprmail.storage.issues import issue_named
from pprmail.storage.tables import Issue, ServiceMail

NAME = "2026-11"
OPERATOR = "operator@example.org"


def a_clockwork(
    database: Database, folder: Path, sender: PaperSender, *, batch_size: int = 1000
) -> Clockwork:
    """Make a clockwork that assembles nothing by itself."""
    newsroom = a_newsroom(database)
    usual = MonthlyTime.parse("2nd tue 09:00")
    mails = ServiceMails(Shelf([shipped("templates")]), MASTHEAD)
    return Clockwork(
        postroom=a_postroom(newsroom, folder, sender, batch_size=batch_size),
        announcer=Announcer(newsroom, mails, OPERATOR, usual),
        timetable=Timetable("", usual, usual, timedelta(days=7)),
    )


def at(clockwork: Clockwork, moment: datetime) -> Clockwork:
    """Set the clock."""
    return replace(clockwork, postroom=replace(clockwork.postroom, clock=lambda: moment))


def issue(clockwork: Clockwork) -> Issue:
    """Give the issue as it stands."""
    with clockwork.postroom.database.read() as session:
        return issue_named(session, NAME)


def told(clockwork: Clockwork) -> Sequence[ServiceMail]:
    """Give what the operator was told, the first mail first."""
    with clockwork.postroom.database.read() as session:
        return session.scalars(select(ServiceMail).order_by(ServiceMail.id)).all()


def words_to_operator(sender: PaperSender) -> str:
    """Give what reached the operator, on one line; what was sent is not kept in the rows."""
    mails = [e for e in sender.envelopes if e.recipients[0].email == OPERATOR]
    return " ".join(word for mail in mails for word in mail.text.split())
