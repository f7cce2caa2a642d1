"""One reader's message, read back by Python's parser and by one that knows RFC 5322 alone."""

import quopri
import re
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from making import NOW
from pprmail.model.personal import filled_in
from pprmail.sending.message import message_for
from sending.wire import a_recipient, an_envelope

NAMES = [
    "Jo",
    "Jürgen Ü",
    "Doe, Jane; M.D.",
    'Jo "the" Doe',
    "ü, “x” 🎉",
    "博士",
    "(c) \\ back <x@example.org>",
    "Müller-Lüdenscheidt, Übergrößenträger und Söhne, Zürich und anderswo",
    "",
    None,
]
SUBJECTS = [
    "A subject",
    "Does It Help? · What Else Helps? · and two more",
    "ü",
    "Ü" * 300,
    "🎉 and words that go on for longer than one line of a header, with “quotes” – and dashes",
    "שלום עולם, a title",
    "words " * 150 + "end",
    'commas, "quotes"; <angles> = ? and @',
]
BODIES = [
    "one\ntwo\n",
    "no end of line",
    "é β 漢 🎉\n\n\n",
    "  lead and trail  \n\t\n",
    ".\nFrom me\n--\n=3D = =\n",
    "w" * 3000 + "\n",
    "ü" * 3000 + "\n",
]


@pytest.mark.parametrize("name", NAMES)
def test_names_of_any_kind_come_back_as_they_were(name: str | None) -> None:
    recipient = a_recipient("reader@example.org", 1, name=name)
    data = bytes_of(from_name=name or "", recipients=[recipient])
    parsed = message_from_bytes(data, policy=policy.default)
    for header, address in (("To", "reader@example.org"), ("From", "letter@example.org")):
        (person,) = parsed[header].addresses
        assert (person.display_name, person.addr_spec) == (name or "", address)
        assert not parsed[header].defects
        naive = str(make_header(decode_header(headers_of(data)[header])))
        assert f"<{address}>" in naive or naive == address
    assert parsed["Reply-To"] == "editor@example.org"


@pytest.mark.parametrize("subject", SUBJECTS)
def test_subjects_of_any_kind_come_back_as_they_were(subject: str) -> None:
    data = bytes_of(subject=subject)
    assert message_from_bytes(data, policy=policy.default)["Subject"] == subject
    assert str(make_header(decode_header(headers_of(data)["Subject"]))) == subject
    for word in re.findall(r"=\?[^?]*\?[^?]*\?[^?]*\?=", headers_of(data)["Subject"]):
        assert len(word) <= 75


@pytest.mark.parametrize("body", BODIES)
def test_both_parts_decode_to_the_bytes_that_were_filled_in(body: str) -> None:
    html, text = f"{body}<p>-pm.greeting_html-</p>\n", f"{body}-pm.greeting_text-\n"
    recipient = a_recipient("reader@example.org", 1)
    data = bytes_of(html=html, text=text, recipients=[recipient])
    wanted = [on_the_wire(filled_in(part, recipient.values)) for part in (text, html)]
    parsed = message_from_bytes(data, policy=policy.default)
    parts = [part.get_payload(decode=True) for part in parsed.iter_parts()]
    assert parts == [part for _, part in naive_parts(data)] == wanted
    assert [kind for kind, _ in naive_parts(data)] == ["text/plain", "text/html"]


def test_headers_for_leaving_stand_unfolded_and_plain_however_long() -> None:
    leave = f"<https://letter.example.org/unsubscribe/{'t' * 300}>"
    one_click = "List-Unsubscribe=One-Click"
    headers = {"List-Unsubscribe": leave, "List-Unsubscribe-Post": one_click}
    data = bytes_of(recipients=[a_recipient("reader@example.org", 1, headers=headers)])
    lines = data.split(b"\r\n")
    assert f"List-Unsubscribe: {leave}".encode() in lines
    assert f"List-Unsubscribe-Post: {one_click}".encode() in lines
    assert b"List-Id: <letter.example.org>" in lines
    parsed = message_from_bytes(data, policy=policy.default)
    assert (parsed["List-Unsubscribe"], parsed["List-Unsubscribe-Post"]) == (leave, one_click)


def test_no_line_is_too_long_and_every_line_ends_as_mail_does() -> None:
    long = {
        "subject": "ü wörter " * 60,
        "from_name": "Ü, " * 20,
        "html": "x" * 9000,
        "text": "é" * 900,
    }
    head, _, body = bytes_of(**long).partition(b"\r\n\r\n")
    assert b"\n" not in (head + body).replace(b"\r\n", b"")
    assert max(len(line) for line in head.split(b"\r\n")) <= 998
    assert max(len(line) for line in body.split(b"\r\n")) <= 78
    assert (head + body).isascii()


