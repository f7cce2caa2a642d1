"""The figures of all readers are what the rows say, month by month and topic by topic."""

from dataclasses import replace
from datetime import UTC, datetime

from making import EMPATHY, NOW, TRAINING, a_newsroom, a_reader
from pprmail.model.subscriber import EndReason, Subscriber, SubscriberStatus
from pprmail.services.keeping import Keeping
from pprmail.services.reader_figures import Heads, ReaderFigures
from pprmail.storage.database import Database

PATIENT = 20.0


def figures(database: Database) -> ReaderFigures:
    return ReaderFigures(replace(a_newsroom(database), kept=Keeping(PATIENT)))


def change(database: Database, address: str, *topics: str, **values: object) -> None:
    public_id = a_reader(database, address, *topics)
    with database.write() as session:
        reader = session.query(Subscriber).filter_by(public_id=public_id).one()
        for name, value in values.items():
            setattr(reader, name, value)


def ended(at: datetime, reason: EndReason = EndReason.UNSUBSCRIBED) -> dict[str, object]:
    return {"status": SubscriberStatus.ENDED, "end_reason": reason, "ended_at": at}


def test_heads_are_counted_by_where_readers_stand(database: Database) -> None:
    a_reader(database, "ada@example.org")
    a_reader(database, "bo@example.org", status=SubscriberStatus.PENDING)
    change(database, "cy@example.org", paused_until="2026-12")
    change(database, "di@example.org", paused_until="2026-11")
    change(database, "ed@example.org", **ended(NOW, EndReason.BOUNCED))
    change(database, "flo@example.org", **ended(NOW))
    counted = figures(database).heads(now=NOW)
    assert counted is not None
    nobody = dict.fromkeys(EndReason, 0)
    some = {EndReason.BOUNCED: 1, EndReason.UNSUBSCRIBED: 1}
    assert counted.figures == Heads(active=3, resting=1, pending=1, ended=nobody | some)
    assert counted.figures.ended_in_all == 2


def test_topics_are_counted_for_readers_and_for_nobody_else(database: Database) -> None:
    a_reader(database, "ada@example.org", EMPATHY, TRAINING)
    a_reader(database, "bo@example.org", EMPATHY)
    a_reader(database, "cy@example.org")
    a_reader(database, "di@example.org", TRAINING, status=SubscriberStatus.PENDING)
    change(database, "ed@example.org", TRAINING, **ended(NOW))
    counted = figures(database).choices(now=NOW)
    assert counted is not None
    topics = {t.slug: t.readers for t in counted.figures.topics}
    assert (counted.figures.everything, topics[EMPATHY], topics[TRAINING]) == (1, 2, 1)
    assert len(topics) == 36
    assert counted.figures.topics[0].slug == EMPATHY


def test_growth_is_told_by_month_of_the_newsletters_zone(database: Database) -> None:
    # Ten in the evening of 31 October in Toronto is November already where UTC is the time.
    october = datetime(2026, 11, 1, 2, tzinfo=UTC)
    change(database, "ada@example.org", created_at=october)
    change(database, "bo@example.org", created_at=october, **ended(NOW))
    change(database, "cy@example.org", created_at=NOW)
    a_reader(database, "di@example.org", status=SubscriberStatus.PENDING)
    change(database, "ed@example.org", created_at=NOW, **ended(NOW, EndReason.IMPORTED))
    counted = figures(database).growth(now=NOW)
    assert counted is not None
    told = [(g.month, g.gained, g.left, g.total) for g in counted.figures]
    assert len(told) == 12
    assert told[0] == ("2025-12", 0, 0, 0)
    assert told[-2:] == [("2026-10", 2, 0, 2), ("2026-11", 1, 1, 2)]
    year = figures(database).year(2026, now=NOW)
    assert year is not None
    assert [g.month for g in year.figures] == [f"2026-{n:02d}" for n in range(1, 12)]
    before = figures(database).year(2025, now=NOW)
    assert before is not None
    assert (len(before.figures), before.figures[-1].total) == (12, 0)
