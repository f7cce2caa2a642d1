from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from making import NOW
from pprmail.model.editor import DeskSession
from pprmail.services.accounts import CHANGES, UnfitError
from pprmail.services.desk_sessions import Begun, seated, sessions_open, sign_out, sign_out_others
from pprmail.services.second_factor import app_address, new_app_secret
from pprmail.services.signing_in import Refusal
from pprmail.storage.database import Database
from pprmail.storage.tables import AuditEntry, ServiceMail
from services.staffing import ADA, GOOD, a_knock, a_staff, an_editor_row, noted

NEW = "another four words of mine"
TOLD = (
    "password changed",
    "sign-in code switched on",
    "sign-in code switched off",
    "password given up",
)


def a_seat(database: Database) -> DeskSession:
    begun = a_staff(database).sign_ins.by_password(ADA, GOOD, knock=a_knock())
    assert isinstance(begun, Begun)
    return seat_of(database, begun)


def seat_of(database: Database, begun: Begun) -> DeskSession:
    seat = seated(database, begun.secret, now=NOW)
    assert seat is not None
    return seat


def rows(database: Database) -> list[int]:
    with database.read() as session:
        return list(session.scalars(select(DeskSession.id)))


def test_another_password_ends_every_other_session(database: Database) -> None:
    staff = a_staff(database)
    an_editor_row(database)
    a_seat(database)
    mine = a_seat(database)
    staff.accounts.change_password(mine, NEW, now=NOW)
    assert rows(database) == [mine.id]
    assert staff.sign_ins.by_password(ADA, GOOD, knock=a_knock()) is Refusal.WRONG
    assert isinstance(staff.sign_ins.by_password(ADA, NEW, knock=a_knock()), Begun)


def test_whoever_signs_in_otherwise_from_now_on_is_told_by_mail(sqlite: Database) -> None:
    staff = a_staff(sqlite)
    an_editor_row(sqlite)
    mine, secret = a_seat(sqlite), new_app_secret()
    staff.accounts.change_password(mine, NEW, now=NOW)
    staff.accounts.ask_for_code(mine, secret, pyotp.TOTP(secret).at(NOW), now=NOW)
    staff.accounts.ask_for_no_code(mine, now=NOW)
    staff.accounts.give_up_password(mine, now=NOW)
    with sqlite.read() as session:
        mails = session.scalars(select(ServiceMail).order_by(ServiceMail.id)).all()
    assert {(mail.recipient, mail.kind) for mail in mails} == {(ADA, "sign_in_changed")}
    for what, mail in zip(TOLD, mails, strict=True):
        assert CHANGES[what] in " ".join(mail.text.split())
    assert NEW not in mails[0].text + mails[0].html


def test_a_password_that_will_not_do_changes_nothing(sqlite: Database) -> None:
    staff = a_staff(sqlite)
    an_editor_row(sqlite)
    with pytest.raises(UnfitError, match="15 characters"):
        staff.accounts.change_password(a_seat(sqlite), "short one", now=NOW)
    assert isinstance(staff.sign_ins.by_password(ADA, GOOD, knock=a_knock()), Begun)


def test_without_a_password_only_mailed_links_are_left(sqlite: Database) -> None:
    staff = a_staff(sqlite)
    an_editor_row(sqlite)
    staff.accounts.give_up_password(a_seat(sqlite), now=NOW)
    assert staff.sign_ins.by_password(ADA, GOOD, knock=a_knock()) is Refusal.WRONG
    assert staff.sign_ins.by_password(ADA, "", knock=a_knock()) is Refusal.WRONG


def test_a_code_is_asked_for_only_once_the_app_has_shown_it(sqlite: Database) -> None:
    staff = a_staff(sqlite)
    an_editor_row(sqlite)
    mine, secret = a_seat(sqlite), new_app_secret()
    assert staff.accounts.ask_for_code(mine, secret, "000000", now=NOW) is None
    assert not a_seat(sqlite).editor.has_code
    right = pyotp.TOTP(secret).at(NOW)
    codes = staff.accounts.ask_for_code(mine, secret, right, now=NOW)
    assert codes is not None
    assert len(codes) == 10
    begun = staff.sign_ins.by_password(ADA, GOOD, knock=a_knock())
    assert isinstance(begun, Begun)
    assert begun.awaits_code
    used = staff.sign_ins.by_code(seat_of(sqlite, begun), right, knock=a_knock())
    assert used is Refusal.WRONG


