"""What is certain after a request, whatever the other side does: one connection, one try."""

import logging
import socket
import ssl
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from pprmail.sending.envelope import Answer, Receipt
from pprmail.sending.sendgrid import SendGridSender
from sending.wire import ADDRESSES, KEY, Call, Provider, Script, an_envelope, answer, errors, says

BAD = errors((None, "bad request"))
NO_ADDRESS = "Does not contain a valid address."


def hangs(call: Call) -> None:
    call.read().connection.recv(1)


def trickles(call: Call) -> None:
    call.read().say(b"HTTP/1.1 202 Accepted\r\nX-Slow: ")
    while not call.released.wait(0.02):
        call.say(b"x")


def drops_before_reading(call: Call) -> None:
    call.reset()


def drops_while_reading(call: Call) -> None:
    call.connection.recv(100)
    call.reset()


def drops_after_reading(call: Call) -> None:
    call.read()


def resets_after_reading(call: Call) -> None:
    call.read().reset()


def stops_talking(call: Call) -> None:
    call.read().connection.shutdown(socket.SHUT_WR)
    call.connection.recv(1)


ACCEPTED = {
    "202 with an id": (says(answer("202 Accepted", X_Message_Id="abc.123")), "abc.123"),
    "202 without an id": (says(answer("202 Accepted")), None),
    "202 whose headers are cut": (says(b"HTTP/1.1 202 Accepted\r\nX-Mess"), None),
    "202 with a body nobody asked for": (says(answer("202 OK", b"hello", X_Message_Id="a")), "a"),
}
IN_DOUBT = {
    "200": says(answer("200 OK", b"{}")),
    "201": says(answer("201 Created")),
    "204": says(answer("204 No Content")),
    "304": says(answer("304 Not Modified")),
    "a 400 that is a page": says(answer("400 Bad Request", b"<html>no</html>")),
    "a 400 without words": says(answer("400 Bad Request")),
    "a 400 with other JSON": says(answer("400 Bad Request", {"error": "x"})),
    "a 400 with no error in it": says(answer("400 Bad Request", {"errors": []})),
    "a 400 with errors of another kind": says(answer("400 Bad Request", {"errors": ["x"]})),
    "a 400 that is a list": says(answer("400 Bad Request", ["x"])),
    "a 400 of endless depth": says(answer("400 Bad Request", b"[" * 100_000)),
    "a 400 that is not UTF-8": says(
        answer("400 Bad Request", b'{"errors": [{"message": "\xff"}]}')
    ),
    "a 401 that is a page": says(answer("401 Unauthorized", b"<html>proxy</html>")),
    "408": says(answer("408 Request Timeout", BAD)),
    "409": says(answer("409 Conflict", BAD)),
    "500": says(answer("500 Internal Server Error", BAD)),
    "502": says(answer("502 Bad Gateway", b"<html>nginx</html>")),
    "503": says(answer("503 Service Unavailable", BAD)),
    "504": says(answer("504 Gateway Timeout")),
    "599": says(answer("599 What")),
    "silence": hangs,
    "an answer without an end": trickles,
    "an end before the request is read": drops_before_reading,
    "an end while the request is read": drops_while_reading,
    "an end after the request is read": drops_after_reading,
    "a reset after the request is read": resets_after_reading,
    "half an end": stops_talking,
    "a 202 that is cut": says(answer("202 Accepted", b"x" * 100)[:-50]),
    "a 400 that is cut": says(answer("400 Bad Request", BAD)[:-5]),
    "no HTTP": says(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "an odd status": says(b"HTTP/1.1 abc Accepted\r\n\r\n"),
    "too many headers": says(b"HTTP/1.1 202 OK\r\n" + b"A: b\r\n" * 200 + b"\r\n"),
    "a header without an end": says(b"HTTP/1.1 202 OK\r\nA: " + b"b" * 70_000 + b"\r\n\r\n"),
}
REFUSED: dict[str, tuple[Script, tuple[int, ...]]] = {
    "one recipient": (
        says(answer("400 Bad Request", errors(("personalizations.1.to.0.email", NO_ADDRESS)))),
        (1,),
    ),
    "several recipients, one of them twice": (
        says(
            answer(
                "400 Bad Request",
                errors(
                    ("personalizations.1.to.0.email", NO_ADDRESS),
                    ("personalizations.0.to", "twice"),
                    ("personalizations.1.to.0.name", NO_ADDRESS),
                ),
            )
        ),
        (0, 1),
    ),
    "what belongs to a recipient but is not the address": (
        says(answer("400 Bad Request", errors(("personalizations.0.headers", "x")))),
        (),
    ),
    "a recipient of a number without an end": (
        says(answer("400 Bad Request", errors((f"personalizations.{'9' * 5000}.to", "x")))),
        (),
    ),
    "nothing in particular": (says(answer("400 Bad Request", BAD)), ()),
}
FOR_EVERYBODY = {
    "a recipient and what all share": answer(
        "400 Bad Request", errors(("personalizations.1.to", "x"), ("from", "y"))
    ),
    "the sender": answer("400 Bad Request", errors(("from.email", "x"))),
    "the content": answer("400 Bad Request", errors(("content.0.value", "x"))),
    "a field that is no text": answer(
        "400 Bad Request", {"errors": [{"field": 7, "message": {"a": 1}}]}
    ),
    "404": answer("404 Not Found", BAD),
    "415": answer("415 Unsupported Media Type", BAD),
}
WAITS = {
    "seconds": ({"Retry-After": "7"}, 7),
    "seconds until the reset": ({"X-RateLimit-Reset": "12"}, 12),
    "none": ({"Retry-After": "0"}, 1),
    "garbage": ({"Retry-After": "soon", "X-RateLimit-Reset": "-3"}, 5),
    "garbage, but a reset": ({"Retry-After": "soon", "X-RateLimit-Reset": "3"}, 3),
    "a date": ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 5),
    "far too long": ({"Retry-After": "86400"}, 900),
    "without an end": ({"Retry-After": "9" * 5000}, 5),
    "digits of another script": ({"Retry-After": "\u00b2"}, 5),
    "nothing": ({}, 5),
}


