"""What is certain after a letter went by SMTP, whatever the server does, at every step.

The server's own book is the judge: what it took is never called not sent, and what it did not take
is never called accepted.
"""

import socket
import ssl
import time
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import given, settings
from hypothesis import strategies as st

from pprmail.sending.envelope import Answer, Receipt
from pprmail.sending.smtp_talk import Handover, Parcel, deliver
from sending.mail_servers import (
    GARBAGE,
    PASSWORD,
    UNASKED,
    USERNAME,
    ScriptedServer,
    Tls,
    a_certificate,
    a_sender,
    of_this_machine,
)
from sending.wire import an_envelope

READER = "first.reader@example.org"
BEFORE = [
    "greeting",
    "ehlo",
    "starttls",
    "handshake",
    "ehlo again",
    "auth",
    "mail",
    "rcpt",
    "data",
]
SHORT = 0.8
"""Seconds that are waited for a server that hangs."""


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """A certificate that is right for this machine."""
    return of_this_machine(tmp_path_factory.mktemp("tls"))


def sent(server: ScriptedServer, tls: Tls | None = None, **changed: float) -> Receipt:
    """Send one letter, and hold what is said of it against the server's book."""
    receipt = a_sender(server.port, tls, **changed).send(an_envelope(READER))
    assert server.connections <= 1
    assert READER not in receipt.detail
    assert PASSWORD not in repr(receipt)
    if server.taken:
        assert receipt.answer in {Answer.ACCEPTED, Answer.UNKNOWN}
    else:
        assert receipt.answer is not Answer.ACCEPTED
    return receipt


@pytest.mark.parametrize("step", [s for s in BEFORE if s != "handshake"])
def test_not_now_before_the_letter_is_busy_and_worth_a_wait(step: str, tls: Tls) -> None:
    for how in ("4xx", "421"):
        with ScriptedServer(step, how, tls=tls) as server:
            receipt = sent(server, tls)
            assert (receipt.answer, receipt.refused_recipients) == (Answer.BUSY, ())
            assert 15 <= receipt.wait_seconds <= 60
            assert f"({'451' if how == '4xx' else '421'})" in receipt.detail


@pytest.mark.parametrize(
    ("step", "answer", "named"),
    [
        ("greeting", Answer.FORBIDDEN, ()),
        ("ehlo", Answer.FORBIDDEN, ()),
        ("starttls", Answer.FORBIDDEN, ()),
        ("ehlo again", Answer.FORBIDDEN, ()),
        ("auth", Answer.FORBIDDEN, ()),
        ("mail", Answer.FORBIDDEN, ()),
        ("rcpt", Answer.REFUSED, (0,)),
        ("data", Answer.REFUSED, ()),
        ("dot", Answer.REFUSED, ()),
    ],
)
def test_a_no_is_a_no_to_whatever_it_answers(
    step: str, answer: Answer, named: tuple[int, ...], tls: Tls
) -> None:
    with ScriptedServer(step, "5xx", tls=tls) as server:
        receipt = sent(server, tls)
        assert (receipt.answer, receipt.refused_recipients) == (answer, named)
        assert "(550)" in receipt.detail
        assert server.taken == []


# Python leaves a socket open that is reset before its handshake (ssl.SSLSocket._create).
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("step", BEFORE)
def test_a_line_that_breaks_before_the_letter_sent_nothing(step: str, how: str, tls: Tls) -> None:
    with ScriptedServer(step, how, tls=tls) as server:
        assert sent(server, tls).answer is Answer.UNREACHABLE


@pytest.mark.parametrize("how", ["hang", "trickle"])
@pytest.mark.parametrize("step", BEFORE)
def test_a_server_that_hangs_before_the_letter_sent_nothing(step: str, how: str, tls: Tls) -> None:
    with ScriptedServer(step, how, tls=tls) as server:
        begun = time.monotonic()
        assert sent(server, tls, timeout=SHORT).answer is Answer.UNREACHABLE
        assert time.monotonic() - begun < 2 * SHORT + 2


