from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from pprmail.sandbox import Sandbox
    from sandbox.conftest import CallerOf
    from sandbox.validation.conftest import Judge

HOUR = 3600
NOW = int(time.time())
SOMEONE = {"email": "someone@example.org"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"personalizations": ...}, "personalizations"),
        ({"from": ...}, "from"),
        ({"subject": ...}, "subject"),
        ({"content": ...}, "content"),
        ({"sections": {"-a-": "b"}}, "sections"),
        ({"substitutions": {"-a-": "b"}}, "substitutions"),
        ({"reply_to": SOMEONE, "reply_to_list": [SOMEONE]}, "reply_to_list"),
        ({"template_id": 7}, "template_id"),
        ({"template_id": None}, "template_id"),
        ({"send_at": "soon"}, "send_at"),
        ({"send_at": True}, "send_at"),
        ({"send_at": 1.5}, "send_at"),
        ({"send_at": NOW + 73 * HOUR}, "send_at"),
        ({"send_at": 10**30}, "send_at"),
        ({"personalizations.1.send_at": "soon"}, "personalizations.1.send_at"),
        ({"personalizations.1.send_at": NOW + 73 * HOUR}, "personalizations.1.send_at"),
        ({"batch_id": 7}, "batch_id"),
        ({"batch_id": "home-made"}, "batch_id"),
        ({"subject": ..., "personalizations.0.subject": "Only mine"}, "subject"),
    ],
)
def test_each_fault_of_the_message_is_named(
    judge: Judge, changes: dict[str, Any], field: str
) -> None:
    answer = judge(changes)

    assert answer.status == 400
    assert answer.fields == [field]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"send_at": NOW + 71 * HOUR},
        {"send_at": 0},
        {"send_at": -(10**30)},
        {"reply_to": SOMEONE},
        {"reply_to_list": [SOMEONE]},
        {"subject": ..., "personalizations.0.subject": "A", "personalizations.1.subject": "B"},
        {"subject": ..., "content": ..., "template_id": "legacy"},
        {"headers": {"X-Campaign": "naïve, but allowed"}},
    ],
)
def test_what_the_contract_allows_is_taken(judge: Judge, changes: dict[str, Any]) -> None:
    assert judge(changes).status == 202


def test_a_batch_id_issued_here_is_taken(
    judge: Judge, strict_sandbox: Sandbox, caller_of: CallerOf
) -> None:
    assert judge({"batch_id": caller_of(strict_sandbox).new_batch()}).status == 202


def test_substitutions_do_not_go_with_a_dynamic_template(judge: Judge) -> None:
    answer = judge({"template_id": "d-1", "personalizations.1.substitutions": ...})

    assert answer.fields == ["personalizations.0.substitutions"]


@pytest.mark.parametrize("body", [[], "text", 7, None, True])
def test_a_body_that_is_no_object_is_refused_without_a_field(
    strict_sandbox: Sandbox, caller_of: CallerOf, body: Any
) -> None:
    answer = caller_of(strict_sandbox).send(body)

    assert answer.status == 400
    assert answer.fields == [None]


def test_all_faults_are_listed_at_once(judge: Judge) -> None:
    answer = judge(
        {
            "subject": "",
            "from.email": "nobody",
            "personalizations.0.to.0.email": "ada",
            "personalizations.1.cc": [],
            "personalizations.1.color": "red",
            "categories": ["é"],
        }
    )

    assert set(answer.fields) == {
        "subject",
        "from.email",
        "personalizations.0.to.0.email",
        "personalizations.1.color",
        "categories.0",
    }


def test_each_error_has_a_message_a_field_and_help_to_it(judge: Judge) -> None:
    [error] = judge({"personalizations.1.to.0.email": "ben"}).json()["errors"]

    assert set(error) == {"message", "field", "help"}
    assert error["message"] == "Does not contain a valid address."
    assert error["help"].endswith("#message.personalizations.to.email")
