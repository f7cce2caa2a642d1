"""Readers' links: what opens, for how long, and that no changed token ever does."""

from datetime import datetime, timedelta

import pytest
import time_machine

from making import NOW, SIGNER
from pprmail.model.link import OWNER_LASTS, PREFERENCES_LAST, LinkProblem, Opened, Signer
from pprmail.model.subscriber import new_public_id

READER = "AbCdEfGhIjKlMnOpQrSt_-"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
# What routers, mail programs and careless decoders put into an address, and digits that are not 0-9.
STRANGE = ".=/+%~ \n\t\0é٣２"
OTHER = "another secret that is long enough to sign links"
LEAVE = SIGNER.leave_token(READER)
PREFERENCES = SIGNER.preferences_token(READER, now=NOW)


def _midnight(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _opens(token: str) -> bool:
    """Tell whether a token opens anything at all."""
    found = {SIGNER.read_leave(token), SIGNER.read_preferences(token, now=NOW)}
    return found != {LinkProblem.FORGED}


def test_a_link_opens_for_the_reader_it_was_made_for() -> None:
    for reader in (READER, *(new_public_id() for _ in range(50))):
        assert SIGNER.read_leave(SIGNER.leave_token(reader)) == reader
        token = SIGNER.preferences_token(reader, now=NOW)
        assert SIGNER.read_preferences(token, now=NOW) == Opened(reader, 0)


def test_a_token_travels_in_an_address_as_it_is() -> None:
    assert set(LEAVE + PREFERENCES) <= set(LETTERS + ".")
    assert not LEAVE.endswith(".")


@pytest.mark.parametrize("token", [LEAVE, PREFERENCES], ids=["leave", "preferences"])
def test_every_change_of_a_single_character_is_refused(token: str) -> None:
    for place, present in enumerate(token):
        for other in LETTERS + STRANGE:
            changed = token[:place] + other + token[place + 1 :]
            assert _opens(changed) is (other == present), (place, other)


@pytest.mark.parametrize("token", [LEAVE, PREFERENCES], ids=["leave", "preferences"])
def test_every_character_left_out_or_put_in_is_refused(token: str) -> None:
    for place in range(len(token) + 1):
        assert place == len(token) or not _opens(token[:place] + token[place + 1 :])
        for other in LETTERS + STRANGE:
            assert not _opens(token[:place] + other + token[place:]), (place, other)


def test_a_link_for_one_purpose_never_opens_another() -> None:
    assert SIGNER.read_leave(PREFERENCES) is LinkProblem.FORGED
    assert SIGNER.read_preferences(LEAVE, now=NOW) is LinkProblem.FORGED
    # Not with a day put in, or taken out, either.
    _, day, signature = PREFERENCES.split(".")
    assert not _opens(f"{READER}.{signature}")
    assert not _opens(f"{READER}.{day}.{LEAVE.split('.')[1]}")


def test_a_signature_is_worth_nothing_for_another_reader() -> None:
    other = new_public_id()
    assert not _opens(LEAVE.replace(READER, other))
    assert not _opens(PREFERENCES.replace(READER, other))


def test_a_preferences_link_lasts_thirteen_months_to_the_day() -> None:
    last = _midnight(NOW) + PREFERENCES_LAST
    assert SIGNER.read_preferences(PREFERENCES, now=last) == Opened(READER, 0)
    late = last + timedelta(seconds=1)
    assert SIGNER.read_preferences(PREFERENCES, now=late) is LinkProblem.EXPIRED


def test_last_years_letter_of_this_month_still_opens() -> None:
    sent = datetime.fromisoformat("2027-11-02T14:00:00+00:00")
    read = datetime.fromisoformat("2028-11-30T23:00:00+00:00")
    assert SIGNER.read_preferences(SIGNER.preferences_token(READER, now=sent), now=read) == Opened(
        READER, 0
    )


def test_an_expired_link_can_not_be_given_a_later_day() -> None:
    reader, day, signature = PREFERENCES.split(".")
    late = NOW + timedelta(days=800)
    for later in (int(day) + 800, 999999, f"0{day}"):
        forged = SIGNER.read_preferences(f"{reader}.{later}.{signature}", now=late)
        assert forged is LinkProblem.FORGED


@pytest.mark.parametrize("years", [2, 20, 70])
def test_a_leave_link_never_expires(years: int) -> None:
    with time_machine.travel(NOW + timedelta(days=366 * years)):
        assert SIGNER.read_leave(LEAVE) == READER
        # The law wants it to work; it holds no moment and is the same in every letter for ever.
        assert SIGNER.leave_token(READER) == LEAVE


def test_links_of_a_previous_key_open_as_long_as_it_is_kept() -> None:
    old, turned = Signer.of(OTHER), Signer.of("new" * 12, [OTHER])
    assert turned.read_leave(old.leave_token(READER)) == READER
    token = old.preferences_token(READER, now=NOW)
    assert turned.read_preferences(token, now=NOW) == Opened(READER, 0)
    assert Signer.of("new" * 12).read_leave(old.leave_token(READER)) is LinkProblem.FORGED
    assert old.read_leave(turned.leave_token(READER)) is LinkProblem.FORGED


@pytest.mark.parametrize("token", ["", ".", "..", "a" * 100_000, READER, f"{READER}.", "é" * 45])
def test_anything_else_is_forged_and_no_error(token: str) -> None:
    assert not _opens(token)


def test_a_link_for_choosing_says_in_which_epoch_it_was_made() -> None:
    token = SIGNER.preferences_token(READER, now=NOW, epoch=3)
    assert SIGNER.read_preferences(token, now=NOW) == Opened(READER, 3)
    raised = token.replace(".3.", ".4.")
    assert SIGNER.read_preferences(raised, now=NOW) is LinkProblem.FORGED
    assert SIGNER.read_preferences(token.replace(".3.", "."), now=NOW) is LinkProblem.FORGED


def test_a_link_for_the_owner_alone_lasts_a_day_and_opens_nothing_else() -> None:
    token = SIGNER.owner_token(READER, now=NOW, epoch=2)
    assert SIGNER.read_preferences(token, now=NOW) == Opened(READER, 2, is_owner=True)
    late = NOW + OWNER_LASTS + timedelta(minutes=1)
    assert SIGNER.read_preferences(token, now=late) is LinkProblem.EXPIRED
    assert SIGNER.read_preferences(token.removeprefix("o."), now=NOW) is LinkProblem.FORGED
    assert SIGNER.read_preferences(f"o.{PREFERENCES}", now=NOW) is LinkProblem.FORGED
    assert SIGNER.read_leave(token) is LinkProblem.FORGED
    assert SIGNER.read_confirm(token) is LinkProblem.FORGED


def test_a_confirmation_s_link_is_no_other_link_and_no_other_is_one() -> None:
    token = SIGNER.confirm_token(READER)
    assert SIGNER.read_confirm(token) == READER
    assert SIGNER.read_confirm(LEAVE) is LinkProblem.FORGED
    assert SIGNER.read_leave(token) is LinkProblem.FORGED
    assert (
        SIGNER.read_confirm(token[:-1] + ("A" if token[-1] != "A" else "B")) is LinkProblem.FORGED
    )


def test_a_digest_is_the_same_each_time_and_tells_purposes_and_keys_apart() -> None:
    digest = SIGNER.digest("address", "ada@example.org")
    assert digest == SIGNER.digest("address", "ada@example.org")
    assert digest != SIGNER.digest("client", "ada@example.org")
    turned = Signer.of("another secret that is long enough to sign", ["x" * 32])
    assert digest not in turned.digests("address", "ada@example.org")


def test_a_form_says_when_it_was_shown_and_nobody_can_write_such_a_token() -> None:
    token = SIGNER.form_token(NOW)
    assert SIGNER.read_form(token) == NOW
    older = f"{int(NOW.timestamp()) - 60}.{token.partition('.')[2]}"
    for forged in (older, token[:-1], f"{token}x", "", f"9{'9' * 11}.{'A' * 22}", LEAVE):
        assert SIGNER.read_form(forged) is LinkProblem.FORGED


def test_whose_an_expired_link_was_is_known_and_a_forged_one_tells_nothing() -> None:
    for token in (PREFERENCES, SIGNER.owner_token(READER, now=NOW, epoch=2)):
        found = SIGNER.whose(token)
        assert found is not None
        assert found.public_id == READER
        assert SIGNER.whose(token[:-1] + ("A" if token[-1] != "A" else "B")) is None
    assert SIGNER.whose(SIGNER.leave_token(READER)) is None
