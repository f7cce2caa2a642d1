"""Which reports are taken: those that the provider signed, and no others."""

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pprmail.errors import ConfigError
from pprmail.model.event import EventKind
from pprmail.sending.webhook import ForgedReportError, ReportReader

SIGNED_BY_OPENSSL = {
    "public_key": (
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEpVZOske5+uAIFkF+WM3Ju8+hm6pgObjGvQSNFSnM"
        "Rtoylyb9GVlsEcPYEOeYPOeajRZ/kbMkyAx722H/mlEt6Q=="
    ),
    "signature": (
        "MEQCIBasa7eRQVX1OCCWU8eKcKvDujFn2LUIa4eKUtjrSxAzAiATdWuIuJ0RJDA4bwG78NA4XMhh"
        "NjMM8/RMXsr6zNuJCQ=="
    ),
    "body": '[{"event":"dropped","timestamp":1795442399,"reason":"Bounced Address"}]\r\n',
}
"""`openssl dgst -sha256 -sign` over the time and the body: made without our code or its library."""

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of the group of P-256 (SEC 2, section 2.4.2)."""

KEY = ec.derive_private_key(20261123, ec.SECP256R1())
OTHER_KEY = ec.derive_private_key(20261124, ec.SECP256R1())
TIMESTAMP = "1795442400"
BODY = b'[{"event":"delivered","timestamp":1795442399,"pm_d":"7","pm_r":"r"}]\r\n'


def sign(body: bytes, *, key: ec.EllipticCurvePrivateKey = KEY) -> str:
    return base64.b64encode(key.sign(TIMESTAMP.encode() + body, ec.ECDSA(hashes.SHA256()))).decode()


FORGED: dict[str, dict[str, Any]] = {
    "another key": {"signature": sign(BODY, key=OTHER_KEY)},
    "another time": {"timestamp": "1795442401"},
    "another body": {"body": BODY.replace(b'"7"', b'"8"')},
    "a body without its end": {"body": BODY.strip()},
    "a digit moved from the time to the body": {
        "timestamp": TIMESTAMP[:-1],
        "body": TIMESTAMP[-1:].encode() + BODY,
    },
    "a digit moved from the body to the time": {"timestamp": f"{TIMESTAMP}[", "body": BODY[1:]},
    "a time with a sign": {"timestamp": f"+{TIMESTAMP[1:]}"},
    "a time in other digits": {"timestamp": TIMESTAMP.translate(str.maketrans("17", "١٧"))},
    "a time with an end of line": {"timestamp": f"{TIMESTAMP}\n"},
    "no time": {"timestamp": ""},
    "no signature": {"signature": ""},
    "a signature of zeros": {"signature": base64.b64encode(encode_dss_signature(0, 0)).decode()},
    "a signature cut short": {"signature": "MEUCIQ=="},
    "a signature that is not base64": {"signature": "!!!"},
    "a signature that is not ASCII": {"signature": "sígn"},
    "a signature with blanks in it": {"signature": f" {sign(BODY)}"},
    "an empty body": {"body": b""},
}


@pytest.mark.parametrize("claim", FORGED)
def test_a_forged_report_is_refused_without_detail(claim: str) -> None:
    changed: dict[str, Any] = {"body": BODY, "signature": sign(BODY), "timestamp": TIMESTAMP}
    changed |= FORGED[claim]
    with pytest.raises(ForgedReportError) as refusal:
        reader().read(changed.pop("body"), **changed)
    assert str(refusal.value) == "the report is not signed by the provider"


def test_a_signed_report_is_read() -> None:
    (event,) = read(BODY)
    assert (event.kind, event.request, event.delivery_id) == (EventKind.DELIVERED, "r", 7)


def test_what_openssl_signed_is_read_with_the_end_of_line_that_belongs_to_it() -> None:
    reader = ReportReader.of(SIGNED_BY_OPENSSL["public_key"])
    body = SIGNED_BY_OPENSSL["body"].encode()
    signed = {"signature": SIGNED_BY_OPENSSL["signature"], "timestamp": TIMESTAMP}
    assert [event.kind for event in reader.read(body, **signed)] == [EventKind.DROPPED]
    with pytest.raises(ForgedReportError):
        reader.read(body.strip(), **signed)


def test_the_other_form_of_a_signature_is_taken_and_tells_the_same() -> None:
    r, s = decode_dss_signature(base64.b64decode(sign(BODY)))
    other = base64.b64encode(encode_dss_signature(r, ORDER - s)).decode()
    twice = [
        reader().read(BODY, signature=each, timestamp=TIMESTAMP) for each in (sign(BODY), other)
    ]
    # No key of an event is made of the signature, so that the second is kept as the first.
    assert twice[0] == twice[1]


@pytest.mark.parametrize(
    "body",
    [
        b"not JSON",
        b"{}",
        b'{"event": "delivered"}',
        b"null",
        b"7",
        b'"text"',
        b'[{"event": "\xff"}]',
        b'[{"event": "delivered"}',
        b"[" * 100_000,
        b'[{"a":' * 50_000,
        b'[{"a": ' + b"9" * 5000 + b"}]",
        b"\xef\xbb\xbf[]x",
    ],
)
def test_what_is_signed_but_no_report_is_refused(body: bytes) -> None:
    with pytest.raises(ForgedReportError):
        read(body)


def test_an_empty_report_is_a_report() -> None:
    assert read(b"[]") == []


def test_what_is_in_a_report_but_no_event_is_kept_as_unknown() -> None:
    events = read(b'[1, "x", null, [], {}, {"event": "delivered", "timestamp": 1}]')
    assert [event.kind for event in events] == [EventKind.UNKNOWN] * 5 + [EventKind.DELIVERED]
    assert events[0].payload == {"report": 1}
    assert len({event.fact_key for event in events}) == 6


def test_reading_the_same_report_twice_gives_the_same_keys() -> None:
    assert [e.fact_key for e in read(BODY)] == [e.fact_key for e in read(BODY)]


@pytest.mark.parametrize("shown", ["{}", " {}\n", "\n{}", "wrapped"])
def test_a_key_is_taken_as_it_is_shown_or_pasted(shown: str) -> None:
    text = public(KEY.public_key())
    pasted = f"{text[:64]}\n{text[64:]}\n" if shown == "wrapped" else shown.format(text)
    assert ReportReader.of(pasted).read(BODY, signature=sign(BODY), timestamp=TIMESTAMP)


@pytest.mark.parametrize(
    "key",
    [
        rsa.generate_private_key(65537, 2048).public_key(),
        ec.derive_private_key(7, ec.SECP384R1()).public_key(),
        ec.derive_private_key(7, ec.SECP256K1()).public_key(),
        ed25519.Ed25519PrivateKey.from_private_bytes(b"7" * 32).public_key(),
    ],
    ids=["RSA", "P-384", "secp256k1", "Ed25519"],
)
def test_a_key_of_another_kind_is_refused_with_its_place(key: Any) -> None:
    assert_refused(public(key))


@pytest.mark.parametrize("text", ["", "key", "AAAA", "é", "=", "-----BEGIN PUBLIC KEY-----"])
def test_what_is_no_key_is_refused_with_its_place(text: str) -> None:
    assert_refused(text)


def test_a_key_of_an_algorithm_nobody_knows_is_refused_with_its_place() -> None:
    known = bytes.fromhex("2b6570")
    der = ed25519.Ed25519PrivateKey.from_private_bytes(b"7" * 32).public_key()
    spelled = der.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert_refused(base64.b64encode(spelled.replace(known, bytes.fromhex("2b657a"))).decode())


def assert_refused(text: str) -> None:
    with pytest.raises(ConfigError) as problem:
        ReportReader.of(text)
    assert problem.value.where == "[sendgrid] webhook_public_key"
    assert "Settings" in problem.value.remedy


def reader() -> ReportReader:
    return ReportReader.of(public(KEY.public_key()))


def read(body: bytes) -> list[Any]:
    return reader().read(body, signature=sign(body), timestamp=TIMESTAMP)


def public(key: Any) -> str:
    spelled = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(spelled).decode()
