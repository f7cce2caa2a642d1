from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sandbox.validation.conftest import Judge


FIRST = "personalizations.0"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"personalizations": []}, "personalizations"),
        ({"personalizations": {}}, "personalizations"),
        ({"personalizations.1": None}, "personalizations.1"),
        ({FIRST + ".to": ...}, FIRST + ".to"),
        ({FIRST + ".to": []}, FIRST + ".to"),
        ({FIRST + ".to": {"email": "ada@example.org"}}, FIRST + ".to"),
        ({FIRST + ".to.0": "ada@example.org"}, FIRST + ".to.0"),
        ({FIRST + ".to.0": {"name": "Ada"}}, FIRST + ".to.0.email"),
        ({FIRST + ".cc": [{"email": "cy"}]}, FIRST + ".cc.0.email"),
        ({FIRST + ".bcc": [{"email": "di"}]}, FIRST + ".bcc.0.email"),
        ({FIRST + ".from": {"email": "eve"}}, FIRST + ".from.email"),
        ({FIRST + ".subject": ""}, FIRST + ".subject"),
        ({FIRST + ".subject": 7}, FIRST + ".subject"),
        ({FIRST + ".subject": "two\nlines"}, FIRST + ".subject"),
        ({FIRST + ".dynamic_template_data": "text"}, FIRST + ".dynamic_template_data"),
        ({FIRST + ".customArgs": {"a": "b"}}, FIRST + ".customArgs"),
    ],
)
def test_each_fault_of_a_personalization_is_named(
    judge: Judge, changes: dict[str, Any], field: str
) -> None:
    answer = judge(changes)

    assert answer.status == 400
    assert answer.fields == [field]


def _people(*names: str) -> list[dict[str, Any]]:
    return [{"to": [{"email": f"{name}@example.org"}]} for name in names]


@pytest.mark.parametrize("count", [1, 1000])
def test_one_to_a_thousand_personalizations_are_taken(judge: Judge, count: int) -> None:
    assert judge({"personalizations": _people(*map(str, range(count)))}).status == 202


def test_more_than_a_thousand_personalizations_are_refused(judge: Judge) -> None:
    answer = judge({"personalizations": _people(*map(str, range(1001)))})

    assert answer.status == 400
    assert set(answer.fields) == {"personalizations"}


def test_more_than_a_thousand_recipients_are_refused(judge: Judge) -> None:
    copies = [{"email": f"copy{index}@example.org"} for index in range(999)]

    assert judge({FIRST + ".cc": copies[:-1]}).status == 202
    assert judge({FIRST + ".cc": copies}).fields == ["personalizations"]


def test_an_address_twice_in_a_personalization_is_refused_whatever_its_case(judge: Judge) -> None:
    answer = judge({FIRST + ".bcc": [{"email": "ADA@Example.org"}]})

    assert answer.fields == ["personalizations.0"]


def test_an_address_in_two_personalizations_is_refused_at_the_later_one(judge: Judge) -> None:
    answer = judge({"personalizations": _people("ada", "ben", "cy", "Ben")})

    assert answer.fields == ["personalizations.3.to.0.email"]


def test_one_bad_address_among_a_thousand_is_named_and_all_are_refused(judge: Judge) -> None:
    people = _people(*map(str, range(1000)))
    people[412]["to"][0]["email"] = "no address"

    assert judge({"personalizations": people}).fields == ["personalizations.412.to.0.email"]


def test_no_more_than_a_hundred_faults_are_listed(judge: Judge) -> None:
    people = _people(*(f"a b{index}" for index in range(300)))

    assert len(judge({"personalizations": people}).fields) == 100