@pytest.mark.parametrize("said", GARBAGE.values(), ids=GARBAGE.keys())
def test_what_is_no_reply_is_no_yes_at_any_step(said: bytes, tls: Tls) -> None:
    for step in BEFORE:
        with ScriptedServer(step, said, tls=tls) as server:
            assert sent(server, tls).answer is Answer.UNREACHABLE, step


@pytest.mark.parametrize("takes", [True, False])
@pytest.mark.parametrize("said", GARBAGE.values(), ids=GARBAGE.keys())
def test_what_is_no_reply_to_the_letter_leaves_a_doubt(said: bytes, takes: bool, tls: Tls) -> None:
    with ScriptedServer("dot", said, tls=tls, takes=takes) as server:
        assert sent(server, tls).answer is Answer.UNKNOWN
        assert len(server.taken) == takes


@pytest.mark.parametrize("takes", [True, False])
@pytest.mark.parametrize("how", ["close", "reset", "hang", "trickle", "250-more", "220 hello"])
def test_no_whole_reply_to_the_letter_leaves_a_doubt(how: str, takes: bool, tls: Tls) -> None:
    is_slow = how in {"hang", "trickle"}
    with ScriptedServer("dot", how, tls=tls, takes=takes) as server:
        receipt = sent(server, tls, timeout=SHORT if is_slow else 10.0)
        assert receipt.answer is Answer.UNKNOWN
        assert len(server.taken) == takes


@pytest.mark.parametrize("how", ["close", "reset", "hang"])
def test_a_line_that_breaks_in_the_middle_of_the_letter_leaves_a_doubt(how: str, tls: Tls) -> None:
    with ScriptedServer("letter", how, tls=tls) as server:
        receipt = sent(server, tls, timeout=SHORT if how == "hang" else 10.0)
        assert receipt.answer is Answer.UNKNOWN
        assert server.taken == []


def test_a_doubt_names_the_letter_as_the_server_s_log_does(tls: Tls) -> None:
    with ScriptedServer("dot", "close", tls=tls) as server:
        receipt = sent(server, tls)
        assert receipt.message_id == "1.a-request@example.org"
        assert receipt.detail.endswith("the server's log has it as 1.a-request")
        assert b"Message-ID: <1.a-request@example.org>\r\n" in server.taken[0]


@pytest.mark.parametrize("how", ["4xx", "421"])
def test_not_now_to_the_letter_itself_is_certain_too(how: str, tls: Tls) -> None:
    with ScriptedServer("dot", how, tls=tls) as server:
        assert sent(server, tls).answer is Answer.BUSY


@pytest.mark.parametrize("how", ["4xx", "5xx", "close", "reset", "hang", "trickle", b"\xff\n"])
def test_how_the_farewell_goes_changes_nothing(how: str | bytes, tls: Tls) -> None:
    with ScriptedServer("quit", how, tls=tls) as server:
        receipt = sent(server, tls, timeout=1.5)
        assert receipt.answer is Answer.ACCEPTED
        assert receipt.message_id == "1.a-request@example.org"
        assert receipt.detail == "2.0.0 Ok: queued as A1B2C3"


@pytest.mark.parametrize(
    ("said", "answer", "named"),
    [
        ("550 no such user", Answer.REFUSED, (0,)),
        ("550 5.1.1 no such user", Answer.REFUSED, (0,)),
        ("552 5.2.2 mailbox full", Answer.REFUSED, (0,)),
        ("553 5.1.3 bad address", Answer.REFUSED, (0,)),
        ("530 5.7.0 authenticate first", Answer.FORBIDDEN, ()),
        ("535 who are you", Answer.FORBIDDEN, ()),
        ("554 5.7.1 <x@y>: Relay access denied", Answer.FORBIDDEN, ()),
        ("550 relaying denied", Answer.FORBIDDEN, ()),
        ("554 5.7.1 Client host [192.0.2.1] blocked", Answer.FORBIDDEN, ()),
        ("550 5.1.8 sender's domain not found", Answer.FORBIDDEN, ()),
        ("450 4.2.0 greylisted", Answer.BUSY, ()),
        ("452 4.2.2 mailbox full", Answer.BUSY, ()),
        ("354 go on", Answer.UNREACHABLE, ()),
        ("221 bye", Answer.UNREACHABLE, ()),
    ],
)
def test_a_refusal_that_is_about_us_strikes_no_reader_off(
    said: str, answer: Answer, named: tuple[int, ...]
) -> None:
    with ScriptedServer("rcpt", said) as server:
        receipt = sent(server)
        assert (receipt.answer, receipt.refused_recipients) == (answer, named)


