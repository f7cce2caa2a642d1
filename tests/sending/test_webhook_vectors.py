"""SendGrid's own signed report, as its library publishes it, and what becomes of it when it is changed.

`webhook_vectors.json` holds the bytes and the verdicts; they were not made by our code.
"""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from pprmail.model.event import EventKind
from pprmail.model.subscriber import EndReason
from pprmail.sending.webhook import ForgedReportError, ReportReader

FILE = Path(__file__).with_name("webhook_vectors.json")
VECTORS: dict[str, dict[str, Any]] = {
    vector["name"]: vector for vector in json.loads(FILE.read_text(encoding="utf-8"))["vectors"]
}
PUBLISHED = "published vector"
WANDERED = "timestamp digit moved into payload"


def test_what_sendgrid_itself_signed_is_read() -> None:
    (event,) = read(VECTORS[PUBLISHED])
    assert (event.kind, event.ends) == (EventKind.DROPPED, EndReason.BOUNCED)
    assert event.provider_key == "ZHJvcC0xMDk5NDkxOS1MUnpYbF9OSFN0T0doUTRrb2ZTbV9BLTA"
    assert (event.request, event.delivery_id) == (None, None)


@pytest.mark.parametrize("name", sorted(VECTORS.keys() - {PUBLISHED}))
def test_a_byte_more_or_less_anywhere_is_refused(name: str) -> None:
    with pytest.raises(ForgedReportError):
        read(VECTORS[name])


def test_all_vectors_but_the_published_one_are_forged_except_for_the_digit_that_wandered() -> None:
    valid = {name for name, vector in VECTORS.items() if vector["valid"]}
    # Its signature is good, because nothing parts the moment from the body: its form is not.
    assert valid == {PUBLISHED, WANDERED}
    assert len(VECTORS) == 8


def read(vector: dict[str, Any]) -> list[Any]:
    body = base64.b64decode(vector["payload_base64"], validate=True)
    reader = ReportReader.of(vector["public_key"])
    return reader.read(body, signature=vector["signature"], timestamp=vector["timestamp"])
