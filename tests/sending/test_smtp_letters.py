"""What a letter that came by SMTP is: headers, names, addresses, and bytes line by line."""

import logging
import re
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import AuthResult

from making import (
    MONTH,
    NOW,
    a_newsroom,
    a_postroom,
    a_reader,
    a_summary,
    an_approved_issue,
)
from pprmail.model.issue import IssueState
from pprmail.sending.envelope import Answer, Receipt
from pprmail.sending.message import message_for
from pprmail.sending.smtp import on_the_wire
from pprmail.services.dispatch.run import Run, send
from pprmail.services.reports import report
from pprmail.storage.database import Database
from sending.mail_servers import (
    PASSWORD,
    USERNAME,
    Ledger,
    ScriptedServer,
    Taken,
    Tls,
    a_real_server,
    a_sender,
    of_this_machine,
)
from sending.wire import a_recipient, an_envelope

READER = "reader@example.org"
SUBJECT = (
    "Zwei Zusammenfassungen über die therapeutische Beziehung – und warum sie zählt: Ærø, 東京"
)
TRICKY = [
    ".",
    "..",
    ".first",
    "last.",
    "",
    "QUIT",
    "x" * 3000,
    "größer als ½ – “so”",
    "From a",
    ".",
]
HOSTILE = [
    "nobody",
    "a@",
    "@b.example",
    "a@example.org> SIZE=1",
    "<victim@example.org>",
    "a(comment)@example.org",
    "Reader <victim@example.org>",
    "victim@example.org, a@example.org",
    "@relay.example:victim@example.org",
    "a@example.org\x00",
    "a@example.org\u2028",
    "a\ud800@example.org",
]


def taken(**envelope: Any) -> tuple[Receipt, Taken]:
    """Send one letter to a real server; give the receipt and what was taken."""
    ledger, recipients = Ledger(), [envelope.pop("recipient", a_recipient(READER, 1))]
    with a_real_server(ledger) as port:
        receipt = a_sender(port).send(an_envelope(recipients=recipients, **envelope))
    (letter,) = ledger.taken
    return receipt, letter


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_both_parts_arrive_line_by_line(end: str) -> None:
    written = end.join(TRICKY)
    _, letter = taken(html=written, text=f"{written}{end}-pm.greeting_text-")
    for part, lines in (("html", TRICKY), ("plain", [*TRICKY, "Dear <1>"])):
        body = letter.message.get_body((part,))
        assert body is not None
        assert body.get_content().splitlines() == lines