def test_a_password_that_the_server_says_back_is_not_kept(tls: Tls) -> None:
    with ScriptedServer("auth", f"535 5.7.8 {PASSWORD} of {USERNAME} is wrong", tls=tls) as server:
        receipt = sent(server, tls)
        assert receipt.answer is Answer.FORBIDDEN
        assert receipt.detail.endswith("refuses the user name or password (535): 5.7.8")


@pytest.mark.parametrize("more", UNASKED)
@pytest.mark.parametrize("step", [s for s in BEFORE if s != "handshake"])
def test_a_reply_that_comes_before_its_question_is_not_taken_for_the_answer(
    step: str, more: str, tls: Tls
) -> None:
    with ScriptedServer(step, more, tls=tls) as server:
        receipt = sent(server, tls)
        assert receipt.answer is Answer.UNREACHABLE
        assert "before it is asked" in receipt.detail


def test_a_letter_given_up_in_time_can_not_leave_afterwards() -> None:
    """The thread that was given up on is still there, and gets its yes to DATA after all."""
    with ScriptedServer() as server:
        handover = Handover()
        parcel = Parcel("letter@example.org", READER, b"x\r\n.\r\n", "1.a@example.org")
        given_up = handover.call_off(parcel, deadline=1)
        late = deliver(a_sender(server.port).server, parcel, handover)
        assert (given_up.answer, late.answer) == (Answer.UNREACHABLE, Answer.UNREACHABLE)
        assert "DATA" in server.said
        assert server.taken == []


def test_a_server_that_is_not_there_sent_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    assert a_sender(port).send(an_envelope(READER)).answer is Answer.UNREACHABLE
    nowhere = a_sender(port, host="mail.nowhere.invalid")
    assert nowhere.send(an_envelope(READER)).answer is Answer.UNREACHABLE


def test_a_certificate_that_is_not_right_sends_nothing(tls: Tls, tmp_path: Path) -> None:
    other = a_certificate(tmp_path, x509.DNSName("mail.example.org"))
    expired = a_certificate(tmp_path, x509.DNSName("localhost"), days=0)
    strangers = Tls(tls.server, ssl.create_default_context())
    for case in (other, expired, strangers):
        with ScriptedServer(tls=case) as server:
            receipt = sent(server, case, host="localhost")  # type: ignore[arg-type]
            assert receipt.answer is Answer.UNREACHABLE
            assert "CERTIFICATE_VERIFY_FAILED" in receipt.detail
            assert not any(said.startswith(("AUTH", "MAIL")) for said in server.said)


def test_nothing_is_sent_in_the_open_where_it_must_not_be(tls: Tls) -> None:
    with ScriptedServer() as server:
        receipt = sent(server, tls)
        assert receipt.answer is Answer.FORBIDDEN
        assert "offers no STARTTLS" in receipt.detail
        assert [said.split()[0].upper() for said in server.said] == ["EHLO", "QUIT"]


REPLIES = st.sampled_from(
    ["", "250 ok", "354 go", "220 hi", "250-a\r\n250 b", "250", "451 x", "550 5.1.1 x", "2", "xyz"]
)
STEPS = ["greeting", "ehlo", "mail", "rcpt", "data", "dot"]


@given(step=st.sampled_from(STEPS), said=st.binary(max_size=40) | REPLIES.map(str.encode))
@settings(max_examples=150, deadline=None)
def test_whatever_is_said_at_a_step_the_book_is_not_contradicted(step: str, said: bytes) -> None:
    is_no = said[:1] in b"45" and step == "dot"
    for end in (b"", b"\r\n"):
        with ScriptedServer(step, said + end, takes=not is_no) as server:
            receipt = a_sender(server.port).send(an_envelope(READER))
            if server.taken:
                assert receipt.answer in {Answer.ACCEPTED, Answer.UNKNOWN}
            elif receipt.answer is Answer.ACCEPTED:
                assert said.startswith(b"250")
