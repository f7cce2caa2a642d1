"""Lists that are written come back the same, hold no formula, and nobody else can read them."""

import csv
import stat
from datetime import UTC, datetime, timedelta
from functools import cache
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from making import ALLIANCE, EMPATHY, MASTHEAD, NOW, SIGNER, TOPICS, TRAINING, a_newsroom, a_reader
from pprmail.errors import OutputError
from pprmail.model.audience import NoMatch
from pprmail.model.subscriber import (
    Consent,
    ConsentKind,
    EndReason,
    Subscriber,
    SubscriberStatus,
    address_key,
    implied_until,
    new_public_id,
)
from pprmail.services.enrolment import Registrar, nobody_watches
from pprmail.services.listing import (
    CONSENT_COLUMNS,
    READER_COLUMNS,
    export_consents,
    export_readers,
)
from pprmail.sources.subscriber_list import COLUMNS, Told, read_subscribers
from pprmail.storage.database import Database
from pprmail.storage.schema import ensure_schema
from pprmail.storage.subscribers import subscriber_with_address

DRAWN = (Phase.explicit, Phase.reuse, Phase.generate)
"""Without shrinking: every try makes databases, and a failure should not take minutes."""

SIGNS = "=+-@'＝＋－＠"
SLUGS = [topic.slug for topic in TOPICS.choosable]
words = st.text(
    alphabet=st.one_of(
        st.sampled_from(f'{SIGNS},;"\n\t aé'),
        st.characters(exclude_categories=("Cc", "Cs", "Cn", "Zl", "Zp", "Zs", "Co", "Cf")),
    ),
    max_size=20,
)
names = words.map(lambda text: " ".join(text.split()) or None)
sources = words.map(str.strip).filter(bool)
moments = st.datetimes(
    min_value=datetime.fromisoformat("1990-01-01"),
    max_value=datetime.fromisoformat("2026-11-01"),
    timezones=st.just(UTC),
)
addresses = st.from_regex(r"[a-z+=_'-]{1,8}@[a-z]{1,5}\.org", fullmatch=True)


@st.composite
def readers(draw: st.DrawFn) -> Subscriber:
    """Draw a reader of any standing, with a consent wherever letters come."""
    status = draw(st.sampled_from(SubscriberStatus))
    address = draw(addresses)
    reader = Subscriber(
        public_id=new_public_id(),
        email=address,
        address_key=address_key(address),
        name=draw(names),
        status=SubscriberStatus.PENDING,
        follows_all=True,
        no_match=draw(st.sampled_from(NoMatch)),
        created_at=NOW,
        updated_at=NOW,
        preferences=[],
        consents=[],
    )
    reader.follow(draw(st.lists(st.sampled_from(SLUGS), max_size=4, unique=True)), now=NOW)
    if status is SubscriberStatus.ACTIVE or draw(st.booleans()):
        reader.consents.append(draw(consents(holds=status is SubscriberStatus.ACTIVE)))
    reader.status = status
    if status is SubscriberStatus.ENDED:
        reader.end_reason = draw(st.sampled_from(EndReason))
    return reader


@st.composite
def consents(draw: st.DrawFn, *, holds: bool) -> Consent:
    kind, at = draw(st.sampled_from(ConsentKind)), draw(moments)
    if holds and implied_until(at) <= NOW:
        kind = ConsentKind.EXPRESS
    return Consent(at=at, how=draw(sources), kind=kind, wording="Yes", recorded_at=NOW)


@settings(max_examples=40, deadline=None, phases=DRAWN)
@given(st.lists(readers(), max_size=6, unique_by=lambda reader: reader.address_key))
def test_a_list_that_is_exported_comes_back_the_same(drawn: list[Subscriber]) -> None:
    with TemporaryDirectory() as folder:
        first, again = Path(folder) / "first.csv", Path(folder) / "again.csv"
        whole = fresh(Path(folder) / "one.db")
        with whole.write() as session:
            session.add_all(drawn)
        exported(whole, first)
        empty = fresh(Path(folder) / "two.db")
        lines = read_subscribers(Told(first, MASTHEAD.zone), TOPICS)
        result = Registrar(empty, SIGNER).enrol(lines, who="test", now=NOW)
        assert (len(result.new), result.refused, result.waiting) == (len(drawn), [], [])
        exported(empty, again)
        assert again.read_bytes() == first.read_bytes()
        whole.close()
        empty.close()


