import re
from datetime import timedelta

import pyotp
from sqlalchemy import select

from making import NOW
from pprmail.model.editor import DeskSession, digest_of
from pprmail.services.attempts import (
    MOST,
    MOST_FROM_ONE,
    MOST_OF_A_NETWORK,
    WINDOW,
    AttemptKind,
)
from pprmail.services.desk_sessions import Begun, seated
from pprmail.services.passwords import Passwords
from pprmail.services.second_factor import new_recovery_codes
from pprmail.services.signing_in import LinkAsked, Refusal
from pprmail.storage.database import Database
from pprmail.storage.editors import editor_with_key
from pprmail.storage.tables import Editor, ServiceMail, SignInAttempt
from services.staffing import ADA, GOOD, CountingHasher, a_knock, a_staff, an_editor_row, noted

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
URL = re.compile(r"https://letter\.example\.org/editor/link/(\S+)")


def test_who_knows_the_password_gets_a_session_that_opens(database: Database) -> None:
    an_editor_row(database)
    begun = a_staff(database).sign_ins.by_password(" Ada@Example.org ", GOOD, knock=a_knock())
    assert isinstance(begun, Begun)
    assert not begun.awaits_code
    seat = seated(database, begun.secret, now=NOW)
    assert seat is not None
    assert seat.editor.email == ADA
    assert noted(database) == [("signed in", ADA, ADA)]
    with database.read() as session:
        rows = session.scalars(select(DeskSession)).all()
        assert [row.digest for row in rows] == [digest_of(begun.secret)]
        assert begun.secret not in str(vars(rows[0]))


def test_every_name_costs_one_verification_and_is_answered_alike(sqlite: Database) -> None:
    hasher = CountingHasher()
    sign_ins = a_staff(sqlite, hasher).sign_ins
    an_editor_row(sqlite)
    an_editor_row(sqlite, "link@example.org", password=None)
    an_editor_row(sqlite, "waits@example.org", password=None, joined_at=None)
    for name in (ADA, "link@example.org", "waits@example.org", "nobody@example.org", "no name"):
        hasher.verified.clear()
        assert sign_ins.by_password(name, "wrong", knock=a_knock()) is Refusal.WRONG
        assert hasher.verified == ["wrong"], name
    with sqlite.read() as session:
        assert len(session.scalars(select(SignInAttempt)).all()) == 5


def test_the_password_that_stands_in_for_nobody_opens_nothing(sqlite: Database) -> None:
    passwords = Passwords(CountingHasher())
    assert not passwords.fits("a password that nobody has", None)


def test_a_password_is_the_same_however_its_letters_are_composed() -> None:
    passwords = Passwords(CountingHasher())
    kept = passwords.hashed("cafe\u0301 au lait le matin")
    assert passwords.fits("caf\u00e9 au lait le matin", kept)
    assert not passwords.fits("caf\u00e9 au lait le mati", kept)
    assert not passwords.fits("x" * 500 + "a", passwords.hashed("x" * 500 + "b"))


def test_a_hash_of_older_parameters_is_made_anew_at_the_next_sign_in(sqlite: Database) -> None:
    an_editor_row(sqlite)
    before = row_of(sqlite).password_hash
    staff = a_staff(sqlite, CountingHasher(time_cost=2))
    begun = staff.sign_ins.by_password(ADA, GOOD, knock=a_knock())
    assert isinstance(begun, Begun)
    after = row_of(sqlite).password_hash
    assert after is not None
    assert after != before
    assert "t=2" in after


def test_a_name_is_tried_only_so_often_whoever_has_it(database: Database) -> None:
    sign_ins = a_staff(database).sign_ins
    an_editor_row(database)
    for name in (ADA, "nobody@example.org"):
        for number in range(MOST[AttemptKind.PASSWORD]):
            knock = a_knock(network=f"192.0.{number}.0/24")
            assert sign_ins.by_password(name, "wrong", knock=knock) is Refusal.WRONG
        assert sign_ins.by_password(name, GOOD, knock=a_knock()) is Refusal.BUSY
    later = a_knock(NOW + WINDOW + timedelta(seconds=1))
    assert isinstance(sign_ins.by_password(ADA, GOOD, knock=later), Begun)


def test_a_network_tries_only_so_often_and_no_other_pays_for_it(sqlite: Database) -> None:
    sign_ins = a_staff(sqlite).sign_ins
    an_editor_row(sqlite)
    for number in range(MOST_OF_A_NETWORK):
        sign_ins.by_password(f"name{number}@example.org", "wrong", knock=a_knock())
    assert sign_ins.by_password(ADA, GOOD, knock=a_knock()) is Refusal.BUSY
    assert not sign_ins.mail_link(ADA, LinkAsked("nonce"), knock=a_knock())
    elsewhere = a_knock(network="198.51.100.0/24")
    assert isinstance(sign_ins.by_password(ADA, GOOD, knock=elsewhere), Begun)


