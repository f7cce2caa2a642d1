"""A list of subscribers brings readers in, changes what it names, and brings nobody back."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from making import ALLIANCE, EMPATHY, MASTHEAD, NOW, SIGNER, TOPICS, TRAINING, a_reader
from pprmail.model.audience import NoMatch
from pprmail.model.subscriber import ConsentKind, EndReason, Subscriber, SubscriberStatus
from pprmail.services.enrolment import AT_ONCE, Enrolment, Registrar
from pprmail.services.enrolment_rules import CONSENT_WORDINGS
from pprmail.services.subscriptions import end
from pprmail.sources.subscriber_list import (
    Origin,
    SubscriberList,
    Told,
    one_subscriber,
    read_subscribers,
)
from pprmail.storage.database import Database
from pprmail.storage.subscribers import subscriber_with_address

HEADER = "email,name,topics,no_match,status,consent_source,consent_at,consent_kind"
ADA = "ada@example.org"
EXAMPLE = Path(__file__).parents[2] / "subscribers" / "example.csv"


def test_a_new_reader_comes_in_with_choices_and_the_consent_that_was_given(
    database: Database, tmp_path: Path
) -> None:
    line = f"{ADA},Ada Moreau,Training;Empathy,skip,active,conference,2026-01-05,implied"
    assert enrolled(database, tmp_path, line).new == [ADA]
    ada = reader(database)
    assert (ada.name, ada.no_match, ada.status) == (
        "Ada Moreau",
        NoMatch.SKIP,
        SubscriberStatus.ACTIVE,
    )
    assert (ada.chosen_topics, ada.follows_all) == ([TRAINING, EMPATHY], False)
    (consent,) = ada.consents
    assert (consent.how, consent.kind) == ("conference", ConsentKind.IMPLIED)
    assert consent.wording == CONSENT_WORDINGS[Origin.LIST]
    assert (consent.at, consent.recorded_at) == (datetime(2026, 1, 5, 5, tzinfo=UTC), NOW)


def test_importing_a_list_twice_changes_nothing(database: Database, tmp_path: Path) -> None:
    line = f"{ADA},Ada,Training,note,active,conference,2026-01-05,"
    enrolled(database, tmp_path, line)
    before = facts(reader(database))
    again = enrolled(database, tmp_path, line)
    assert (again.new, again.changed, again.unchanged) == ([], [], [ADA])
    assert facts(reader(database)) == before


def test_the_example_that_ships_comes_in_whole(database: Database) -> None:
    listed = read_subscribers(Told(EXAMPLE, MASTHEAD.zone), TOPICS)
    names = [line.split(",")[0] for line in EXAMPLE.read_text(encoding="utf-8").splitlines()[1:]]
    result = Registrar(database, SIGNER).enrol(listed, who="cli", now=NOW)
    assert (result.new, result.refused, result.waiting) == (names, [], [])
    active = {n for n in names if reader(database, n).status is SubscriberStatus.ACTIVE}
    assert active == {"ada.reader@example.org", "bo.lind@example.org", "carmen@example.org"}
    again = Registrar(database, SIGNER).enrol(listed, who="cli", now=NOW)
    assert (again.unchanged, again.refused) == (names, [])


def test_a_reader_of_no_topics_gets_everything(database: Database, tmp_path: Path) -> None:
    enrolled(database, tmp_path, f"{ADA},,,,active,conference,,")
    assert (reader(database).chosen_topics, reader(database).follows_all) == ([], True)


def test_a_reader_without_consent_waits_until_a_list_names_one(
    database: Database, tmp_path: Path
) -> None:
    enrolled(database, tmp_path, f"{ADA},,,,,,,")
    assert (reader(database).status, reader(database).consents) == (SubscriberStatus.PENDING, [])
    assert enrolled(database, tmp_path, f"{ADA},,,,,by letter,,").changed == [ADA]
    assert reader(database).status is SubscriberStatus.ACTIVE
    assert [consent.how for consent in reader(database).consents] == ["by letter"]


@pytest.mark.parametrize("waits", [False, True])
def test_nobody_is_active_without_a_consent(
    database: Database, tmp_path: Path, *, waits: bool
) -> None:
    if waits:
        enrolled(database, tmp_path, f"{ADA},,,,pending,,,")
    result = enrolled(database, tmp_path, f"{ADA},,,,active,,,", "bo@example.org,,,,,talk,,")
    assert result.new == ["bo@example.org"]
    (refused,) = result.refused
    assert refused.where.endswith("readers.csv:line 2")
    assert "needs a consent_source" in refused.reason


def test_only_what_a_list_names_is_changed(database: Database, tmp_path: Path) -> None:
    a_reader(database, ADA, ALLIANCE, name="Ada", no_match=NoMatch.SKIP)
    later = NOW + timedelta(days=1)
    lines = listed(tmp_path, f"{ADA},Ada Moreau", header="email,name")
    assert registrar(database).enrol(lines, who="test", now=later).changed == [ADA]
    ada = reader(database)
    assert (ada.name, ada.chosen_topics, ada.no_match) == ("Ada Moreau", [ALLIANCE], NoMatch.SKIP)
    assert (ada.status, len(ada.consents), ada.updated_at) == (SubscriberStatus.ACTIVE, 1, later)


def test_topics_are_exchanged_and_those_left_keep_their_history(
    database: Database, tmp_path: Path
) -> None:
    a_reader(database, ADA, ALLIANCE, EMPATHY)
    assert enrolled(database, tmp_path, f"{ADA},,Empathy;Training,,,,,").changed == [ADA]
    ada = reader(database)
    assert ada.chosen_topics == [EMPATHY, TRAINING]
    assert [p.topic for p in ada.preferences if p.ended_at == NOW] == [ALLIANCE]


def test_a_list_ends_a_reader_and_does_so_once(database: Database, tmp_path: Path) -> None:
    a_reader(database, ADA)
    assert enrolled(database, tmp_path, f"{ADA},,,,ended,,,").changed == [ADA]
    assert (reader(database).status, reader(database).end_reason) == (
        SubscriberStatus.ENDED,
        EndReason.IMPORTED,
    )
    assert enrolled(database, tmp_path, f"{ADA},,,,ended,,,").unchanged == [ADA]


def test_someone_who_had_left_elsewhere_is_kept_as_ended(
    database: Database, tmp_path: Path
) -> None:
    assert enrolled(database, tmp_path, f"{ADA},,,,ended,,,").new == [ADA]
    assert reader(database).ended_at == NOW


def test_who_left_never_comes_back_by_a_list(database: Database, tmp_path: Path) -> None:
    a_reader(database, ADA)
    end(database, ADA, who="test", now=NOW)
    before = facts(reader(database))
    for status in ("active", "pending"):
        result = enrolled(database, tmp_path, f"{ADA},New,,,{status},conference,,")
        assert [r.reason for r in result.refused] == [
            "this reader's letters have ended (editor); a list brings nobody back"
        ]
    assert facts(reader(database)) == before


def test_pending_in_a_list_takes_no_letters_from_an_active_reader(
    database: Database, tmp_path: Path
) -> None:
    a_reader(database, ADA)
    assert enrolled(database, tmp_path, f"{ADA},,,,pending,,,").unchanged == [ADA]
    assert reader(database).status is SubscriberStatus.ACTIVE


def test_one_mailbox_is_one_reader_however_it_is_written(
    database: Database, tmp_path: Path
) -> None:
    result = enrolled(
        database,
        tmp_path,
        f"{ADA},,,,,talk,,",
        "Ada@Example.ORG,,,,,talk,,",
        "bo@example.org,,,,,talk,,",
    )
    assert (result.new, [r.reason for r in result.refused]) == (
        [ADA, "bo@example.org"],
        ["the same address stands in line 2 already"],
    )
    assert enrolled(database, tmp_path, "ADA@example.org,,,,,talk,,").unchanged == [
        "ADA@example.org"
    ]


def test_refused_lines_keep_no_good_line_out(database: Database, tmp_path: Path) -> None:
    result = enrolled(
        database,
        tmp_path,
        "no address,,,,,talk,,",
        "bo@example.org,,Trainnig,,,talk,,",
        "cy@example.org,,,maybe,,talk,,",
        "di@example.org,,,,,talk,soon,",
        "too,few",
        f"{ADA},,,,,talk,,",
    )
    assert result.new == [ADA]
    said = {refused.where[-6:]: refused.reason for refused in result.refused}
    assert list(said) == [f"line {number}" for number in range(2, 7)]
    assert "is no address a letter can go to" in said["line 2"]
    assert "did you mean “Training”?" in said["line 3"]
    assert said["line 4"].startswith("no_match: ")
    assert "write 2026-11-23" in said["line 5"]
    assert said["line 6"] == "it has 2 columns, the first line has 8"


def test_a_rehearsal_says_what_would_happen_and_writes_nothing(
    database: Database, tmp_path: Path
) -> None:
    a_reader(database, ADA, name="Ada")
    before = facts(reader(database))
    lines = listed(
        tmp_path, f"{ADA},Other,Training,,ended,,,", "bo@example.org,,,,,talk,,", "cy,,,,,,,"
    )
    rehearsed = registrar(database).rehearse(lines, now=NOW)
    assert (rehearsed.new, rehearsed.changed) == (["bo@example.org"], [ADA])
    assert facts(reader(database)) == before
    with database.read() as session:
        assert subscriber_with_address(session, "bo@example.org") is None
    assert registrar(database).enrol(lines, who="test", now=NOW) == rehearsed


def test_a_list_longer_than_one_part_comes_in_whole(sqlite: Database, tmp_path: Path) -> None:
    lines = [f"r{number}@example.org,,,,,talk,," for number in range(AT_ONCE + 2)]
    assert len(enrolled(sqlite, tmp_path, *lines).new) == AT_ONCE + 2
    assert len(enrolled(sqlite, tmp_path, *lines).unchanged) == AT_ONCE + 2


def listed(folder: Path, *lines: str, header: str = HEADER) -> SubscriberList:
    path = folder / "readers.csv"
    path.write_text("\n".join([header, *lines]) + "\n")
    return read_subscribers(Told(path, MASTHEAD.zone), TOPICS)


def registrar(database: Database) -> Registrar:
    return Registrar(database, SIGNER)


def enrolled(database: Database, folder: Path, *lines: str) -> Enrolment:
    return registrar(database).enrol(listed(folder, *lines), who="test", now=NOW)


def reader(database: Database, address: str = ADA) -> Subscriber:
    with database.read() as session:
        found = subscriber_with_address(session, address)
        assert found is not None
        _ = found.preferences, found.consents
        return found


def facts(subscriber: Subscriber) -> tuple[object, ...]:
    chosen = (subscriber.name, subscriber.chosen_topics, subscriber.no_match, subscriber.status)
    return *chosen, subscriber.end_reason, len(subscriber.consents), subscriber.public_id


def test_a_list_that_comes_again_is_passed_over_and_what_differs_is_not(
    database: Database,
) -> None:
    first = [
        {"email": f"r{n}@example.org", "name": f"R {n}", "topics": "Empathy", "no_match": "all"}
        | {"consent_source": "form", "consent_at": "2026-01-05"}
        for n in range(6)
    ]
    registrar = Registrar(database, SIGNER)
    registrar.enrol(lines_of(first), who="test", now=NOW)
    again = registrar.enrol(lines_of(first), who="test", now=NOW)
    assert (len(again.unchanged), again.changed, again.new, again.refused) == (6, [], [], [])
    other = [dict(line) for line in first]
    other[0]["name"] = "Other"
    other[1]["topics"] = "Empathy;Training"
    other[2]["no_match"] = "skip"
    other[3]["status"] = "ended"
    del other[4]["name"], other[4]["topics"], other[4]["no_match"]
    told = registrar.enrol(lines_of(other), who="test", now=NOW)
    assert told.changed == [f"r{n}@example.org" for n in range(4)]
    assert told.unchanged == ["r4@example.org", "r5@example.org"]


def lines_of(given: list[dict[str, str]]) -> SubscriberList:
    """Check lines as those of a file are checked."""
    read = SubscriberList([], [])
    for line in given:
        read.lines.extend(
            one_subscriber(line, TOPICS, zone=MASTHEAD.zone, origin=Origin.LIST).lines
        )
    return read