def test_each_header_stands_once_and_all_that_must_be_there_are() -> None:
    names = re.findall(rb"^([A-Za-z-]+):", bytes_of().partition(b"\r\n\r\n")[0], re.MULTILINE)
    assert sorted(name.decode() for name in names) == [
        "Content-Type",
        "Date",
        "From",
        "List-Id",
        "List-Unsubscribe",
        "List-Unsubscribe-Post",
        "MIME-Version",
        "Message-ID",
        "Reply-To",
        "Subject",
        "To",
    ]
    parsed = message_from_bytes(bytes_of(), policy=policy.default)
    assert parsed["Date"].datetime == NOW
    assert re.fullmatch(r"<[^<>@\s]+@example\.org>", parsed["Message-ID"])


def test_no_two_messages_share_an_id() -> None:
    assert len({headers_of(bytes_of())["Message-ID"] for _ in range(20)}) == 20


@settings(max_examples=100, deadline=None)
@given(
    st.text(max_size=60), st.sampled_from(["\r", "\n", "\r\n", "\u2028", "\x85", "\x00", "\x0b"])
)
def test_no_text_begins_a_header_of_its_own(text: str, break_: str) -> None:
    attack = f"{text}{break_}Bcc: all@example.org{break_}{break_}body"
    recipient = a_recipient("reader@example.org", 1, name=attack)
    data = bytes_of(subject=attack, from_name=attack, recipients=[recipient])
    parsed = message_from_bytes(data, policy=policy.default)
    assert parsed["Bcc"] is None
    assert set(headers_of(data)) == set(headers_of(bytes_of()))
    assert [person.addr_spec for person in parsed["To"].addresses] == ["reader@example.org"]
    assert len(list(parsed.iter_parts())) == 2


@pytest.mark.parametrize("field", ["List-Unsubscribe", "List-Id", "X-Other"])
@pytest.mark.parametrize("break_", ["\r", "\n", "\r\n"])
def test_a_header_value_with_a_line_break_is_refused(field: str, break_: str) -> None:
    headers = {field: f"<x>{break_}Bcc: all@example.org"}
    with pytest.raises(ValueError, match="linefeed or carriage return"):
        bytes_of(headers={}, recipients=[a_recipient("reader@example.org", 1, headers=headers)])


@pytest.mark.parametrize(
    "address",
    [
        "a@example.org>, <evil@example.com",
        "a@example.org, evil@example.com",
        "evil@example.com,a@example.org",
    ],
)
def test_an_address_never_becomes_two(address: str) -> None:
    data = bytes_of(recipients=[a_recipient(address, 1)], reply_to=address)
    parsed = message_from_bytes(data, policy=policy.default)
    for header in ("To", "Reply-To"):
        assert len(parsed[header].addresses) == 1


def test_a_domain_of_any_script_is_written_as_it_is_looked_up() -> None:
    data = bytes_of(recipients=[a_recipient("Leser@Bücher.example", 1, name=None)])
    assert headers_of(data)["To"] == "Leser@xn--bcher-kva.example"


def test_a_list_header_that_is_not_ascii_is_encoded_and_does_no_harm() -> None:
    data = bytes_of(headers={"List-Id": "Brief für alle <letter.example.org>"})
    assert data.isascii()
    parsed = message_from_bytes(data, policy=policy.default)
    assert parsed["List-Id"] == "Brief für alle <letter.example.org>"


def bytes_of(**changed: Any) -> bytes:
    """Make the bytes of a message to the first recipient of an envelope."""
    envelope = an_envelope(**changed)
    message = message_for(envelope, envelope.recipients[0], now=NOW)
    assert isinstance(message, EmailMessage)
    return message.as_bytes()


def on_the_wire(text: str) -> bytes:
    """Give a text with the line ends of mail."""
    return text.replace("\n", "\r\n").encode()


def headers_of(data: bytes) -> dict[str, str]:
    """Read the headers as RFC 5322 says, without decoding: unfold, then part at the colon."""
    head = data.partition(b"\r\n\r\n")[0].decode("ascii")
    unfolded = re.sub(r"\r\n(?=[ \t])", "", head)
    return {
        name: value.strip()
        for name, _, value in (line.partition(":") for line in unfolded.split("\r\n"))
    }


def naive_parts(data: bytes) -> list[tuple[str, bytes]]:
    """Read the parts as RFC 2046 says: between lines of the boundary, quoted-printable."""
    boundary = re.search(r'boundary="([^"]+)"', headers_of(data)["Content-Type"])
    assert boundary
    body = data.partition(b"\r\n\r\n")[2]
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode())[1:-1]
    parts = []
    for piece in pieces:
        head, _, content = piece.lstrip(b"\r\n").partition(b"\r\n\r\n")
        assert b"quoted-printable" in head
        assert b'charset="utf-8"' in head
        parts.append((head.split(b";")[0].split(b": ")[1].decode(), quopri.decodestring(content)))
    return parts
