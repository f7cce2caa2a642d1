"""What a real mail server takes: aiosmtpd, with TLS and a login, and its own book."""

import logging
from pathlib import Path
from typing import Any

import pytest

from making import NOW
from pprmail.errors import ConfigError
from pprmail.sending.envelope import Answer
from pprmail.sending.message import message_for
from pprmail.sending.smtp_talk import Server
from sending.mail_servers import (
    PASSWORD,
    USERNAME,
    Ledger,
    Tls,
    a_real_server,
    a_sender,
    a_server_inside_tls,
    of_this_machine,
)
from sending.wire import an_envelope

READER = "first.reader@example.org"


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """A certificate that is right for this machine."""
    return of_this_machine(tmp_path_factory.mktemp("tls"))


def test_a_letter_arrives_over_tls_as_it_was_written(tls: Tls) -> None:
    ledger, envelope = Ledger(), an_envelope(READER, subject="Über alles\r\nBcc: x@example.org")
    with a_real_server(ledger, tls) as port:
        receipt = a_sender(port, tls).send(envelope)
    (taken,) = ledger.taken
    expected = message_for(envelope, envelope.recipients[0], now=NOW)
    assert (receipt.answer, receipt.message_id) == (Answer.ACCEPTED, "1.a-request@example.org")
    assert (taken.sender, taken.recipient) == ("letter@example.org", READER)
    assert (taken.is_encrypted, taken.user) == (True, USERNAME)
    assert taken.message["Message-ID"] == f"<{receipt.message_id}>"
    assert taken.message["List-Unsubscribe"] == "<https://letter.example.org/unsubscribe/1>"
    assert "Bcc" not in taken.message
    for kind in ("plain", "html"):
        bodies = [m.get_body((kind,)) for m in (taken.message, expected)]
        texts = [body.get_content().splitlines() for body in bodies if body]
        assert texts[0] == texts[1]


@pytest.mark.parametrize("text", [".", "..", "a\n.\nb", ".\r\nRSET", "a\r.\rb", "x" * 5000])
def test_no_line_of_a_letter_ends_it(text: str) -> None:
    ledger = Ledger()
    with a_real_server(ledger) as port:
        receipt = a_sender(port).send(an_envelope(READER, text=text))
    assert receipt.answer is Answer.ACCEPTED
    (taken,) = ledger.taken
    body = taken.message.get_body(("plain",))
    assert body is not None
    assert body.get_content().splitlines() == text.splitlines()
    assert max(map(len, taken.content.split(b"\r\n"))) < 998


def test_a_wrong_password_is_for_a_person_and_said_nowhere(
    tls: Tls, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG, logger="pprmail")
    ledger = Ledger()
    with a_real_server(ledger, tls) as port:
        receipt = a_sender(port, tls, password="wrong-and-secret").send(an_envelope(READER))
    assert (receipt.answer, ledger.taken) == (Answer.FORBIDDEN, [])
    said = f"{receipt!r} {capfd.readouterr()} {[r for r in caplog.messages if 'pprmail' in r]}"
    assert "wrong-and-secret" not in said
    assert READER not in said


@pytest.mark.parametrize("other", [["PLAIN"], ["LOGIN"], ["PLAIN", "LOGIN"]])
def test_it_logs_in_as_the_server_offers_or_sends_nothing(tls: Tls, other: list[str]) -> None:
    ledger = Ledger()
    with a_real_server(ledger, tls, auth_exclude_mechanism=other) as port:
        receipt = a_sender(port, tls).send(an_envelope(READER))
    expected = Answer.FORBIDDEN if len(other) == 2 else Answer.ACCEPTED
    assert (receipt.answer, len(ledger.taken)) == (expected, 2 - len(other))


