from dataclasses import replace

import pytest

from making import MASTHEAD

ADDRESSES = {
    "letter@example.org": True,
    "no-reply@example.org": False,
    "noreply@example.org": False,
    "NoReply@example.org": False,
    "letter-no_reply@example.org": False,
    "do-not-reply@example.org": False,
    "donotreply@example.org": False,
    "noreen@example.org": True,
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_that_says_so_itself_takes_no_replies(address: str) -> None:
    masthead = replace(MASTHEAD, from_email=address, reply_to=address)
    assert masthead.takes_replies is ADDRESSES[address]


def test_what_was_set_for_replies_takes_them() -> None:
    masthead = replace(MASTHEAD, from_email="no-reply@example.org", reply_to="ed@example.org")
    assert masthead.takes_replies


def test_without_any_address_there_is_no_reply() -> None:
    assert not replace(MASTHEAD, from_email="", reply_to="").takes_replies