def test_who_signs_in_often_is_never_locked_out_by_it(sqlite: Database) -> None:
    sign_ins = a_staff(sqlite).sign_ins
    an_editor_row(sqlite)
    for _ in range(MOST[AttemptKind.PASSWORD] + 2):
        assert isinstance(sign_ins.by_password(ADA, GOOD, knock=a_knock()), Begun)


def test_names_and_networks_of_tries_are_kept_as_digests(sqlite: Database) -> None:
    a_staff(sqlite).sign_ins.by_password(ADA, "wrong", knock=a_knock())
    with sqlite.read() as session:
        row = session.scalars(select(SignInAttempt)).one()
    assert "ada" not in row.account
    assert "192" not in row.client


def test_a_mailed_link_signs_in_once_and_only_where_it_was_asked_for(database: Database) -> None:
    sign_ins = a_staff(database).sign_ins
    an_editor_row(database, password=None)
    assert sign_ins.mail_link(ADA, LinkAsked("nonce", "/editor/log"), knock=a_knock())
    secret = mailed_secret(database)
    assert sign_ins.by_link(secret, nonce="another", knock=a_knock()) is Refusal.ELSEWHERE
    assert sign_ins.by_link(secret, nonce="", knock=a_knock()) is Refusal.ELSEWHERE
    begun = sign_ins.by_link(secret, nonce="nonce", knock=a_knock())
    assert isinstance(begun, Begun)
    assert begun.leads_to == "/editor/log"
    assert sign_ins.by_link(secret, nonce="nonce", knock=a_knock()) is Refusal.CLOSED
    assert sign_ins.by_link("forged", nonce="nonce", knock=a_knock()) is Refusal.CLOSED


def test_a_mailed_link_works_for_ten_minutes(sqlite: Database) -> None:
    sign_ins = a_staff(sqlite).sign_ins
    an_editor_row(sqlite)
    sign_ins.mail_link(ADA, LinkAsked("nonce"), knock=a_knock())
    late = a_knock(NOW + timedelta(minutes=10, seconds=1))
    assert sign_ins.by_link(mailed_secret(sqlite), nonce="nonce", knock=late) is Refusal.CLOSED


def test_nobody_is_mailed_who_is_no_editor_yet_and_nobody_too_often(sqlite: Database) -> None:
    sign_ins = a_staff(sqlite).sign_ins
    an_editor_row(sqlite)
    an_editor_row(sqlite, "waits@example.org", joined_at=None)
    for name in ("waits@example.org", "nobody@example.org"):
        assert sign_ins.mail_link(name, LinkAsked("nonce"), knock=a_knock())
    assert mails(sqlite) == []
    for _ in range(MOST_FROM_ONE[AttemptKind.MAIL] + 3):
        assert sign_ins.mail_link(ADA, LinkAsked("nonce"), knock=a_knock())
    assert len(mails(sqlite)) == MOST_FROM_ONE[AttemptKind.MAIL]


def test_a_stranger_elsewhere_uses_up_no_link_of_the_owner_and_floods_no_mailbox(
    database: Database,
) -> None:
    sign_ins = a_staff(database).sign_ins
    an_editor_row(database, password=None)
    for _ in range(MOST_FROM_ONE[AttemptKind.MAIL] + 3):
        sign_ins.mail_link(ADA, LinkAsked("theirs"), knock=a_knock(network="198.51.100.0/24"))
    sign_ins.mail_link(ADA, LinkAsked("mine"), knock=a_knock())
    begun = sign_ins.by_link(mailed_secret(database), nonce="mine", knock=a_knock())
    assert isinstance(begun, Begun)
    mailed = len(mails(database))
    for number in range(MOST[AttemptKind.MAIL] + 3):
        knock = a_knock(network=f"10.0.{number}.0/24")
        assert sign_ins.mail_link(ADA, LinkAsked("theirs"), knock=knock)
    assert len(mails(database)) == mailed + MOST[AttemptKind.MAIL]


def test_who_signs_in_by_links_is_never_locked_out_by_it(database: Database) -> None:
    sign_ins = a_staff(database).sign_ins
    an_editor_row(database, password=None)
    for _ in range(MOST[AttemptKind.MAIL] + 2):
        sign_ins.mail_link(ADA, LinkAsked("nonce"), knock=a_knock())
        begun = sign_ins.by_link(mailed_secret(database), nonce="nonce", knock=a_knock())
        assert isinstance(begun, Begun)


def test_a_link_that_did_not_open_forgives_nothing(sqlite: Database) -> None:
    sign_ins = a_staff(sqlite).sign_ins
    an_editor_row(sqlite)
    sign_ins.mail_link(ADA, LinkAsked("nonce"), knock=a_knock())
    sign_ins.by_link(mailed_secret(sqlite), nonce="another", knock=a_knock())
    with sqlite.read() as session:
        assert len(session.scalars(select(SignInAttempt)).all()) == 1


