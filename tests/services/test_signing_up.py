"""Whoever asks for the letter costs and changes the same, and the owner of the address decides."""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from making import EMPATHY, NOW, SIGNER, TRAINING, a_reader
from pprmail.model.link import Signer
from pprmail.model.subscriber import EndReason, SubscriberStatus
from pprmail.services.bounds import Bounds, Sort
from pprmail.services.leaving import leave
from pprmail.services.signing_up import Wish
from pprmail.services.subscriptions import end
from pprmail.storage.database import Database
from pprmail.storage.subscribers import subscriber_with_address
from pprmail.storage.tables import Confirmation, MailedLink, Subscriber
from services.signing import (
    ADDRESS,
    DAY,
    ask,
    asked,
    count,
    found,
    kinds,
    mails,
    press,
    sent,
    sign_ups,
)

STATES = ("unknown", "pending", "active", "unsubscribed", "bounced", "complained", "editor")


def in_state(database: Database, state: str, address: str = ADDRESS) -> None:
    """Let the address be known in a state, or not at all."""
    if state == "unknown":
        return
    status = SubscriberStatus.PENDING if state == "pending" else SubscriberStatus.ACTIVE
    a_reader(database, address, EMPATHY, status=status)
    if state not in {"pending", "active"}:
        end_as(database, address, EndReason(state))


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Collect what is executed, without its values."""
    run: list[str] = []

    def keep(_: Any, __: Any, statement: str, *___: Any) -> None:
        run.append(re.sub(r"\s+", " ", statement))

    event.listen(database.engine, "before_cursor_execute", keep)
    yield run
    event.remove(database.engine, "before_cursor_execute", keep)


def test_nobody_learns_from_the_statements_who_reads_the_letter(database: Database) -> None:
    ask(database, "first@example.org")  # the first of all fills caches
    run: dict[str, list[str]] = {}
    for state in STATES:
        address = f"{state}@example.org"
        in_state(database, state, address)
        with statements(database) as run[state]:
            assert ask(database, address, TRAINING)
    assert len(run["unknown"]) > 8
    assert all(each == run["unknown"] for each in run.values())


def end_as(database: Database, address: str, reason: EndReason) -> None:
    with database.write() as session:
        row = subscriber_with_address(session, address)
        assert row is not None
        row.end(reason, now=NOW - DAY)


@pytest.mark.parametrize("state", STATES)
def test_the_mail_alone_tells_the_owner(database: Database, state: str) -> None:
    in_state(database, state)
    assert ask(database)
    goes_out = {"active": ["already_subscribed"], "complained": []}
    assert sent(database) == goes_out.get(state, ["confirmation"])


@pytest.mark.parametrize("state", STATES)
def test_asking_changes_nothing_of_a_reader(database: Database, state: str) -> None:
    in_state(database, state)
    before = described(found(database)) if state != "unknown" else None
    ask(database, ADDRESS, TRAINING, name="Somebody Else")
    after = described(found(database))
    assert after == (before or (SubscriberStatus.PENDING, None, None, [], True, []))


def described(reader: Subscriber) -> tuple[object, ...]:
    status, reason = reader.status, reader.end_reason
    consents = [consent.how for consent in reader.consents]
    return status, reason, reader.name, reader.chosen_topics, reader.follows_all, consents


def test_a_mail_goes_to_the_address_on_file_however_it_is_typed(database: Database) -> None:
    a_reader(database, ADDRESS)
    ask(database, "ADA@Example.org")
    assert [mail.recipient for mail in mails(database)] == [ADDRESS]
    assert count(database, Subscriber) == 1


def test_nothing_of_the_form_but_topics_of_the_list_stands_in_the_mail(database: Database) -> None:
    ask(database, ADDRESS, EMPATHY, name="Buy gold at gold.example")
    (mail,) = mails(database)
    assert "gold" not in mail.html + mail.text
    assert "Empathy" in mail.text


def test_one_mail_a_day_and_three_in_thirty_days_whoever_asks(database: Database) -> None:
    went = []
    for hour in range(0, 32 * 24, 12):
        before = len(mails(database))
        assert ask(database, now=NOW + DAY * hour / 24, network=f"10.0.{hour % 200}.0/24")
        went += [hour / 24] if len(mails(database)) > before else []
    assert went == [0, 1, 2, 30, 31]


def test_bounds_hold_for_every_spelling_of_an_address(database: Database) -> None:
    ask(database)
    ask(database, "ADA@EXAMPLE.ORG", network="198.51.100.0/24")
    assert len(mails(database)) == 1


def test_the_rows_of_bounds_name_neither_address_nor_network(database: Database) -> None:
    ask(database)
    with database.read() as session:
        link = session.query(MailedLink).one()
    assert re.fullmatch(r"[\w-]{22}", link.address)
    assert re.fullmatch(r"[\w-]{22}", link.client)


def test_a_network_has_a_budget_for_an_hour_and_others_have_theirs(database: Database) -> None:
    answers = [ask(database, f"reader{n}@example.org") for n in range(22)]
    assert answers == [True] * 20 + [False] * 2
    assert ask(database, "other@example.org", network="203.0.113.0/24")
    assert ask(database, "later@example.org", now=NOW + DAY / 24)


def test_everybody_together_has_a_budget_for_an_hour(database: Database) -> None:
    services = sign_ups(database)
    with database.write() as session:
        for number in range(499):
            key, network = f"r{number}@example.org", f"10.0.{number}.0/24"
            services.bounds.count(session, Sort.SIGN_UP, key=key, network=network, now=NOW)
    assert ask(database, "r499@example.org", network="203.0.113.0/24")
    assert not ask(database, "r500@example.org", network="198.51.100.0/24")
    assert not ask(database, "r500@example.org", network="198.51.101.0/24")
    assert len(mails(database)) == 1
    assert ask(database, "r500@example.org", network="198.51.100.0/24", now=NOW + DAY / 24)


def test_who_is_over_the_budget_leaves_nothing_behind(database: Database) -> None:
    for number in range(21):
        ask(database, f"reader{number}@example.org")
    assert (
        count(database, Subscriber) == count(database, Confirmation) == len(mails(database)) == 20
    )


def test_who_left_after_asking_is_not_brought_back_by_the_old_link(database: Database) -> None:
    ask(database)
    leave(database, found(database).public_id, how="page", now=NOW + DAY)
    press(database, now=NOW + 2 * DAY)
    assert found(database).status is SubscriberStatus.ENDED


def test_who_left_asks_again_and_comes_back_with_the_new_link_alone(database: Database) -> None:
    ask(database)
    old = asked(database)
    reader = found(database).public_id
    leave(database, reader, how="page", now=NOW + DAY)
    ask(database, now=NOW + 2 * DAY)
    press(database, old, now=NOW + 2 * DAY)
    assert found(database).status is SubscriberStatus.ENDED
    press(database, now=NOW + 2 * DAY)
    came_back = found(database)
    assert (came_back.status, came_back.ended_before, came_back.end_reason) == (
        SubscriberStatus.ACTIVE,
        EndReason.UNSUBSCRIBED,
        None,
    )


def test_who_an_editor_ended_may_come_back(database: Database) -> None:
    a_reader(database, ADDRESS)
    end(database, ADDRESS, who="cli", now=NOW)
    ask(database, now=NOW + DAY)
    assert kinds(database) == ["confirmation"]
    press(database, now=NOW + DAY)
    assert found(database).status is SubscriberStatus.ACTIVE


def test_of_several_who_ask_for_an_address_at_once_one_is_mailed(database: Database) -> None:
    services = sign_ups(database)

    def ask_from(number: int) -> bool:
        return services.ask(Wish(ADDRESS), network=f"10.0.{number}.0/24", now=NOW)

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(ask_from, range(8)))
    assert kinds(database) == ["confirmation"]


def test_a_budget_holds_for_those_who_ask_at_once(database: Database) -> None:
    services = sign_ups(database)
    for number in range(16):
        assert services.ask(Wish(f"r{number}@example.org"), network="here", now=NOW)

    def ask_for(number: int) -> bool:
        return services.ask(Wish(f"s{number}@example.org"), network="here", now=NOW)

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(ask_for, range(8))) == 4
    assert len(mails(database)) == 20


def test_a_bound_outlasts_a_change_of_the_secret_key(database: Database) -> None:
    ask(database)
    turned = Bounds(Signer((b"a newer key that signs from today on", *SIGNER.keys)))
    services = sign_ups(database, turned)
    assert services.ask(Wish(ADDRESS), network="elsewhere", now=NOW)
    assert len(mails(database)) == 1
