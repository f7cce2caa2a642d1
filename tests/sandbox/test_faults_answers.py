from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from pprmail.sandbox import Fault

if TYPE_CHECKING:
    from sandbox.conftest import Failing, MakeMessage, SetClock


@pytest.mark.parametrize("status", [200, 201, 202, 302, 400, 401, 403, 413, 429, 500, 502, 503])
@pytest.mark.parametrize("accept", [True, False])
def test_whatever_the_status_the_ledger_has_what_was_accepted(
    failing: Failing, message: MakeMessage, status: int, accept: bool
) -> None:
    caller = failing(Fault(answer=status, accept=accept))

    answer = caller.send(message())

    assert answer.status == status
    assert "X-Message-Id" not in answer.headers
    assert caller.taken() == (["ada@example.org"] if accept else [])


def test_a_status_alone_accepts_nothing(failing: Failing, message: MakeMessage) -> None:
    caller = failing(Fault(answer=202))

    assert caller.send(message()).status == 202
    assert caller.taken() == []


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "Bad Request"),
        (401, "The provided authorization grant is invalid, expired, or revoked"),
        (403, "access forbidden"),
        (413, "content too large"),
        (429, "too many requests"),
        (503, "Service Unavailable"),
        (599, "error"),
    ],
)
def test_an_error_says_what_sendgrid_says_in_its_shape(
    failing: Failing, message: MakeMessage, status: int, said: str
) -> None:
    answer = failing(Fault(answer=status)).send(message())

    assert answer.json() == {"errors": [{"message": said, "field": None, "help": None}]}
    assert answer.headers["Content-Type"] == "application/json"


def test_an_error_names_the_field_and_says_what_it_is_told(
    failing: Failing, message: MakeMessage
) -> None:
    caller = failing(Fault(answer=403, field="from", message="Not a verified sender."))

    [error] = caller.send(message()).json()["errors"]

    assert (error["field"], error["message"]) == ("from", "Not a verified sender.")


def test_an_error_can_name_each_recipient_that_it_is_about(
    failing: Failing, message: MakeMessage
) -> None:
    patterns = ["bad@example.org", "*@bad.example"]
    caller = failing(Fault(answer=400, field="recipient", recipients=patterns))

    answer = caller.send(message("ada@example.org", "Bad@Example.org", "ben@bad.example"))

    assert answer.fields == ["personalizations.1.to.0.email", "personalizations.2.to.0.email"]
    assert caller.send(message("ada@example.org")).status == 202
    assert caller.taken() == ["ada@example.org"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<html>Bad gateway</html>", "text/html"),
        ('{"oops": 1}', "application/json"),
        ("", "text/html"),
    ],
)
def test_a_body_is_given_as_it_stands(
    failing: Failing, message: MakeMessage, body: str, kind: str
) -> None:
    answer = failing(Fault(answer=502, body=body)).send(message())

    assert answer.body == body.encode()
    assert answer.headers["Content-Type"] == kind


def test_a_redirect_leads_back_to_the_same_place_or_where_it_is_told(
    failing: Failing, message: MakeMessage
) -> None:
    caller = failing(
        Fault(requests=1, answer=302),
        Fault(requests=2, answer=302, headers={"location": "/elsewhere"}),
    )

    places = [caller.send(message()).headers.get_all("Location") for _ in range(2)]

    assert places == [["/v3/mail/send"], ["/elsewhere"]]


@pytest.mark.parametrize(
    ("name", "told", "seen"),
    [
        ("Retry-After", "7", "7"),
        ("Retry-After", "{date+7}", "Mon, 02 Nov 2026 12:00:07 GMT"),
        ("Retry-After", "{date-7}", "Mon, 02 Nov 2026 11:59:53 GMT"),
        ("X-RateLimit-Reset", "7", "7"),
        ("X-RateLimit-Reset", "{now+7}", "1793620807"),
        ("X-RateLimit-Reset", "{now-60}", "1793620740"),
        ("X-RateLimit-Reset", "{now}", "1793620800"),
        ("X-RateLimit-Reset", "soon", "soon"),
        ("X-RateLimit-Reset", "", ""),
    ],
)
def test_headers_say_when_to_come_back_by_the_clock_of_the_sandbox(
    failing: Failing, message: MakeMessage, clock: SetClock, name: str, told: str, seen: str
) -> None:
    assert clock.unix() == 1_793_620_800
    answer = failing(Fault(answer=429, headers={name: told})).send(message())

    assert answer.status == 429
    assert answer.headers[name] == seen


def test_too_many_requests_need_not_say_when_to_come_back(
    failing: Failing, message: MakeMessage
) -> None:
    answer = failing(Fault(answer=429)).send(message())

    assert answer.status == 429
    assert {"Retry-After", "X-RateLimit-Reset"}.isdisjoint(answer.headers.keys())


def test_what_would_be_refused_anyway_is_refused_as_usual(
    failing: Failing, message: MakeMessage
) -> None:
    caller = failing(Fault(accept=True, answer="reset"))

    assert caller.send(message("broken")).status == 400
    assert caller.send(message(), Authorization="").status == 401
    assert caller.taken() == []