def test_links_for_names_that_nobody_has_are_counted_alike(sqlite: Database) -> None:
    sign_ins = a_staff(sqlite).sign_ins
    an_editor_row(sqlite)
    for name in (ADA, "nobody@example.org"):
        for number in range(2 * MOST[AttemptKind.MAIL]):
            knock = a_knock(network=f"192.0.{number // 5}.0/24")
            assert sign_ins.mail_link(name, LinkAsked("nonce"), knock=knock)
    with sqlite.read() as session:
        tries = list(session.scalars(select(SignInAttempt.account)))
    assert len(set(tries)) == 2
    assert tries.count(tries[0]) == tries.count(tries[-1]) == MOST[AttemptKind.MAIL]


def test_neither_password_nor_link_skips_the_code(sqlite: Database) -> None:
    sign_ins = a_staff(sqlite).sign_ins
    an_editor_row(sqlite, totp_secret=SECRET)
    sign_ins.mail_link(ADA, LinkAsked("nonce"), knock=a_knock())
    halves = [
        sign_ins.by_password(ADA, GOOD, knock=a_knock()),
        sign_ins.by_link(mailed_secret(sqlite), nonce="nonce", knock=a_knock()),
    ]
    for begun in halves:
        assert isinstance(begun, Begun)
        assert begun.awaits_code
        half = seated(sqlite, begun.secret, now=NOW)
        assert half is not None
        assert half.awaits_code
        assert seated(sqlite, begun.secret, now=NOW + timedelta(minutes=11)) is None
    assert noted(sqlite) == []


def test_a_code_is_taken_once_and_the_session_has_a_new_name(database: Database) -> None:
    sign_ins = a_staff(database).sign_ins
    an_editor_row(database, totp_secret=SECRET)
    code = pyotp.TOTP(SECRET).at(NOW)
    first = a_half(database)
    assert sign_ins.by_code(first, "000000", knock=a_knock()) is Refusal.WRONG
    begun = sign_ins.by_code(first, f" {code[:3]} {code[3:]} ", knock=a_knock())
    assert isinstance(begun, Begun)
    assert not begun.awaits_code
    assert digest_of(begun.secret) != first.digest
    assert sign_ins.by_code(a_half(database), code, knock=a_knock()) is Refusal.WRONG
    previous = pyotp.TOTP(SECRET).at(NOW - timedelta(seconds=30))
    assert sign_ins.by_code(a_half(database), previous, knock=a_knock()) is Refusal.WRONG
    soon = a_knock(NOW + timedelta(seconds=30))
    following = pyotp.TOTP(SECRET).at(soon.now)
    assert isinstance(sign_ins.by_code(a_half(database), following, knock=soon), Begun)


def test_a_recovery_code_is_taken_once(sqlite: Database) -> None:
    sign_ins = a_staff(sqlite).sign_ins
    row = an_editor_row(sqlite, totp_secret=SECRET)
    with sqlite.write() as session:
        codes = new_recovery_codes(session.get_one(Editor, row.id))
    assert len(set(codes)) == 10
    assert not set(codes) & set(row_of(sqlite).recovery_codes)
    given = codes[3].upper().replace("-", " ")
    assert isinstance(sign_ins.by_code(a_half(sqlite), given, knock=a_knock()), Begun)
    assert sign_ins.by_code(a_half(sqlite), codes[3], knock=a_knock()) is Refusal.WRONG
    assert len(row_of(sqlite).recovery_codes) == 9


def test_codes_are_tried_only_so_often(sqlite: Database) -> None:
    sign_ins = a_staff(sqlite).sign_ins
    an_editor_row(sqlite, totp_secret=SECRET)
    for _ in range(MOST[AttemptKind.CODE]):
        assert sign_ins.by_code(a_half(sqlite), "000000", knock=a_knock()) is Refusal.WRONG
    right = pyotp.TOTP(SECRET).at(NOW)
    assert sign_ins.by_code(a_half(sqlite), right, knock=a_knock()) is Refusal.BUSY


def test_a_new_session_takes_the_place_of_the_one_the_browser_had(sqlite: Database) -> None:
    sign_ins = a_staff(sqlite).sign_ins
    an_editor_row(sqlite)
    first = sign_ins.by_password(ADA, GOOD, knock=a_knock())
    assert isinstance(first, Begun)
    again = sign_ins.by_password(ADA, GOOD, knock=a_knock(replaces=first.secret))
    assert isinstance(again, Begun)
    assert seated(sqlite, first.secret, now=NOW) is None
    assert seated(sqlite, again.secret, now=NOW) is not None


def a_half(database: Database) -> DeskSession:
    begun = a_staff(database).sign_ins.by_password(ADA, GOOD, knock=a_knock())
    assert isinstance(begun, Begun)
    half = seated(database, begun.secret, now=NOW)
    assert half is not None
    return half


def row_of(database: Database) -> Editor:
    with database.read() as session:
        found = editor_with_key(session, ADA)
    assert found is not None
    return found


def mails(database: Database) -> list[ServiceMail]:
    with database.read() as session:
        return list(session.scalars(select(ServiceMail).order_by(ServiceMail.id)))


def mailed_secret(database: Database) -> str:
    found = URL.search(mails(database)[-1].text)
    assert found is not None
    return found[1]
