import re
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from sqlalchemy import select

from making import NOW
from pprmail.errors import NotFoundError, StateError
from pprmail.model.editor import Role
from pprmail.services.desk_sessions import Begun, seated
from pprmail.services.people import Act
from pprmail.services.signing_in import Refusal
from pprmail.services.staff import Staff
from pprmail.storage.database import Database
from pprmail.storage.tables import ServiceMail
from services.staffing import ADA, GOOD, a_knock, a_staff, an_editor_row, noted

ACT = Act("adam@example.org", "Adam", NOW)


def secret_of(url: str) -> str:
    return url.rpartition("/")[2]


def join(staff: Staff, url: str, password: str | None = GOOD) -> Begun:
    begun = staff.accounts.accept(secret_of(url), name="Ada", password=password, knock=a_knock())
    assert isinstance(begun, Begun)
    return begun


def test_an_invitation_is_mailed_and_its_link_given(database: Database) -> None:
    staff = a_staff(database)
    invited = staff.people.invite("Ada@Example.org", Role.ADMIN, act=ACT)
    assert invited.url.startswith("https://letter.example.org/editor/invitation/")
    with database.read() as session:
        mail = session.scalars(select(ServiceMail)).one()
    assert mail.recipient == "Ada@Example.org"
    assert invited.url in mail.text
    assert "Adam invites you" in re.sub(r"\s+", " ", mail.text)
    assert "may also add editors" in re.sub(r"\s+", " ", mail.text)
    assert noted(database) == [("editor invited", "adam@example.org", "Ada@Example.org")]


def test_who_accepts_has_joined_and_is_signed_in_and_the_link_is_used_up(
    database: Database,
) -> None:
    staff = a_staff(database)
    invited = staff.people.invite(ADA, Role.EDITOR, act=ACT)
    begun = join(staff, invited.url)
    seat = seated(database, begun.secret, now=NOW)
    assert seat is not None
    assert (seat.editor.name, seat.editor.role) == ("Ada", Role.EDITOR)
    used = staff.accounts.accept(secret_of(invited.url), name="Eve", password=None, knock=a_knock())
    assert used is Refusal.CLOSED
    assert staff.accounts.invitation(secret_of(invited.url), now=NOW) is None
    assert isinstance(staff.sign_ins.by_password(ADA, GOOD, knock=a_knock()), Begun)


def test_an_invitation_is_good_for_seven_days(sqlite: Database) -> None:
    staff = a_staff(sqlite)
    secret = secret_of(staff.people.invite(ADA, Role.EDITOR, act=ACT).url)
    assert staff.accounts.invitation(secret, now=NOW + timedelta(days=7)) is not None
    late = a_knock(NOW + timedelta(days=7, seconds=1))
    assert staff.accounts.accept(secret, name="", password=GOOD, knock=late) is Refusal.CLOSED


def test_a_newer_invitation_makes_the_older_void(sqlite: Database) -> None:
    staff = a_staff(sqlite)
    first = staff.people.invite(ADA, Role.EDITOR, act=ACT)
    second = staff.people.invite_again(first.editor.public_id, act=ACT)
    assert staff.accounts.invitation(secret_of(first.url), now=NOW) is None
    assert noted(sqlite) == [("editor invited", "adam@example.org", ADA)] * 2
    join(staff, second.url)
    with pytest.raises(StateError, match="has joined already"):
        staff.people.invite_again(first.editor.public_id, act=ACT)
    with pytest.raises(StateError, match="editor already"):
        staff.people.invite(ADA, Role.EDITOR, act=ACT)


def test_who_lost_everything_is_let_in_anew_by_the_one_at_the_terminal(sqlite: Database) -> None:
    staff = a_staff(sqlite)
    an_editor_row(sqlite, role=Role.ADMIN, totp_secret="JBSWY3DP", recovery_codes=["x"])
    lost = staff.sign_ins.by_password(ADA, GOOD, knock=a_knock())
    assert isinstance(lost, Begun)
    invited = staff.people.invite_anew(ADA, None, act=Act("cli", "", NOW))
    assert isinstance(staff.sign_ins.by_password(ADA, GOOD, knock=a_knock()), Begun)
    begun = join(staff, invited.url, None)
    seat = seated(sqlite, begun.secret, now=NOW)
    assert seat is not None
    assert (seat.editor.role, seat.editor.password_hash, seat.editor.has_code) == (
        Role.ADMIN,
        None,
        False,
    )
    assert seated(sqlite, lost.secret, now=NOW) is None


def test_another_role_signs_out_and_is_written_down(sqlite: Database) -> None:
    staff = a_staff(sqlite)
    an_editor_row(sqlite, "adam@example.org", role=Role.ADMIN)
    ada = an_editor_row(sqlite, ADA)
    begun = staff.sign_ins.by_password(ADA, GOOD, knock=a_knock())
    assert isinstance(begun, Begun)
    version = staff.people.person(ada.public_id).version
    staff.people.change_role(ada.public_id, Role.ADMIN, version=version, act=ACT)
    assert seated(sqlite, begun.secret, now=NOW) is None
    assert ("role changed", "adam@example.org", ADA) in noted(sqlite)
    with pytest.raises(StateError, match="just changed"):
        staff.people.change_role(ada.public_id, Role.EDITOR, version=version, act=ACT)


def test_who_is_removed_is_out_at_once(database: Database) -> None:
    staff = a_staff(database)
    an_editor_row(database, "adam@example.org", role=Role.ADMIN)
    an_editor_row(database, ADA)
    begun = staff.sign_ins.by_password(ADA, GOOD, knock=a_knock())
    assert isinstance(begun, Begun)
    assert staff.people.remove("ADA@example.org", act=ACT) == ADA
    assert seated(database, begun.secret, now=NOW) is None
    assert staff.sign_ins.by_password(ADA, GOOD, knock=a_knock()) is Refusal.WRONG
    assert [editor.email for editor in staff.people.everybody()] == ["adam@example.org"]
    with pytest.raises(NotFoundError):
        staff.people.remove(ADA, act=ACT)


def test_the_last_admin_stays_one(sqlite: Database) -> None:
    staff = a_staff(sqlite)
    adam = an_editor_row(sqlite, "adam@example.org", role=Role.ADMIN)
    staff.people.invite("waits@example.org", Role.ADMIN, act=ACT)
    with pytest.raises(StateError, match="last admin"):
        staff.people.remove("adam@example.org", act=ACT)
    with pytest.raises(StateError, match="last admin"):
        staff.people.change_role(adam.public_id, Role.EDITOR, version=adam.version, act=ACT)
    staff.people.remove("waits@example.org", act=ACT)


def test_two_admins_who_remove_each_other_at_once_leave_one(database: Database) -> None:
    staff = a_staff(database)
    names = ("adam@example.org", "bea@example.org")
    for name in names:
        an_editor_row(database, name, role=Role.ADMIN)
    together, refused = Barrier(2), []

    def remove(name: str) -> None:
        together.wait()
        try:
            staff.people.remove(name, act=ACT)
        except StateError as error:
            refused.append(error)

    threads = [Thread(target=remove, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert len(staff.people.everybody()) == 1
