from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from making import (
    EMPATHY,
    MASTHEAD,
    NOW,
    SIGNER,
    TOPICS,
    PaperSender,
    a_newsroom,
    a_postroom,
    a_reader,
)
from pprmail.model.audience import NoMatch
from pprmail.model.mail import MailState
from pprmail.model.subscriber import EndReason
from pprmail.rendering.service_mail import ServiceMails
from pprmail.rendering.shelf import Shelf
from pprmail.sending.envelope import Answer, Envelope, Receipt
from pprmail.services.correspondence import Correspondence
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.leaving import leave
from pprmail.services.service_mails import send_queued
from pprmail.services.subscriptions import Choice, choose, end, subscriber_in
from pprmail.shipped import shipped
from pprmail.storage.database import Database
from pprmail.storage.tables import ServiceMail

ADA, BO = "ada@example.org", "bo@example.org"
MAILS = ServiceMails(Shelf([shipped("templates")]), MASTHEAD)


@dataclass
class Busy:
    """Takes mails to everybody but some, whose mailboxes are busy."""

    sender: PaperSender
    busy: set[str] = field(default_factory=set)

    def send(self, envelope: Envelope) -> Receipt:
        """Take a mail, or not now."""
        if envelope.recipients[0].email in self.busy:
            return Receipt(Answer.BUSY, "452 later", wait_seconds=60)
        return self.sender.send(envelope)


@pytest.fixture
def sender() -> PaperSender:
    return PaperSender()


@pytest.fixture
def postroom(database: Database, tmp_path: Path, sender: PaperSender) -> Postroom:
    return a_postroom(a_newsroom(database), tmp_path, sender)


def changed(database: Database, address: str) -> str:
    reader = a_reader(database, address)
    correspondence = Correspondence(MAILS, SIGNER, TOPICS)
    choice = Choice((EMPATHY,), NoMatch.NOTE)
    assert choose(database, reader, choice, correspondence=correspondence, now=NOW)
    return reader


def rows(database: Database) -> list[ServiceMail]:
    with database.read() as session:
        return list(session.scalars(select(ServiceMail).order_by(ServiceMail.id)))


def test_a_mail_that_was_sent_keeps_no_words_and_no_links(
    postroom: Postroom, sender: PaperSender, database: Database
) -> None:
    changed(database, ADA)
    assert send_queued(postroom) == 1
    assert "/unsubscribe/" in sender.envelopes[0].text
    (mail,) = rows(database)
    assert (mail.state, mail.html, mail.text) == (MailState.SENT, "", "")


@pytest.mark.parametrize("way", ["left", "ended by an editor", "complained"])
def test_who_has_left_gets_no_mail_that_still_waits(
    postroom: Postroom, sender: PaperSender, database: Database, way: str
) -> None:
    ada = changed(database, ADA)
    changed(database, BO)
    if way == "left":
        leave(database, ada, how="page", now=NOW)
    elif way == "complained":
        with database.write() as session:
            subscriber_in(session, ADA).end(EndReason.COMPLAINED, now=NOW)
    else:
        end(database, ADA, who="editor", now=NOW)
    assert send_queued(postroom) == 1
    assert sender.addresses == [BO]
    assert [mail.recipient for mail in rows(database)] == [BO]


def test_a_busy_mailbox_holds_up_nobody_and_is_tried_again_later(
    postroom: Postroom, sender: PaperSender, database: Database
) -> None:
    changed(database, ADA)
    changed(database, BO)
    busy = replace(postroom, sender=Busy(sender, {ADA}))
    assert (send_queued(busy), send_queued(busy), sender.addresses) == (1, 0, [BO])
    later = replace(postroom, clock=lambda: NOW + timedelta(minutes=1))
    assert (send_queued(later), sender.addresses) == (1, [BO, ADA])


def test_a_mail_that_is_refused_for_a_day_is_given_up(
    postroom: Postroom, sender: PaperSender, database: Database
) -> None:
    changed(database, ADA)
    late = replace(
        postroom, sender=Busy(sender, {ADA}), clock=lambda: NOW + timedelta(days=1, minutes=1)
    )
    assert send_queued(late) == 0
    (mail,) = rows(database)
    assert (mail.state, mail.text) == (MailState.FAILED, "")


def test_where_nothing_leaves_at_all_every_mail_waits(
    postroom: Postroom, sender: PaperSender, database: Database
) -> None:
    changed(database, ADA)
    changed(database, BO)
    sender.answers = [Receipt(Answer.UNREACHABLE, "refused")]
    assert send_queued(postroom) == 0
    assert len(sender.envelopes) == 1
    assert [mail.state for mail in rows(database)] == [MailState.QUEUED] * 2
