import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pprmail.model.password import LONGEST, SHORTEST, is_short, problem_with

COMMON = [
    "passwordpassword",
    "Password12345678",
    "P@ssw0rd!P@ssw0rd!",
    "123456789012345",
    "qwertyuiopasdfghjkl",
    "aaaaaaaaaaaaaaaa",
    "abcabcabcabcabc",
    "letmein letmein 1",
    "iloveyou20261225",
    "Welcome-2026-Welcome",
    "correct horse battery staple",
    "Summer2026Summer2026",
    "1q2w3e4r5t1q2w3e4r5t",
    "xyxyxyxyxyxyxyxyxy",
]
GOOD = [
    "four words of mine alone",
    "tangerine kettle north quay",
    "vX9#kQ2!mZr7&Lp",
    "это мой длинный секрет",
    "我的密码是很长很长的一句话所以没有人猜得到",
]


@pytest.mark.parametrize("password", COMMON)
def test_what_is_tried_first_is_refused(password: str) -> None:
    assert "tried first" in problem_with(password, has_code=False)


@pytest.mark.parametrize("password", GOOD)
def test_whatever_is_long_and_not_common_is_good(password: str) -> None:
    assert problem_with(password, has_code=False) == ""


def test_beside_a_code_eight_characters_will_do_but_no_common_ones() -> None:
    assert problem_with("kQ2!mZr7", has_code=True) == ""
    assert "15 characters" in problem_with("kQ2!mZr7", has_code=False)
    assert "8 characters" in problem_with("kQ2!mZr", has_code=True)
    for common in ("password", "P@ssw0rd", "12345678", "qwertyui1", "sunshine", "iloveyou1"):
        assert problem_with(common, has_code=True), common
    assert is_short("kQ2!mZr7")
    assert not is_short(GOOD[0])


def test_nobody_takes_the_own_address_or_the_name_of_the_letter() -> None:
    names = ("ada.lovelace.1815@example.org", "The Practice Research Letter")
    for password in ("ada.lovelace.1815@example.org", "Ada-Lovelace-1815"):
        assert "your address" in problem_with(password, has_code=False, names=names)
    assert problem_with("the practice research letter", has_code=False, names=names)
    assert problem_with("ada has a dog called Rex", has_code=False, names=names) == ""


def test_a_password_that_is_too_long_is_refused_and_not_cut_off() -> None:
    assert problem_with("ab1 " * (LONGEST // 4), has_code=False) != ""
    assert "at most 1,000" in problem_with("x" * (LONGEST + 1), has_code=False)


@settings(max_examples=200, deadline=200)
@given(st.text(min_size=SHORTEST, max_size=LONGEST))
def test_every_text_is_judged_and_in_no_time(password: str) -> None:
    assert isinstance(problem_with(password, has_code=False), str)