@pytest.mark.parametrize("claim", ACCEPTED)
def test_only_a_202_is_an_acceptance(claim: str) -> None:
    script, message_id = ACCEPTED[claim]
    assert sent_to(script) == Receipt(Answer.ACCEPTED, "", 202, message_id)


@pytest.mark.parametrize("claim", IN_DOUBT)
def test_what_is_neither_taken_nor_refused_for_certain_is_a_doubt(claim: str) -> None:
    receipt = sent_to(IN_DOUBT[claim], timeout=0.15)
    assert receipt.answer is Answer.UNKNOWN
    assert receipt.detail
    assert receipt.message_id is None


@pytest.mark.parametrize("claim", REFUSED)
def test_a_refusal_names_recipients_only_if_it_is_about_them_alone(claim: str) -> None:
    script, places = REFUSED[claim]
    receipt = sent_to(script)
    assert (receipt.answer, receipt.refused_recipients) == (Answer.REFUSED, places)
    assert receipt.detail.startswith(f"SendGrid refuses ({receipt.http_status}): ")


@pytest.mark.parametrize("claim", FOR_EVERYBODY)
def test_what_is_refused_for_every_reader_alike_is_a_case_for_a_person(claim: str) -> None:
    receipt = sent_to(says(FOR_EVERYBODY[claim]))
    assert (receipt.answer, receipt.refused_recipients) == (Answer.FORBIDDEN, ())


def test_what_is_too_large_may_be_taken_in_smaller_pieces() -> None:
    receipt = sent_to(says(answer("413 Payload Too Large", BAD)))
    assert (receipt.answer, receipt.http_status) == (Answer.TOO_LARGE, 413)


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden"])
def test_a_key_or_sender_that_may_not_is_a_case_for_a_person(status: str) -> None:
    receipt = sent_to(says(answer(status, errors(("from", "not a verified sender")))))
    assert receipt.answer is Answer.FORBIDDEN
    assert receipt.detail == f"SendGrid refuses ({status[:3]}): from: not a verified sender"


@pytest.mark.parametrize("claim", WAITS)
def test_a_busy_provider_says_how_long_to_wait(claim: str) -> None:
    headers, seconds = WAITS[claim]
    receipt = sent_to(says(answer("429 Too Many Requests", BAD, **headers)))
    assert (receipt.answer, receipt.wait_seconds) == (Answer.BUSY, seconds)


@pytest.mark.parametrize(("ahead", "least", "most"), [(60, 50, 60), (-60, 1, 1), (9999, 900, 900)])
def test_a_reset_may_be_a_moment_too(ahead: int, least: int, most: int) -> None:
    reset = {"X-RateLimit-Reset": str(int(time.time()) + ahead)}
    receipt = sent_to(says(answer("429 Too Many Requests", BAD, **reset)))
    assert least <= receipt.wait_seconds <= most


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_a_redirect_is_not_followed_and_the_key_goes_nowhere(status: str) -> None:
    with Provider(says(answer("202 Accepted"))) as elsewhere:
        script = says(answer(status, Location=f"{elsewhere.url}/v3/mail/send"))
        assert sent_to(script).answer is Answer.UNKNOWN
    assert elsewhere.calls == []


