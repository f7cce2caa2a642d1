from pathlib import Path

import pytest
from sqlalchemy import func, select

from making import ALLIANCE, EMPATHY, MASTHEAD, NOW, SIGNER, TOPICS, TRAINING, a_reader
from pprmail.errors import NotFoundError
from pprmail.model.audience import NoMatch
from pprmail.model.subscriber import EndReason, SubscriberStatus, new_public_id
from pprmail.rendering.service_mail import ServiceMails
from pprmail.rendering.shelf import Shelf
from pprmail.services.correspondence import Correspondence
from pprmail.services.leaving import leave
from pprmail.services.subscriptions import Choice, choose, end, reader
from pprmail.shipped import shipped
from pprmail.storage.database import Database
from pprmail.storage.tables import AuditEntry, ServiceMail, Subscriber

ADDRESS = "ada@example.org"
MAILS = ServiceMails(Shelf([shipped("templates")]), MASTHEAD)
CORRESPONDENCE = Correspondence(MAILS, SIGNER, TOPICS)


def test_leaving_ends_the_subscription_and_keeps_its_row(database: Database) -> None:
    ada = a_reader(database, ADDRESS, EMPATHY)
    assert leave(database, ada, how="page", now=NOW)
    found = stored(database, ada)
    assert (found.status, found.end_reason) == (SubscriberStatus.ENDED, EndReason.UNSUBSCRIBED)
    assert (found.ended_at, found.email) == (NOW, ADDRESS)
    assert found.chosen_topics == [EMPATHY]


def test_leaving_twice_is_noted_once(database: Database) -> None:
    ada = a_reader(database, ADDRESS)
    assert leave(database, ada, how="page", now=NOW)
    assert leave(database, ada, how="page", now=NOW)
    assert lines(database) == 1


def test_who_never_confirmed_may_leave(database: Database) -> None:
    ada = a_reader(database, ADDRESS, status=SubscriberStatus.PENDING)
    leave(database, ada, how="page", now=NOW)
    assert stored(database, ada).status is SubscriberStatus.ENDED


def test_nobody_leaves_under_a_name_that_nobody_has(database: Database) -> None:
    a_reader(database, ADDRESS)
    assert not leave(database, new_public_id(), how="page", now=NOW)
    assert lines(database) == 0


def test_what_is_chosen_takes_the_place_of_what_was_chosen_before(database: Database) -> None:
    ada = a_reader(database, ADDRESS, EMPATHY, TRAINING)
    assert chosen(database, ada, TRAINING, ALLIANCE, no_match=NoMatch.SKIP)
    found = stored(database, ada)
    assert set(found.chosen_topics) == {TRAINING, ALLIANCE}
    assert (found.follows_all, found.no_match) == (False, NoMatch.SKIP)
    assert [p.topic for p in found.preferences if p.ended_at] == [EMPATHY]


def test_choosing_nothing_means_everything(database: Database) -> None:
    ada = a_reader(database, ADDRESS, EMPATHY)
    assert chosen(database, ada)
    assert (stored(database, ada).follows_all, stored(database, ada).chosen_topics) == (True, [])


def test_who_has_left_and_who_never_was_chooses_nothing(database: Database) -> None:
    gone = a_reader(database, ADDRESS, status=SubscriberStatus.ENDED)
    for public_id in (gone, new_public_id()):
        assert not chosen(database, public_id, EMPATHY)
    assert stored(database, gone).chosen_topics == []
    assert lines(database) == 0


def test_a_reader_who_chooses_otherwise_is_told_by_mail(database: Database) -> None:
    ada = a_reader(database, ADDRESS, EMPATHY)
    chosen(database, ada, EMPATHY, TRAINING)
    (mail,) = mails(database)
    assert (mail.kind, mail.recipient, mail.state) == ("preferences_changed", ADDRESS, "queued")
    assert "- Empathy\n- Training\n" in mail.text
    assert CORRESPONDENCE.signer.leave_token(ada) in mail.html


