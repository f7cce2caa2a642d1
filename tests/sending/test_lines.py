import pytest
from hypothesis import given
from hypothesis import strategies as st

from pprmail.sending.lines import LONGEST_REASON, ascii_address, one_line, reason


@given(st.text())
def test_any_text_becomes_one_line_that_can_be_encoded(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    line.encode()


def test_what_joins_letters_and_turns_writing_stays() -> None:
    for text in ("\U0001f469\u200d⚕\ufe0f", "a\u200fב", "e\u0301", "क्\u200dष"):
        assert one_line(text) == text


@given(st.text(), st.text())
def test_no_reason_holds_an_address_or_a_key(before: str, after: str) -> None:
    told = reason(f"{before} jo.doe+tag@example.org, SG.secret.key; {after}")
    assert "jo.doe" not in told
    assert "secret" not in told
    assert "@" not in told
    assert len(told) <= LONGEST_REASON


def test_a_reason_keeps_its_other_words() -> None:
    said = "personalizations.0.to.0: Each address once: [a@example.org]. Sorry\r\n"
    assert reason(said) == "personalizations.0.to.0: Each address once: … Sorry"


@pytest.mark.parametrize(
    ("address", "wire"),
    [
        ("Jo@Example.org", "Jo@Example.org"),
        ("jo@bücher.example", "jo@xn--bcher-kva.example"),
        ("jo@BÜCHER.example", "jo@xn--bcher-kva.example"),
        ("jo@mail.bücher.example", "jo@mail.xn--bcher-kva.example"),
        ("jo@例え.テスト", "jo@xn--r8jz45g.xn--zckzah"),
        ("jö@bücher.example", "jö@xn--bcher-kva.example"),
        ("jo@\U0001f389.example", "jo@\U0001f389.example"),
        ("jo@ü..example", "jo@ü..example"),
        ("jo", "jo"),
        ("", ""),
    ],
)
def test_domains_are_written_as_they_are_looked_up(address: str, wire: str) -> None:
    assert ascii_address(address) == wire
