"""A person invites by name, within the bounds, and releases what had ended."""

import pytest
from sqlalchemy import select

from making import EMPATHY, NOW, a_reader
from pprmail.errors import NotFoundError, PprmailError
from pprmail.model.confirmation import Confirmation, Standing
from pprmail.model.subscriber import EndReason, SubscriberStatus
from pprmail.services.inviting import UNNAMED, Asking, invite
from pprmail.storage.database import Database
from pprmail.storage.tables import AuditEntry
from services.signing import ADDRESS, DAY, ask, asked, found, mails, press, sent, sign_ups


def invited(database: Database, days: int = 0) -> Confirmation:
    services, now = sign_ups(database), NOW + days * DAY
    return invite(services, ADDRESS, Asking("Dr. Bo Moreau", "cli: Bo"), now=now)


def a_complaint(database: Database) -> None:
    an_end(database, EndReason.COMPLAINED)


def an_end(database: Database, reason: EndReason) -> None:
    a_reader(database, ADDRESS, EMPATHY)
    with database.write() as session:
        session.merge(found(database)).end(reason, now=NOW - DAY)


def test_who_waits_is_invited_by_name_and_keeps_the_topics(database: Database) -> None:
    a_reader(database, ADDRESS, EMPATHY, status=SubscriberStatus.PENDING)
    invited(database)
    (mail,) = mails(database)
    assert mail.subject == "An invitation to The Practice Research Letter"
    assert "Dr. Bo Moreau invites you" in mail.text
    assert "- Empathy" in mail.text
    press(database, now=NOW + DAY)
    ada = found(database)
    assert (ada.status, ada.chosen_topics) == (SubscriberStatus.ACTIVE, [EMPATHY])
    consent = ada.consents[-1]
    assert consent.how.startswith("invited by Dr. Bo Moreau")
    assert consent.at == consent.confirmed_at == NOW + DAY


def test_an_invitation_after_a_complaint_is_the_release_and_is_noted(database: Database) -> None:
    a_complaint(database)
    ask(database)
    assert sent(database) == []
    invited(database, 1)
    assert sent(database) == ["confirmation"]
    with database.read() as session:
        line = session.scalars(
            select(AuditEntry).where(AuditEntry.what == "address released")
        ).one()
    assert (line.who, line.detail["ended"]) == ("cli: Bo", "complained")
    press(database, now=NOW + DAY)
    ada = found(database)
    assert (ada.status, ada.ended_before) == (SubscriberStatus.ACTIVE, EndReason.COMPLAINED)


@pytest.mark.parametrize("reason", [EndReason.COMPLAINED, EndReason.BOUNCED])
def test_no_address_is_released_by_nobody(database: Database, reason: EndReason) -> None:
    an_end(database, reason)
    with pytest.raises(PprmailError, match="only a person may open it again") as refused:
        invite(sign_ups(database), ADDRESS, Asking("The Letter", UNNAMED), now=NOW)
    assert refused.value.remedy == "say who does: --by NAME"
    assert (found(database).status, mails(database)) == (SubscriberStatus.ENDED, [])


def test_who_left_may_be_asked_again_by_the_newsletter_itself(database: Database) -> None:
    an_end(database, EndReason.UNSUBSCRIBED)
    invite(sign_ups(database), ADDRESS, Asking("The Letter", UNNAMED), now=NOW)
    assert found(database).status is SubscriberStatus.PENDING


def test_after_a_release_the_form_serves_again(database: Database) -> None:
    a_complaint(database)
    invited(database)
    ask(database, now=NOW + DAY)
    assert sent(database) == ["confirmation", "confirmation"]


def test_a_link_from_before_the_end_opens_no_more_after_a_release(database: Database) -> None:
    a_reader(database, ADDRESS, status=SubscriberStatus.PENDING)
    ask(database)
    old = asked(database)
    with database.write() as session:
        session.merge(found(database)).end(EndReason.UNSUBSCRIBED, now=NOW + DAY)
    invited(database, 2)
    assert press(database, old, now=NOW + 2 * DAY).standing is Standing.CLOSED
    assert press(database, now=NOW + 2 * DAY).standing is Standing.DONE


def test_invitations_share_the_bounds_of_the_form(database: Database) -> None:
    ask(database)
    with pytest.raises(PprmailError, match="at most once in 24 hours") as refused:
        invited(database)
    assert refused.value.remedy == "invite again after Tue 24 November 2026, 09:00 EST"
    invited(database, 1)
    ask(database, now=NOW + DAY)
    assert len(mails(database)) == 2


def test_a_refused_invitation_releases_nothing(database: Database) -> None:
    a_complaint(database)
    ask(database)
    with pytest.raises(PprmailError):
        invited(database)
    assert found(database).status is SubscriberStatus.ENDED


def test_who_reads_already_and_who_is_not_known_are_refused(database: Database) -> None:
    with pytest.raises(NotFoundError):
        invited(database)
    a_reader(database, ADDRESS)
    with pytest.raises(PprmailError, match="gets the letter already"):
        invited(database)
    assert mails(database) == []