def test_a_short_password_is_good_only_as_long_as_a_code_is_asked_for(sqlite: Database) -> None:
    staff = a_staff(sqlite)
    an_editor_row(sqlite)
    mine, secret = a_seat(sqlite), new_app_secret()
    staff.accounts.ask_for_code(mine, secret, pyotp.TOTP(secret).at(NOW), now=NOW)
    mine = seat_again(sqlite, mine)
    staff.accounts.change_password(mine, "kQ2!mZr7", now=NOW)
    with pytest.raises(UnfitError, match="longer one first"):
        staff.accounts.ask_for_no_code(seat_again(sqlite, mine), now=NOW)
    staff.accounts.change_password(mine, NEW, now=NOW)
    staff.accounts.ask_for_no_code(mine, now=NOW)
    begun = staff.sign_ins.by_password(ADA, NEW, knock=a_knock())
    assert isinstance(begun, Begun)
    assert not begun.awaits_code


def test_new_recovery_codes_make_the_old_ones_void(sqlite: Database) -> None:
    staff = a_staff(sqlite)
    an_editor_row(sqlite)
    mine, secret = a_seat(sqlite), new_app_secret()
    old = staff.accounts.ask_for_code(mine, secret, pyotp.TOTP(secret).at(NOW), now=NOW)
    new = staff.accounts.renew_recovery_codes(mine, now=NOW)
    assert old is not None
    begun = staff.sign_ins.by_password(ADA, GOOD, knock=a_knock())
    assert isinstance(begun, Begun)
    half = seat_of(sqlite, begun)
    assert staff.sign_ins.by_code(half, old[0], knock=a_knock()) is Refusal.WRONG
    assert isinstance(staff.sign_ins.by_code(half, new[0], knock=a_knock()), Begun)


def test_no_secret_stands_in_the_log(sqlite: Database) -> None:
    staff = a_staff(sqlite)
    an_editor_row(sqlite)
    mine, secret = a_seat(sqlite), new_app_secret()
    codes = staff.accounts.ask_for_code(mine, secret, pyotp.TOTP(secret).at(NOW), now=NOW)
    staff.accounts.change_password(mine, NEW, now=NOW)
    staff.accounts.rename(mine, "Ada L.", now=NOW)
    with sqlite.read() as session:
        told = str([vars(line) for line in session.scalars(select(AuditEntry))])
    for hidden in (GOOD, NEW, secret, *(codes or [])):
        assert hidden not in told
    assert [what for what, _, _ in noted(sqlite)] == [
        "signed in",
        "sign-in code switched on",
        "password changed",
        "name changed",
    ]


def test_an_app_is_told_who_and_what_for() -> None:
    address = app_address("ABCD" * 8, ADA, issuer="The Letter")
    assert address.startswith("otpauth://totp/The%20Letter:ada%40example.org?secret=ABCD")


def test_a_session_ends_idle_or_old_or_when_told(database: Database) -> None:
    staff = a_staff(database)
    an_editor_row(database)
    begun = staff.sign_ins.by_password(ADA, GOOD, knock=a_knock())
    assert isinstance(begun, Begun)
    at = NOW
    for _ in range(28):
        at += timedelta(minutes=25)
        assert seated(database, begun.secret, now=at) is not None
    assert seated(database, begun.secret, now=NOW + timedelta(hours=12, seconds=1)) is None
    assert seated(database, begun.secret, now=at + timedelta(minutes=31)) is None
    sign_out(database, begun.secret)
    assert seated(database, begun.secret, now=NOW) is None
    assert seated(database, "never given", now=NOW) is None


def test_a_sign_of_life_is_noted_once_a_minute(sqlite: Database) -> None:
    an_editor_row(sqlite)
    begun = a_staff(sqlite).sign_ins.by_password(ADA, GOOD, knock=a_knock())
    assert isinstance(begun, Begun)
    for seconds, seen in ((59, 0), (60, 60), (100, 60), (120, 120)):
        seated(sqlite, begun.secret, now=NOW + timedelta(seconds=seconds))
        with sqlite.read() as session:
            at = session.scalars(select(DeskSession.seen_at)).one()
        assert at == NOW + timedelta(seconds=seen)


def test_signing_out_everywhere_else_leaves_this_browser(sqlite: Database) -> None:
    an_editor_row(sqlite)
    a_seat(sqlite)
    mine = a_seat(sqlite)
    assert len(sessions_open(sqlite, mine.editor_id, now=NOW)) == 2
    assert sign_out_others(sqlite, mine, now=NOW) == 1
    assert [row.id for row in sessions_open(sqlite, mine.editor_id, now=NOW)] == [mine.id]


def seat_again(database: Database, seat: DeskSession) -> DeskSession:
    (found,) = sessions_open(database, seat.editor_id, now=NOW)
    return found
