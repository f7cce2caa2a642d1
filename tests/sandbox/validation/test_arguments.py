from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sandbox.validation.conftest import Judge


FIRST = "personalizations.0."
RESERVED = (
    "x-sg-id X-SG-EID Received DKIM-Signature Content-Type Content-Transfer-Encoding "
    "To From Subject Reply-To CC BCC"
).split()


@pytest.mark.parametrize("name", ["custom_args", "headers", "substitutions"])
@pytest.mark.parametrize("value", [7, 1.5, True, None, ["a"], {"a": "b"}])
def test_a_value_that_is_no_text_gets_a_bare_bad_request(
    judge: Judge, name: str, value: Any
) -> None:
    answer = judge({FIRST + name: {"a": value}, "subject": ""})

    assert answer.status == 400
    assert answer.json() == {"errors": [{"message": "Bad Request", "field": None, "help": None}]}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({FIRST + "custom_args": {}}, FIRST + "custom_args"),
        ({"custom_args": {}}, "custom_args"),
        ({"custom_args": "a=b"}, "custom_args"),
        ({FIRST + "substitutions": ["a"]}, FIRST + "substitutions"),
        ({FIRST + "headers": "X-A: b"}, FIRST + "headers"),
        ({FIRST + "headers": {"": "b"}}, FIRST + "headers."),
        ({FIRST + "headers": {"X A": "b"}}, FIRST + "headers.X A"),
        ({FIRST + "headers": {"X:A": "b"}}, FIRST + "headers.X:A"),
        ({FIRST + "headers": {"X-Ä": "b"}}, FIRST + "headers.X-Ä"),
        ({FIRST + "headers": {"X-A\r\nBcc": "b"}}, FIRST + "headers.X-A\r\nBcc"),
        ({FIRST + "headers": {"X-A": "b\r\nBcc: c"}}, FIRST + "headers.X-A"),
        ({"headers": {"X-A": "b\nc"}}, "headers.X-A"),
        ({FIRST + "headers": {"X-A": "b", "x-a": "c"}}, FIRST + "headers"),
        *(({FIRST + "headers": {name: "b"}}, f"{FIRST}headers.{name}") for name in RESERVED),
        *(({"headers": {name.upper(): "b"}}, f"headers.{name.upper()}") for name in RESERVED),
    ],
)
def test_each_fault_of_an_object_of_texts_is_named(
    judge: Judge, changes: dict[str, Any], field: str
) -> None:
    answer = judge(changes)

    assert answer.status == 400
    assert answer.fields == [field]


@pytest.mark.parametrize(
    ("value", "status"),
    [("x" * 9_997, 202), ("x" * 9_998, 400), ("é" * 4_998, 202), ("é" * 4_999, 400)],
)
def test_substitutions_have_ten_thousand_bytes(judge: Judge, value: str, status: int) -> None:
    answer = judge({FIRST + "substitutions": {"-a-": value}})

    assert answer.status == status
    assert status == 202 or answer.fields == [FIRST + "substitutions"]


@pytest.mark.parametrize(("length", "status"), [(4_996, 202), (4_997, 400)])
def test_merged_arguments_have_less_than_ten_thousand_bytes(
    judge: Judge, length: int, status: int
) -> None:
    answer = judge({"custom_args": {"a": "x" * 5_000}, FIRST + "custom_args": {"bc": "y" * length}})

    assert answer.status == status
    assert status == 202 or answer.fields == [FIRST + "custom_args"]


def test_an_argument_that_overrides_another_counts_once(judge: Judge) -> None:
    shared, own = {"a": "x" * 6_000}, {"a": "y" * 6_000}

    assert judge({"custom_args": shared, FIRST + "custom_args": own}).status == 202


def test_half_a_surrogate_pair_is_taken_as_it_came(judge: Judge) -> None:
    assert judge({FIRST + "substitutions": {"-a-": "\ud83d"}, "subject": "\ud83d"}).status == 202
