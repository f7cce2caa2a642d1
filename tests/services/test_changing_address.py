from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import select

from making import NOW, a_reader
from pprmail.services.changing_address import (
    Change,
    address_asked_for,
    ask_address,
    confirm_address,
)
from pprmail.services.fresh_links import Asked
from pprmail.services.leaving import leave
from pprmail.storage.database import Database
from pprmail.storage.tables import AuditEntry, Confirmation
from services.signing import WORDING, ask, sign_ups
from services.test_subscriptions import CORRESPONDENCE, mails, stored

OLD, NEW = "ada@example.org", "Ada.New@example.net"


def test_letters_move_once_the_new_address_confirms_and_the_old_one_is_told(
    database: Database,
) -> None:
    ada = a_reader(database, OLD)
    wanted = asked(database, ada)
    assert [m.recipient for m in mails(database)] == [NEW]
    assert stored(database, ada).email == OLD
    shown = address_asked_for(database, wanted, now=NOW)
    assert shown is not None
    assert shown.address == "A•••@example.net"
    assert confirmed(database, wanted) is Change.DONE
    found = stored(database, ada)
    assert (found.email, found.address_key) == (NEW, "ada.new@example.net")
    assert found.token_epoch == 1
    told = mails(database)[-1]
    assert (told.kind, told.recipient) == ("address_changed", OLD)
    assert NEW not in told.text
    assert "A•••@example.net" in told.text


def test_a_confirmation_serves_once_and_for_seven_days(database: Database) -> None:
    ada = a_reader(database, OLD)
    wanted = asked(database, ada)
    assert confirmed(database, wanted, days=8) is Change.CLOSED
    assert address_asked_for(database, wanted, now=NOW + timedelta(days=8)) is None
    assert confirmed(database, wanted) is Change.DONE
    assert confirmed(database, wanted) is Change.CLOSED
    assert len([m for m in mails(database) if m.kind == "address_changed"]) == 1


def test_an_address_that_gets_the_letter_already_is_told_to_its_owner_alone(
    database: Database,
) -> None:
    ada = a_reader(database, OLD)
    a_reader(database, NEW)
    wanted = asked(database, ada)
    assert [m.recipient for m in mails(database)] == [NEW]
    assert confirmed(database, wanted) is Change.TAKEN
    assert stored(database, ada).email == OLD


def test_who_left_meanwhile_moves_nowhere(database: Database) -> None:
    ada = a_reader(database, OLD)
    wanted = asked(database, ada)
    leave(database, ada, how="page", now=NOW)
    assert confirmed(database, wanted) is Change.CLOSED
    assert stored(database, ada).email == OLD


def test_another_wish_is_closed_by_the_first_that_is_confirmed(database: Database) -> None:
    ada = a_reader(database, OLD)
    first, second = asked(database, ada), asked(database, ada, "other@example.net")
    assert confirmed(database, second) is Change.DONE
    assert confirmed(database, first) is Change.CLOSED


def test_a_new_spelling_of_the_same_address_is_taken(database: Database) -> None:
    ada = a_reader(database, OLD)
    assert confirmed(database, asked(database, ada, "ADA@example.org")) is Change.DONE
    assert stored(database, ada).email == "ADA@example.org"


def test_a_stranger_is_written_to_within_bounds(database: Database) -> None:
    ada, bo = a_reader(database, OLD), a_reader(database, "bo@example.org")
    for name in (ada, bo, ada):
        asked(database, name)
    assert len(mails(database)) == 1


def test_a_sign_up_of_the_new_address_keeps_no_letter_from_moving_there(
    database: Database,
) -> None:
    ask(database, NEW)
    asked(database, a_reader(database, OLD))
    assert [mail.kind for mail in mails(database)] == ["confirmation", "address_to_confirm"]


def test_what_the_owner_of_a_new_address_agrees_to_is_kept_word_for_word(
    database: Database,
) -> None:
    wanted = asked(database, a_reader(database, OLD))
    with database.read() as session:
        kept = session.scalars(select(Confirmation)).one()
    assert kept.wording == f"{WORDING} Send it to this address from now on."
    assert kept.wording_version == sha256(kept.wording.encode()).hexdigest()[:12]
    assert kept.page == "https://letter.example.org/preferences"
    shown = address_asked_for(database, wanted, now=NOW)
    assert shown is not None
    assert shown.wording == kept.wording


def test_a_reader_has_three_addresses_a_day_written_to(database: Database) -> None:
    ada = a_reader(database, OLD)
    for number in range(5):
        asked(database, ada, f"new{number}@example.net")
    assert len(mails(database)) == 3


@pytest.mark.parametrize("address", ["", "no address", "a@b..c", "a@b\nc", "ü@example.org"])
def test_what_is_no_address_is_refused(database: Database, address: str) -> None:
    ada = a_reader(database, OLD)
    with pytest.raises(ValueError, match="address"):
        asked(database, ada, address)


def test_the_log_holds_no_address(database: Database) -> None:
    ada = a_reader(database, OLD)
    confirmed(database, asked(database, ada))
    with database.read() as session:
        lines = session.scalars(select(AuditEntry)).all()
    assert [line.what for line in lines] == ["address asked for", "address changed"]
    assert "@" not in str([line.detail for line in lines])


def asked(database: Database, public_id: str, address: str = NEW) -> str:
    who = Asked(client="192.0.2.0/24", now=NOW)
    ask_address(sign_ups(database), public_id, address, asked=who)
    with database.read() as session:
        newest = select(Confirmation.public_id).order_by(Confirmation.id.desc())
        return session.scalars(newest).first() or ""


def confirmed(database: Database, wanted: str, *, days: int = 0) -> Change:
    now = NOW + timedelta(days=days)
    return confirm_address(database, wanted, correspondence=CORRESPONDENCE, now=now)