def test_a_server_that_wants_a_login_and_is_given_none_is_for_a_person(tls: Tls) -> None:
    ledger = Ledger()
    with a_real_server(ledger, tls) as port:
        receipt = a_sender(port, tls, username="", password="").send(an_envelope(READER))
    assert (receipt.answer, ledger.taken) == (Answer.FORBIDDEN, [])


def test_no_password_is_told_in_the_open_but_to_this_machine() -> None:
    assert not Server("192.0.2.1", 587).is_on_loopback
    ledger = Ledger()
    with a_real_server(ledger) as port:
        inside: dict[str, Any] = {"starttls": False, "username": USERNAME, "password": PASSWORD}
        # The whole of 127.0.0.0/8 is this machine, but only its usual names are known as such.
        receipt = a_sender(port, host="127.0.0.01", **inside).send(an_envelope(READER))
    assert receipt.answer is Answer.FORBIDDEN
    assert ledger.taken == []


def test_a_server_that_is_encrypted_from_the_first_byte_is_told_the_password_and_the_letter(
    tls: Tls,
) -> None:
    ledger = Ledger()
    with a_server_inside_tls(ledger, tls) as port:
        receipt = a_sender(port, tls, tls_at_once=True).send(an_envelope(READER))
    assert (receipt.answer, ledger.addresses) == (Answer.ACCEPTED, [READER])
    assert [taken.user for taken in ledger.taken] == [USERNAME]


def test_a_server_in_the_open_is_told_nothing_where_encryption_is_expected(tls: Tls) -> None:
    ledger = Ledger()
    with a_real_server(ledger, tls) as port:
        receipt = a_sender(port, tls, tls_at_once=True, timeout=1.0).send(an_envelope(READER))
    assert (receipt.answer, ledger.taken) == (Answer.UNREACHABLE, [])


def test_a_certificate_of_somebody_else_is_not_believed_from_the_first_byte_either(
    tls: Tls, tmp_path: Path
) -> None:
    ledger, other = Ledger(), of_this_machine(tmp_path)
    with a_server_inside_tls(ledger, other) as port:
        receipt = a_sender(port, tls, tls_at_once=True).send(an_envelope(READER))
    assert (receipt.answer, ledger.taken) == (Answer.UNREACHABLE, [])


@pytest.mark.parametrize(("takes", "answer"), [(True, "accepted"), (False, "refused")])
def test_an_address_outside_ascii_goes_where_it_is_understood(takes: bool, answer: str) -> None:
    ledger = Ledger()
    with a_real_server(ledger, enable_SMTPUTF8=takes) as port:
        receipt = a_sender(port).send(an_envelope("jürgen@exämple.org"))
    assert receipt.answer == answer
    assert ledger.addresses == (["jürgen@xn--exmple-cua.org"] if takes else [])
    assert receipt.refused_recipients == (() if takes else (0,))


@pytest.mark.parametrize(
    "address",
    ["a b@example.org", "a@example.org>\r\nRCPT TO:<b@example.org", "", "a@b@c", "a@example.org\n"],
)
def test_what_is_no_address_is_never_said_to_a_server(address: str) -> None:
    ledger = Ledger()
    with a_real_server(ledger) as port:
        receipt = a_sender(port).send(an_envelope(address))
    assert (receipt.answer, receipt.refused_recipients) == (Answer.REFUSED, (0,))
    assert ledger.taken == []


def test_two_readers_in_one_request_and_no_sender_are_refused_before_all() -> None:
    both, nobody = an_envelope(READER, "b@example.org"), an_envelope(READER, from_email="x y@z")
    assert a_sender(1).send(both).answer is Answer.REFUSED
    assert a_sender(1).send(nobody).answer is Answer.FORBIDDEN


def test_a_password_that_can_not_be_told_is_refused_at_the_start(tmp_path: Path) -> None:
    for username, password in (("é", "x"), ("x", "päss"), ("a\r\nRSET", "x")):
        with pytest.raises(ConfigError) as caught:
            Server("localhost", 587, username, password)
        assert "päss" not in str(caught.value)