def test_saving_the_same_choice_again_sends_nothing(database: Database) -> None:
    ada = a_reader(database, ADDRESS, EMPATHY, TRAINING)
    chosen(database, ada, TRAINING, EMPATHY)
    assert mails(database) == []


def test_of_several_changes_in_a_row_the_last_is_told(database: Database) -> None:
    ada, bo = a_reader(database, ADDRESS), a_reader(database, "bo@example.org")
    for slug in (EMPATHY, TRAINING, ALLIANCE):
        chosen(database, ada, slug)
    chosen(database, bo, EMPATHY)
    assert sorted(mail.recipient for mail in mails(database)) == [ADDRESS, "bo@example.org"]
    assert "Alliance and Therapeutic Relationship" in mails(database)[0].text


def test_a_broken_template_keeps_nobody_from_choosing(database: Database, tmp_path: Path) -> None:
    ada = a_reader(database, ADDRESS)
    own = tmp_path / "email" / "preferences_changed" / "body.html"
    own.parent.mkdir(parents=True)
    own.write_text("{{ nope }}")
    broken = ServiceMails(Shelf([tmp_path, shipped("templates")]), MASTHEAD)
    correspondence = Correspondence(broken, SIGNER, TOPICS)
    choice = Choice((EMPATHY,), NoMatch.NOTE)
    assert choose(database, ada, choice, correspondence=correspondence, now=NOW)
    assert stored(database, ada).chosen_topics == [EMPATHY]
    assert mails(database) == []


def test_who_never_confirmed_is_not_written_to(database: Database) -> None:
    ada = a_reader(database, ADDRESS, status=SubscriberStatus.PENDING)
    assert chosen(database, ada, EMPATHY)
    assert mails(database) == []


def test_an_editor_ends_a_subscription_by_any_spelling_of_its_address(database: Database) -> None:
    ada = a_reader(database, "Ada@Example.org")
    ended = end(database, " ADA@example.ORG ", who="editor@example.org", now=NOW)
    assert (ended.public_id, ended.end_reason) == (ada, EndReason.EDITOR)
    end(database, ADDRESS, who="editor@example.org", now=NOW)
    assert lines(database) == 1


def test_an_editor_does_not_soften_how_a_reader_left(database: Database) -> None:
    ada = a_reader(database, ADDRESS)
    leave(database, ada, how="page", now=NOW)
    assert end(database, ADDRESS, who="editor", now=NOW).end_reason is EndReason.UNSUBSCRIBED


@pytest.mark.parametrize("address", ["nobody@example.org", "no address", "a@b..c", ""])
def test_an_address_that_nobody_has_is_named_with_what_to_do(
    database: Database, address: str
) -> None:
    with pytest.raises(NotFoundError):
        end(database, address, who="editor", now=NOW)


def test_the_log_holds_names_and_no_addresses(database: Database) -> None:
    ada = a_reader(database, ADDRESS)
    chosen(database, ada, EMPATHY)
    end(database, ADDRESS, who="editor", now=NOW)
    with database.read() as session:
        told = session.scalars(select(AuditEntry)).all()
    assert {line.subject for line in told} == {ada}
    assert ADDRESS not in str([line.detail for line in told])


def chosen(
    database: Database, public_id: str, *topics: str, no_match: NoMatch = NoMatch.NOTE
) -> bool:
    choice = Choice(topics, no_match)
    return choose(database, public_id, choice, correspondence=CORRESPONDENCE, now=NOW)


def mails(database: Database) -> list[ServiceMail]:
    with database.read() as session:
        return list(session.scalars(select(ServiceMail).order_by(ServiceMail.id)))


def stored(database: Database, public_id: str) -> Subscriber:
    found = reader(database, public_id)
    assert found is not None
    return found


def lines(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(AuditEntry)) or 0
