import pytest
from sqlalchemy import func, select

from making import ALLIANCE, EMPATHY, NOW, TRAINING, a_reader
from pprmail.errors import NotFoundError
from pprmail.model.audience import NoMatch
from pprmail.model.subscriber import EndReason, SubscriberStatus, new_public_id
from pprmail.services.subscriptions import choose, end, leave, reader
from pprmail.storage.database import Database
from pprmail.storage.tables import AuditEntry, Subscriber

ADDRESS = "ada@example.org"


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
    assert choose(database, ada, [TRAINING, ALLIANCE], no_match=NoMatch.SKIP, now=NOW)
    found = stored(database, ada)
    assert set(found.chosen_topics) == {TRAINING, ALLIANCE}
    assert (found.follows_all, found.no_match) == (False, NoMatch.SKIP)
    assert [p.topic for p in found.preferences if p.ended_at] == [EMPATHY]


def test_choosing_nothing_means_everything(database: Database) -> None:
    ada = a_reader(database, ADDRESS, EMPATHY)
    assert choose(database, ada, [], no_match=NoMatch.NOTE, now=NOW)
    assert (stored(database, ada).follows_all, stored(database, ada).chosen_topics) == (True, [])


def test_who_has_left_and_who_never_was_chooses_nothing(database: Database) -> None:
    gone = a_reader(database, ADDRESS, status=SubscriberStatus.ENDED)
    for public_id in (gone, new_public_id()):
        assert not choose(database, public_id, [EMPATHY], no_match=NoMatch.ALL, now=NOW)
    assert stored(database, gone).chosen_topics == []
    assert lines(database) == 0


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
    choose(database, ada, [EMPATHY], no_match=NoMatch.ALL, now=NOW)
    end(database, ADDRESS, who="editor", now=NOW)
    with database.read() as session:
        told = session.scalars(select(AuditEntry)).all()
    assert {line.subject for line in told} == {ada}
    assert ADDRESS not in str([line.detail for line in told])


def stored(database: Database, public_id: str) -> Subscriber:
    found = reader(database, public_id)
    assert found is not None
    return found


def lines(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(AuditEntry)) or 0