def test_the_headers_arrive_as_every_mail_program_reads_them() -> None:
    leave = f"<https://letter.example.org/unsubscribe/{'t' * 150}>"
    headers = {"List-Unsubscribe": leave, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    recipient = a_recipient(READER, 1, name="Zoë", headers=headers)
    _, letter = taken(subject=SUBJECT, recipient=recipient)
    raw, message = letter.content.partition(b"\r\n\r\n")[0], letter.message
    assert f"List-Unsubscribe: {leave}".encode() in raw.split(b"\r\n")
    assert raw.isascii()
    assert message["Subject"] == SUBJECT
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["List-Id"] == "<letter.example.org>"
    assert message["To"].addresses[0].display_name == "Zoë"
    assert message["From"].addresses[0].addr_spec == "letter@example.org"
    assert message["Reply-To"].addresses[0].addr_spec == "editor@example.org"
    assert message["Date"].datetime == NOW


def test_what_arrives_is_what_the_outbox_writes_but_for_its_name() -> None:
    _, letter = taken(subject=SUBJECT)
    envelope = an_envelope(subject=SUBJECT)
    own = message_for(envelope, a_recipient(READER, 1), now=NOW)
    own.replace_header("Message-ID", letter.message["Message-ID"])
    assert _unbounded(letter.content) == _unbounded(own.as_bytes())


def test_every_line_on_the_wire_is_ended_and_none_of_them_ends_the_letter() -> None:
    message = message_for(an_envelope(READER), a_recipient(READER, 1), now=NOW)
    message.set_payload(".\n.\r.\r\n..\r\r\n.\n\n.")
    lines = on_the_wire(message).removesuffix(b"\r\n.\r\n").split(b"\r\n")
    assert lines[-8:] == [b"..", b"..", b"..", b"...", b"", b"..", b"", b".."]
    assert not any(line == b"." or b"\r" in line or b"\n" in line for line in lines)


def test_a_letter_is_named_after_its_delivery_and_request_whenever_it_is_made() -> None:
    recipient = a_recipient(READER, 1, arguments={"pm_d": "7", "pm_r": "-r_Q"})
    letters = [taken(recipient=recipient) for _ in range(2)]
    assert {receipt.message_id for receipt, _ in letters} == {"7.-r_Q@example.org"}
    assert {letter.message["Message-ID"] for _, letter in letters} == {"<7.-r_Q@example.org>"}


@pytest.mark.parametrize(
    "arguments", [{}, {"pm_d": "7"}, {"pm_d": "7", "pm_r": READER}, {"pm_d": "7", "pm_r": "a\r\nb"}]
)
def test_a_letter_without_opaque_names_has_one_of_its_own(arguments: dict[str, str]) -> None:
    recipient = a_recipient(READER, 1, arguments=arguments)
    names = [taken(recipient=recipient)[0].message_id or "" for _ in range(2)]
    assert names[0] != names[1]
    assert all(re.fullmatch(r"[0-9.]+@example\.org", name) for name in names)


def test_a_name_stays_on_one_line_however_long_the_domain() -> None:
    domain = f"{'long-' * 10}name.example.org"
    recipient = a_recipient(READER, 1, arguments={"pm_d": "7", "pm_r": "r" * 22})
    _, letter = taken(recipient=recipient, from_email=f"letter@{domain}")
    assert f"<7.{'r' * 22}@{domain}>\r\n".encode() in letter.content


def test_a_domain_outside_ascii_is_written_as_it_is_looked_up() -> None:
    _, letter = taken(recipient=a_recipient("reader@bücher.example", 1))
    assert letter.recipient == "reader@xn--bcher-kva.example"
    assert letter.message["To"].addresses[0].addr_spec == letter.recipient


@pytest.mark.parametrize("address", HOSTILE)
def test_an_address_with_another_one_in_it_reaches_no_server(address: str) -> None:
    with ScriptedServer() as server:
        sender = a_sender(server.port)
        to_it = sender.send(an_envelope(recipients=[a_recipient(address, 1)]))
        from_it = sender.send(an_envelope(READER, from_email=address))
        assert (to_it.answer, to_it.refused_recipients) == (Answer.REFUSED, (0,))
        assert from_it.answer is Answer.FORBIDDEN
        assert server.connections == 0


def test_a_letter_that_can_not_be_written_down_reaches_no_server() -> None:
    with ScriptedServer() as server:
        for changed in ({"headers": {"X-Odd": "a\r\nBcc: b@example.org"}}, {"html": "\ud800"}):
            receipt = a_sender(server.port).send(an_envelope(READER, **changed))
            assert (receipt.answer, receipt.refused_recipients) == (Answer.REFUSED, ())
            assert "b@example.org" not in receipt.detail
        assert server.connections == 0


def test_each_letter_has_a_connection_of_its_own_and_one_try() -> None:
    with ScriptedServer() as server:
        for number in range(3):
            a_sender(server.port).send(an_envelope(f"r{number}@example.org"))
        verbs = [said.split()[0].upper() for said in server.said]
        assert (server.connections, len(server.taken)) == (3, 3)
        assert verbs == ["EHLO", "MAIL", "RCPT", "DATA", "QUIT"] * 3


def test_on_this_machine_a_password_may_be_told_without_tls() -> None:
    ledger = Ledger()
    with a_real_server(ledger, auth_require_tls=False, authenticator=_lets_in) as port:
        sender = a_sender(port, username=USERNAME, password=PASSWORD)
        assert sender.send(an_envelope(READER)).answer is Answer.ACCEPTED
    assert [(letter.user, letter.is_encrypted) for letter in ledger.taken] == [(USERNAME, False)]


def test_nothing_is_logged_or_shown_of_addresses_or_of_the_password(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    tls: Tls = of_this_machine(tmp_path)
    with caplog.at_level(logging.DEBUG), ScriptedServer(tls=tls) as server:
        sender = a_sender(server.port, tls)
        receipt = sender.send(an_envelope(READER))
    shown = f"{caplog.text} {capfd.readouterr()} {sender!r} {receipt!r}"
    assert receipt.answer is Answer.ACCEPTED
    assert READER not in shown
    assert PASSWORD not in shown


def test_a_report_has_no_word_of_any_letter_that_was_accepted(
    sqlite: Database, tmp_path: Path
) -> None:
    newsroom, ledger = a_newsroom(sqlite, sender="smtp"), Ledger()
    for number in range(3):
        a_reader(sqlite, f"r{number}@example.org")
    an_approved_issue(newsroom, a_summary())
    with a_real_server(ledger) as port:
        postroom = a_postroom(newsroom, tmp_path, a_sender(port), batch_size=1)
        assert send(postroom, MONTH, who="test", run=Run()).state is IssueState.SENT
    told = report(newsroom, MONTH, now=NOW).as_json()
    assert (told["deliveries"]["accepted"], told["delivered"], told["no_word"]) == (3, 0, 3)
    assert sorted(ledger.addresses) == ["r0@example.org", "r1@example.org", "r2@example.org"]


def _unbounded(data: bytes) -> bytes:
    return re.sub(rb"=+\d+==", b"", re.sub(rb'\r\n boundary="[^"]+"|boundary="[^"]+"', b"", data))


def _lets_in(*_: Any) -> AuthResult:
    return AuthResult(success=True, handled=False, auth_data=USERNAME.encode())