def test_a_closed_door_means_that_nothing_left() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    receipt = sender(f"http://127.0.0.1:{port}").send(an_envelope())
    assert receipt.answer is Answer.UNREACHABLE
    assert receipt.detail.startswith("ConnectionRefusedError")


@pytest.mark.parametrize(
    "host",
    [
        # An interface that is not there: refused by the resolver without asking anyone.
        "http://[::1%nowhere]:9",
        "http://a..b:9",
        f"http://{'a' * 64}.example:9",
        "http://127.0.0.1:port",
    ],
)
def test_a_host_that_can_t_be_found_means_that_nothing_left(host: str) -> None:
    receipt = sender(host).send(an_envelope())
    assert receipt.answer is Answer.UNREACHABLE
    assert receipt.detail


def test_a_certificate_nobody_vouches_for_means_that_nothing_left(tmp_path: Path) -> None:
    with Provider(says(answer("202 Accepted")), tls=self_signed(tmp_path)) as provider:
        receipt = sender(provider.url).send(an_envelope())
    assert receipt.answer is Answer.UNREACHABLE
    assert "CERTIFICATE_VERIFY_FAILED" in receipt.detail
    assert [call.body for call in provider.calls] == [b""]


def test_a_plain_server_behind_an_https_address_never_sees_the_key() -> None:
    with Provider(lambda call: call.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as provider:
        receipt = sender(provider.url.replace("http:", "https:")).send(an_envelope())
    assert receipt.answer is Answer.UNKNOWN


def test_the_whole_request_has_an_end_however_slowly_bytes_come() -> None:
    begun = time.monotonic()
    receipt = sent_to(trickles, timeout=0.2)
    assert receipt.detail == "no whole answer within 0.4 s"
    assert time.monotonic() - begun < 2


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"])
def test_a_proxy_of_the_environment_gets_nothing_meant_for_this_machine(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Provider(says(answer("202 Accepted"))) as proxy:
        monkeypatch.setenv(name, proxy.url)
        monkeypatch.delenv("no_proxy", raising=False)
        assert sent_to(says(answer("202 Accepted"))).answer is Answer.ACCEPTED
    assert proxy.calls == []


QUOTING = [
    says(answer("400 Bad Request", errors(("x", f"Invalid: [{ADDRESSES[0]}], <{ADDRESSES[1]}>")))),
    says(answer("401 Unauthorized", errors((None, f"bad key, says {ADDRESSES[0]}")))),
    says(answer("202 Accepted")),
    says(answer("500 Internal Server Error", ADDRESSES)),
    says(b"HTTP/1.1 " + ADDRESSES[0].encode()),
    drops_after_reading,
    hangs,
]


@pytest.mark.parametrize("script", QUOTING)
def test_neither_key_nor_addresses_are_in_a_log_or_in_the_receipt(
    script: Script, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("", "python_http_client", "python_http_client.client", "urllib3", "http.client"):
        caplog.set_level(logging.DEBUG, logger=name)
    receipt = sent_to(script, timeout=0.15)
    told = [record.getMessage() for record in caplog.records]
    seen = "\n".join([*told, repr(receipt), *capfd.readouterr()])
    assert not any(secret in seen for secret in (KEY, *ADDRESSES, "first.reader"))


def test_what_a_provider_says_is_kept_short_and_on_one_line() -> None:
    long = errors(*[("field", "word\r\n" * 10_000)] * 100)
    receipt = sent_to(says(answer("400 Bad Request", long)))
    assert len(receipt.detail) <= 530
    assert "\n" not in receipt.detail
    garbage = sent_to(says(b"\x00\x1b[31m" + b"x" * 9000 + b"\r\n\r\n"))
    assert len(garbage.detail) <= 500
    assert garbage.detail.isprintable()


def test_a_drop_in_the_middle_of_a_long_request_is_a_doubt() -> None:
    with Provider(drops_while_reading) as provider:
        receipt = sender(provider.url).send(an_envelope(html="x" * 5_000_000))
    assert receipt.answer is Answer.UNKNOWN
    assert len(provider.calls) == 1


def sent_to(script: Script, *, timeout: float = 5) -> Receipt:
    """Send one envelope to a provider with a script, and look that it was asked exactly once."""
    with Provider(script) as provider:
        receipt = sender(provider.url, timeout=timeout).send(an_envelope())
    assert len(provider.calls) == 1
    return receipt


def sender(host: str, *, timeout: float = 5) -> SendGridSender:
    return SendGridSender(KEY, host, timeout)


def self_signed(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    pem = folder / "server.pem"
    pem.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context
