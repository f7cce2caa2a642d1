"""Thirty events of a letter, in any order and any number of times, make the same rows."""

from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from making import NOW, PaperSender, a_newsroom, a_postroom
from pprmail.model.request import RequestState
from pprmail.model.subscriber import SubscriberStatus
from pprmail.services.dispatch.postroom import Postroom
from pprmail.storage.database import Database
from pprmail.storage.tables import Delivery, Event, Request, Subscriber
from services.test_feedback import LATER, WHEN, Told, sent, tell

LETTERS = 5
IN_A_POST = 12
FACTS = ("delivered_at", "bounced_at", "dropped_at", "deferred_at", "complained_at")
KINDS: list[Told] = [
    {"event": "processed"},
    {"event": "delivered"},
    {"event": "deferred"},
    {"event": "bounce", "type": "bounce"},
    {"event": "bounce", "type": "blocked"},
    {"event": "dropped", "reason": "Spam Reporting Address"},
    {"event": "spamreport"},
    {"event": "unsubscribe"},
    {"event": "open"},
    {"event": "opened_by_the_moon"},
]
STORIES = st.lists(
    st.tuples(st.sampled_from(range(len(KINDS))), st.integers(0, 40)),
    min_size=30,
    max_size=30,
    unique=True,
)


@pytest.fixture
def on_sqlite(sqlite: Database, tmp_path: Path) -> tuple[Postroom, list[Told]]:
    return a_postroom(a_newsroom(sqlite), tmp_path, PaperSender()), []


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(story=STORIES, seed=st.integers(0, 2**32))
def test_thirty_events_shuffled_and_repeated_make_the_same_rows(
    on_sqlite: tuple[Postroom, list[Told]], story: list[tuple[int, int]], seed: int
) -> None:
    postroom, letters = on_sqlite
    if not letters:
        letters += sent(postroom, LETTERS)
    forget_what_was_told(postroom)
    assert_all_the_same(postroom, letters, story, Random(seed))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_databases_agree_on_that(database: Database, tmp_path: Path, seed: int) -> None:
    postroom, draw = a_postroom(a_newsroom(database), tmp_path, PaperSender()), Random(seed)
    story = [(draw.randrange(len(KINDS)), second) for second in range(30)]
    letters = sent(postroom, LETTERS)
    forget_what_was_told(postroom)
    assert_all_the_same(postroom, letters, story, draw)


def assert_all_the_same(
    postroom: Postroom, letters: list[Told], story: list[tuple[int, int]], draw: Random
) -> None:
    posts = [post for letter in letters for post in reports(letter, story, draw)]
    draw.shuffle(posts)
    for post in posts:
        tell(postroom, post)
    assert len({facts(*row) for row in rows(postroom)}) == 1
    assert events_per_letter(postroom) == [len(story)] * len(letters)


def reports(letter: Told, story: list[tuple[int, int]], draw: Random) -> list[list[Told]]:
    """Tell a letter's story out of order, some of it again, some of that under another name."""
    told = [
        letter | KINDS[kind] | {"timestamp": WHEN + second, "sg_event_id": f"{n}{letter['pm_d']}"}
        for n, (kind, second) in enumerate(story)
    ]
    again = draw.choices(told, k=draw.randrange(20))
    renamed = [
        each | {"sg_event_id": f"{draw.random()}"}
        for each in draw.choices(told, k=draw.randrange(20))
    ]
    whole = [*told, *again, *renamed]
    draw.shuffle(whole)
    return [whole[start : start + IN_A_POST] for start in range(0, len(whole), IN_A_POST)]


def facts(delivery: Delivery, reader: Subscriber, request: Request) -> tuple[Any, ...]:
    """Give all that an event may change, and no name by which two letters differ."""
    assert request.state is RequestState.ACCEPTED
    return (
        *(getattr(delivery, fact) for fact in FACTS),
        *(reader.status, reader.end_reason, reader.ended_at, reader.updated_at),
        *(request.settled_by, request.finished_at, request.detail),
    )


def forget_what_was_told(postroom: Postroom) -> None:
    """Begin again: nothing was reported, and nobody knows whether the letters were taken."""
    unknown = {"state": RequestState.UNKNOWN, "settled_by": None, "finished_at": NOW}
    present = {"status": SubscriberStatus.ACTIVE, "end_reason": None, "ended_at": None}
    with postroom.database.write() as session:
        session.execute(delete(Event))
        session.execute(update(Delivery).values(dict.fromkeys(FACTS)))
        session.execute(update(Request).values(unknown | {"detail": None}))
        session.execute(update(Subscriber).values(present | {"updated_at": NOW}))


def rows(postroom: Postroom) -> list[tuple[Delivery, Subscriber, Request]]:
    joined = select(Delivery, Subscriber, Request).join(Subscriber).join(Request)
    with postroom.database.read() as session:
        return [(d, s, r) for d, s, r in session.execute(joined)]


def events_per_letter(postroom: Postroom) -> Sequence[int]:
    counted = select(func.count()).select_from(Event).group_by(Event.delivery_id)
    with postroom.database.read() as session:
        assert not session.scalar(select(func.count()).where(Event.applied_at.is_(None)))
        assert set(session.scalars(select(Event.applied_at))) == {LATER}
        return session.scalars(counted).all()
