"""Lists and consent: what is over makes nobody active, who was erased stays away, who left, too."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from making import MASTHEAD, NOW, SIGNER, TOPICS, a_reader
from pprmail.errors import StorageError
from pprmail.model.subscriber import EndReason, Subscriber, SubscriberStatus, address_key
from pprmail.services.enrolment import Enrolment, Registrar
from pprmail.services.enrolment_rules import NEEDS_DATE, NOT_BY_IMPORT
from pprmail.services.subscriptions import end
from pprmail.sources.subscriber_list import Told, read_subscribers
from pprmail.storage.database import Database
from pprmail.storage.erasure import ERASED
from pprmail.storage.subscribers import subscriber_with_address
from pprmail.storage.tables import AuditEntry, Consent, Suppression

HEADER = "email,name,status,consent_source,consent_at,consent_kind"
ADA = "ada@example.org"


def enrolled(database: Database, folder: Path, *lines: str) -> Enrolment:
    path = folder / "readers.csv"
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    return Registrar(database, SIGNER).enrol(
        read_subscribers(Told(path, MASTHEAD.zone), TOPICS), who="test", now=NOW
    )


def reader(database: Database, address: str = ADA) -> Subscriber:
    with database.read() as session:
        found = subscriber_with_address(session, address)
        assert found is not None
        _ = found.preferences, found.consents
        return found


def test_implied_consent_ends_two_years_after_it_began(database: Database, tmp_path: Path) -> None:
    enrolled(database, tmp_path, f"{ADA},,active,member,2025-03-01,implied")
    ada, ends = reader(database), datetime(2027, 3, 1, 5, tzinfo=UTC)
    assert (ada.status, ada.lapses_at, ada.consents[0].ends_at) == ("active", ends, ends)


def test_express_consent_does_not_end(database: Database, tmp_path: Path) -> None:
    enrolled(database, tmp_path, f"{ADA},,active,form,2019-03-01,")
    ada = reader(database)
    assert (ada.status, ada.lapses_at, ada.consents[0].ends_at) == ("active", None, None)


@pytest.mark.parametrize("status", ["active", ""])
def test_a_consent_that_is_over_brings_its_reader_in_as_waiting_and_says_why(
    database: Database, tmp_path: Path, status: str
) -> None:
    result = enrolled(database, tmp_path, f"{ADA},,{status},member,2024-11-01,implied")
    assert (result.new, reader(database).status) == ([ADA], SubscriberStatus.PENDING)
    (waiting,) = result.waiting
    assert waiting.where.endswith("line 2")
    assert "of 2024-11-01 ended on 2026-11-01" in waiting.reason
    assert len(reader(database).consents) == 1


def test_implied_consent_without_its_day_is_refused(database: Database, tmp_path: Path) -> None:
    result = enrolled(database, tmp_path, f"{ADA},,active,member,,implied")
    assert [refused.reason for refused in result.refused] == [NEEDS_DATE]


def test_a_consent_from_the_future_is_refused(database: Database, tmp_path: Path) -> None:
    result = enrolled(database, tmp_path, f"{ADA},,active,form,2027-01-01,")
    assert [r.reason for r in result.refused] == ["consent_at: 2027-01-01 is still to come"]


def test_a_list_renews_implied_consent_once(database: Database, tmp_path: Path) -> None:
    enrolled(database, tmp_path, f"{ADA},,active,member,2025-01-01,implied")
    assert enrolled(database, tmp_path, f"{ADA},,active,member,2024-12-31,implied").unchanged
    for _ in range(2):
        last = enrolled(database, tmp_path, f"{ADA},,active,member,2026-01-01,implied")
    assert last.unchanged == [ADA]
    assert reader(database).lapses_at == datetime(2028, 1, 1, 5, tzinfo=UTC)
    for _ in range(2):
        last = enrolled(database, tmp_path, f"{ADA},,active,form,2026-02-01,express")
    assert last.unchanged == [ADA]
    ada = reader(database)
    assert (ada.lapses_at, len(ada.consents)) == (None, 3)


def test_an_express_consent_is_not_made_worse_by_an_implied_one(
    database: Database, tmp_path: Path
) -> None:
    a_reader(database, ADA)
    assert enrolled(database, tmp_path, f"{ADA},,active,member,2026-01-01,implied").unchanged
    assert reader(database).lapses_at is None


@pytest.mark.parametrize("line", [",Ada,active,form,2026-01-01,", ",,pending,,,", ",,ended,,,"])
def test_an_erased_address_is_refused_and_nothing_else_is_told(
    database: Database, tmp_path: Path, line: str
) -> None:
    with database.write() as session:
        session.add(Suppression(digest=SIGNER.digest(ERASED, address_key(ADA)), at=NOW))
    result = enrolled(database, tmp_path, f"ADA@Example.org{line}", "bo@example.org,,,,,")
    assert (result.new, [r.reason for r in result.refused]) == (["bo@example.org"], [NOT_BY_IMPORT])
    assert "erase" not in NOT_BY_IMPORT


@pytest.mark.parametrize("line", [",New,active,form,2026-01-01,", ",New,,,,", ",,pending,,,"])
def test_an_ended_address_is_refused_whatever_the_line_says(
    database: Database, tmp_path: Path, line: str
) -> None:
    a_reader(database, ADA, name="Ada")
    end(database, ADA, who="test", now=NOW)
    result = enrolled(database, tmp_path, f"{ADA}{line}")
    assert "a list brings nobody back" in result.refused[0].reason
    assert reader(database).name == "Ada"


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("unsubscribed", EndReason.UNSUBSCRIBED),
        ("cleaned", EndReason.BOUNCED),
        ("Plainte", EndReason.COMPLAINED),
        ("ended", EndReason.IMPORTED),
    ],
)
def test_who_left_elsewhere_is_kept_with_the_reason(
    database: Database, tmp_path: Path, word: str, reason: EndReason
) -> None:
    a_reader(database, "bo@example.org")
    enrolled(database, tmp_path, f"{ADA},Ada,{word},,,", f"bo@example.org,,{word},,,")
    for address in (ADA, "bo@example.org"):
        found = reader(database, address)
        assert (found.status, found.end_reason) == (SubscriberStatus.ENDED, reason)


def test_a_graver_reason_takes_the_place_of_a_lighter_one(
    database: Database, tmp_path: Path
) -> None:
    a_reader(database, ADA)
    end(database, ADA, who="test", now=NOW)
    assert enrolled(database, tmp_path, f"{ADA},,complained,,,").changed == [ADA]
    assert enrolled(database, tmp_path, f"{ADA},,unsubscribed,,,").unchanged == [ADA]
    assert reader(database).end_reason is EndReason.COMPLAINED


def test_a_list_that_fails_in_its_last_line_leaves_nothing_behind(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "readers.csv"
    lines = [f"r{number}@example.org,,active,form,," for number in range(1200)]
    path.write_text("\n".join([HEADER, *lines]) + "\n")
    found = read_subscribers(Told(path, MASTHEAD.zone), TOPICS)
    found.lines[-1][1].key = found.lines[-2][1].key
    with pytest.raises(StorageError):
        Registrar(database, SIGNER).enrol(found, who="test", now=NOW)
    with database.read() as session:
        for table in (Subscriber, Consent, AuditEntry):
            assert session.scalar(select(func.count()).select_from(table)) == 0


def test_progress_is_told_to_the_end(sqlite: Database, tmp_path: Path) -> None:
    path, told = tmp_path / "readers.csv", list[tuple[int, int]]()
    path.write_text("email\n" + "".join(f"r{number}@example.org\n" for number in range(1200)))
    found = read_subscribers(Told(path, MASTHEAD.zone), TOPICS)
    registrar = Registrar(sqlite, SIGNER, lambda done, total: told.append((done, total)))
    registrar.rehearse(found, now=NOW)
    assert told == [(500, 1200), (1000, 1200), (1200, 1200)]


@pytest.mark.parametrize("zone", ["America/Toronto", "Europe/Berlin", "Pacific/Auckland"])
def test_the_days_of_a_consent_are_told_as_they_were_given(
    database: Database, tmp_path: Path, zone: str
) -> None:
    path = tmp_path / "readers.csv"
    path.write_text(f"{HEADER}\n{ADA},,active,member,2024-11-01,implied\n")
    told = read_subscribers(Told(path, ZoneInfo(zone)), TOPICS)
    result = Registrar(database, SIGNER).enrol(told, who="test", now=NOW)
    assert "of 2024-11-01 ended on 2026-11-01" in result.waiting[0].reason
    (consent,) = reader(database).consents
    assert f"{consent.at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}" == "2024-11-01 00:00"