@settings(max_examples=25, deadline=None, phases=DRAWN)
@given(st.lists(readers(), max_size=4, unique_by=lambda reader: reader.address_key))
def test_no_cell_of_an_exported_list_can_be_taken_for_a_formula(drawn: list[Subscriber]) -> None:
    with TemporaryDirectory() as folder:
        database = fresh(Path(folder) / "one.db")
        with database.write() as session:
            session.add_all(drawn)
        for number, write in enumerate((export_readers, export_consents)):
            path = Path(folder) / f"{number}.csv"
            write(a_newsroom(database), path, watch=nobody_watches)
            assert not any(cell.startswith(("=", "+", "-", "@", "＝")) for cell in cells(path))
        database.close()


def test_a_list_has_the_columns_that_an_import_reads(database: Database, tmp_path: Path) -> None:
    a_reader(database, "ada@example.org", TRAINING, EMPATHY, name="Ada", no_match=NoMatch.SKIP)
    a_reader(database, "bo@example.org", status=SubscriberStatus.PENDING)
    text = exported(database, tmp_path / "list.csv")
    assert READER_COLUMNS == COLUMNS
    assert text.split("\r\n") == [
        ",".join(COLUMNS),
        f"ada@example.org,Ada,Training;Empathy,skip,active,test,{NOW.isoformat()},express",
        f"bo@example.org,,,note,pending,test,{NOW.isoformat()},express",
        "",
    ]


def test_a_list_begins_with_the_mark_that_excel_needs_and_is_private(
    sqlite: Database, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    exported(sqlite, path)
    assert path.read_bytes().startswith(b"\xef\xbb\xbfemail,")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.glob("*.csv")] == ["list.csv"]


@pytest.mark.parametrize("write", [export_readers, export_consents])
def test_a_file_that_is_there_is_left_as_it_is(
    sqlite: Database, tmp_path: Path, write: object
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("precious")
    with pytest.raises(OutputError, match="there already") as caught:
        write(a_newsroom(sqlite), path, watch=nobody_watches)  # type: ignore[operator]
    assert "move that file away" in caught.value.remedy
    assert path.read_text() == "precious"


def test_whoever_was_erased_is_in_no_list(database: Database, tmp_path: Path) -> None:
    a_reader(database, "ada@example.org")
    a_reader(database, "bo@example.org")
    with database.write() as session:
        ada = subscriber_with_address(session, "ada@example.org")
        assert ada is not None
        ada.email = ada.address_key = None
        ada.erased_at = NOW
    assert exported(database, tmp_path / "list.csv").count("\r\n") == 2
    path = tmp_path / "consents.csv"
    assert export_consents(a_newsroom(database), path, watch=nobody_watches) == 1


def test_the_ledger_of_consents_tells_all_that_is_known(database: Database, tmp_path: Path) -> None:
    a_reader(database, "ada@example.org", ALLIANCE)
    given_at = NOW - timedelta(days=3)
    with database.write() as session:
        ada = subscriber_with_address(session, "ada@example.org")
        assert ada is not None
        ada.consents.append(
            Consent(
                at=given_at,
                how="form",
                kind=ConsentKind.IMPLIED,
                wording="Yes, send me\nthe letter",
                wording_version="2",
                page="https://letter.example.org/subscribe",
                recorded_at=NOW,
                confirmed_at=NOW,
                ends_at=implied_until(given_at),
            )
        )
    path = tmp_path / "consents.csv"
    assert export_consents(a_newsroom(database), path, watch=nobody_watches) == 2
    header, first, second = csv.reader(StringIO(path.read_text(encoding="utf-8-sig"), newline=""))
    assert tuple(header) == CONSENT_COLUMNS
    assert first[:4] == ["ada@example.org", NOW.isoformat(), "test", "express"]
    assert second == [
        "ada@example.org",
        given_at.isoformat(),
        "form",
        "implied",
        "https://letter.example.org/subscribe",
        "Yes, send me\nthe letter",
        "2",
        NOW.isoformat(),
        NOW.isoformat(),
        implied_until(given_at).isoformat(),
    ]


@cache
def template() -> bytes:
    """Give the bytes of an empty database, which take a while to make."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        database = Database.at(f"sqlite:///{path}", beside=Path("/"))
        ensure_schema(database)
        database.close()
        return path.read_bytes()


def fresh(path: Path) -> Database:
    path.write_bytes(template())
    return Database.at(f"sqlite:///{path}", beside=Path("/"))


def exported(database: Database, path: Path) -> str:
    export_readers(a_newsroom(database), path, watch=nobody_watches)
    return path.read_bytes().decode("utf-8-sig")


def cells(path: Path) -> list[str]:
    rows = csv.reader(StringIO(path.read_bytes().decode("utf-8-sig"), newline=""), strict=True)
    return [cell for row in rows for cell in row]
