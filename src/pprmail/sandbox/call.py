"""One call and one reply, between the socket and the endpoints; neither knows of the other."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any, NoReturn
from urllib.parse import parse_qs

from pprmail.sandbox.objection import BAD_REQUEST, Objection
from pprmail.sandbox.telling import AS_USUAL, Telling


@dataclass(frozen=True, slots=True)
class Reply:
    """A status, a body and the headers that go beyond what every answer has."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class RefusedError(Exception):
    """The call can't be served: carries the reply that says why."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(reply.status)
        self.reply = reply


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked, read in full; `number` counts the calls of this method and path from 1.

    `telling` is how the events are to be told of what the call sends.
    """

    number: int
    method: str
    path: str
    query: str
    headers: Message
    body: bytes
    telling: Telling = AS_USUAL

    def json(self) -> Any:
        """Read the body as JSON in UTF-8, or refuse it with 415 or 400."""
        if self.headers.get_content_type() != "application/json":
            raise RefusedError(refused(415, "Content-Type should be application/json."))
        try:
            return json.loads(self._text(), parse_constant=_refuse_constant)
        except (ValueError, RecursionError) as error:
            raise RefusedError(refused(400, BAD_REQUEST)) from error

    def parameter(self, name: str) -> str | None:
        """Find a parameter of the query; the last one of several counts."""
        values = parse_qs(self.query, keep_blank_values=True).get(name)
        return values[-1] if values else None

    def _text(self) -> str:
        try:
            return self.body.decode("utf-8")
        except UnicodeDecodeError as error:
            raise RefusedError(refused(415, "Invalid UTF8 in request")) from error


def _refuse_constant(name: str) -> NoReturn:
    # Python reads NaN and Infinity, which are not JSON and which no other reader takes.
    raise ValueError(name)


def refused(status: int, *reasons: Objection | str) -> Reply:
    """Reply in the shape of SendGrid's errors, one line for each reason."""
    objections = [Objection(each) if isinstance(each, str) else each for each in reasons]
    return answer(status, {"errors": [each.as_json() for each in objections]})


def answer(status: int, value: object) -> Reply:
    """Reply with a JSON value."""
    body = json.dumps(value, separators=(",", ":")).encode()
    return Reply(status, body, {"Content-Type": "application/json"})
