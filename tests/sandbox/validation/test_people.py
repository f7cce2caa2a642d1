from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sandbox.validation.conftest import Judge


TO = "personalizations.0.to.0"


@pytest.mark.parametrize(
    "email",
    [
        "",
        "ada",
        "@example.org",
        "ada@",
        "ada@localhost",
        "ada@example..org",
        "ada@-example.org",
        "ada@example.org.",
        ".ada@example.org",
        "ada.@example.org",
        "a..da@example.org",
        "a da@example.org",
        " ada@example.org",
        "ada@example.org\n",
        "ada@example.org, ben@example.org",
        "Ada <ada@example.org>",
        '"ada"@example.org',
        "ada@[127.0.0.1]",
        "äda@example.org",
        "ada@exämple.org",
        "a" * 65 + "@example.org",
        "ada@" + "b" * 64 + ".org",
        "ada@" + ".".join(["b" * 60] * 6) + ".org",
    ],
)
@pytest.mark.parametrize("place", [TO, "from", "reply_to"])
def test_what_is_no_plain_address_is_refused(judge: Judge, place: str, email: str) -> None:
    assert judge({place: {"email": email}}).fields == [f"{place}.email"]


@pytest.mark.parametrize(
    "email",
    [
        "ada+month@sub.example.org",
        "o'neill!#$%&*/=?^_`{|}~-@example.org",
        "ada@xn--exmple-cua.org",
        "1@2.museum",
        "a" * 64 + "@" + ".".join(["b" * 63] * 4),
    ],
)
def test_an_unusual_but_plain_address_is_taken(judge: Judge, email: str) -> None:
    assert judge({TO: {"email": email}}).status == 202


@pytest.mark.parametrize(
    ("person", "field"),
    [
        ({"email": 7}, ".email"),
        ({"email": False}, ".email"),
        ({"email": ["a@example.org"]}, ".email"),
        ({"email": None}, ".email"),
        ({}, ".email"),
        ({"email": "a@example.org", "name": 7}, ".name"),
        ({"email": "a@example.org", "name": "Ada\r\nBcc: eve@example.org"}, ".name"),
        ({"email": "a@example.org", "names": "Ada"}, ".names"),
        ("a@example.org", ""),
        ([], ""),
    ],
)
@pytest.mark.parametrize("place", [TO, "from", "reply_to"])
def test_each_fault_of_a_person_is_named(judge: Judge, place: str, person: Any, field: str) -> None:
    assert judge({place: person}).fields == [place + field]


def test_a_name_may_have_any_script_and_mark(judge: Judge) -> None:
    assert judge({"from.name": "Zoë; Réseau, 研究"}).status == 202


def test_a_thousand_reply_addresses_are_the_most(judge: Judge) -> None:
    people = [{"email": f"reply{index}@example.org"} for index in range(1001)]

    assert judge({"reply_to_list": people[:-1]}).status == 202
    assert judge({"reply_to_list": people}).fields == ["reply_to_list"]


@pytest.mark.parametrize(
    ("people", "field"),
    [
        ({"email": "a@example.org"}, "reply_to_list"),
        ([{"email": "a@example.org"}, {"email": "A@example.org"}], "reply_to_list"),
        ([{"email": "a@example.org"}, {"email": "b"}], "reply_to_list.1.email"),
    ],
)
def test_each_fault_of_a_reply_to_list_is_named(judge: Judge, people: Any, field: str) -> None:
    assert judge({"reply_to_list": people}).fields == [field]
