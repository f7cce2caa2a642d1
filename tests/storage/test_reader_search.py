"""Whoever is looked for is found, on both databases, a page at a time and in a bounded look."""

from typing import Any

import pytest

from making import EMPATHY, NOW, TRAINING, a_reader
from pprmail.model.subscriber import EndReason, Subscriber, SubscriberStatus
from pprmail.storage import reader_search
from pprmail.storage.database import Database
from pprmail.storage.reader_search import Found, Wanted, find_readers

PENDING, ACTIVE, ENDED = SubscriberStatus


def look(database: Database, after: str | None = None, **wanted: Any) -> Found:
    with database.read() as session:
        return find_readers(session, Wanted(**wanted), after=after)


def addresses(found: Found) -> list[str | None]:
    return [reader.email for reader in found.readers]


def test_a_part_of_address_or_name_finds_in_the_order_of_addresses(database: Database) -> None:
    a_reader(database, "zoe@uni.example.org", name="Zoé Ader")
    a_reader(database, "Ada@example.org", name="Ada Moreau")
    a_reader(database, "bo@example.org", name="Bo")
    assert addresses(look(database, part="ADE")) == ["zoe@uni.example.org"]
    assert addresses(look(database, part="a")) == [
        "Ada@example.org",
        "bo@example.org",
        "zoe@uni.example.org",
    ]
    assert addresses(look(database, part="moreau")) == ["Ada@example.org"]
    assert addresses(look(database, part="%")) == []


@pytest.mark.parametrize("part", ["élise", "Élise", "élodie élise"])
def test_a_name_with_an_accent_is_found_however_it_is_typed(database: Database, part: str) -> None:
    a_reader(database, "e@example.org", name="Élodie Élise Roy")
    assert addresses(look(database, part=part)) == ["e@example.org"]


def test_a_whole_address_finds_its_reader_alone(database: Database) -> None:
    a_reader(database, "Ada@example.org")
    a_reader(database, "amada@example.org.au")
    assert addresses(look(database, part="ADA@example.org")) == ["Ada@example.org"]


def test_readers_are_found_by_where_they_stand_and_what_they_chose(database: Database) -> None:
    a_reader(database, "ada@example.org", EMPATHY, TRAINING)
    a_reader(database, "bo@example.org", EMPATHY, status=PENDING)
    a_reader(database, "cy@example.org")
    gone = a_reader(database, "dee@example.org", TRAINING)
    change(database, gone, end_reason=EndReason.BOUNCED, status=ENDED)
    rests = a_reader(database, "eve@example.org", TRAINING)
    change(database, rests, paused_until="2027-01")
    both = (EMPATHY, TRAINING)
    assert addresses(look(database, status=PENDING)) == ["bo@example.org"]
    assert addresses(look(database, end_reason=EndReason.BOUNCED)) == ["dee@example.org"]
    assert addresses(look(database, rests_after="2026-11", status=ACTIVE)) == ["eve@example.org"]
    assert addresses(look(database, rests_after="2027-01")) == []
    assert addresses(look(database, topics=both))[-2:] == ["bo@example.org", "ada@example.org"]
    assert addresses(look(database, topics=both, status=PENDING)) == ["bo@example.org"]
    assert addresses(look(database, topics=(TRAINING,), part="ad")) == ["ada@example.org"]
    assert addresses(look(database, end_reason=EndReason.BOUNCED, part="example")) == [
        "dee@example.org"
    ]


@pytest.mark.parametrize("wanted", [{}, {"part": "example"}, {"topics": (EMPATHY,)}])
def test_pages_follow_each_other_and_show_everybody_once(
    database: Database, monkeypatch: pytest.MonkeyPatch, wanted: dict[str, Any]
) -> None:
    monkeypatch.setattr(reader_search, "PAGE", 2)
    for number in range(5):
        a_reader(database, f"reader{number}@example.org", EMPATHY)
    shown, after = list[str | None](), None
    while True:
        found = look(database, after, **wanted)
        shown += addresses(found)
        after = found.go_on_after
        assert not found.is_cut
        if after is None:
            break
    assert sorted(map(str, shown)) == [f"reader{n}@example.org" for n in range(5)]


@pytest.mark.parametrize(
    ("wanted", "bound"),
    [
        ({"part": "moreau"}, "LOOKED_THROUGH"),
        ({"part": "moreau", "topics": (EMPATHY,)}, "WITH_A_TOPIC"),
        ({"topics": (EMPATHY,), "status": PENDING}, "WITH_A_TOPIC"),
    ],
)
def test_a_long_look_is_cut_and_goes_on_from_there(
    database: Database, monkeypatch: pytest.MonkeyPatch, wanted: dict[str, Any], bound: str
) -> None:
    monkeypatch.setattr(reader_search, bound, 2)
    number = "first" if "part" not in wanted else "zzz"
    a_reader(database, f"{number}@example.org", EMPATHY, name="Moreau", status=PENDING)
    for other in range(4):
        a_reader(database, f"reader{other}@example.org", EMPATHY)
    begun = look(database, **wanted)
    assert (addresses(begun), begun.is_cut) == ([], True)
    assert begun.go_on_after is not None
    then = look(database, begun.go_on_after, **wanted)
    assert addresses(then) == [f"{number}@example.org"]


def change(database: Database, public_id: str, **values: object) -> None:
    with database.write() as session:
        reader = session.query(Subscriber).filter_by(public_id=public_id).one()
        for name, value in values.items():
            setattr(reader, name, value)
        if "end_reason" in values:
            reader.ended_at = NOW
