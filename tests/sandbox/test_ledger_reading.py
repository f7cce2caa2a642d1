from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from pprmail.sandbox import Acceptance, SandboxError, read_ledger

if TYPE_CHECKING:
    from pathlib import Path

ACCEPTED: dict[str, Any] = {
    "kind": "accepted",
    "request": 1,
    "x_message_id": "x1",
    "personalizations": [
        {"to": ["ada@example.org"], "custom_args": {"pm_d": "1"}},
        {
            "to": ["ben@example.org"],
            "cc": ["cy@example.org"],
            "bcc": ["di@example.org"],
            "custom_args": {"pm_d": "2"},
        },
    ],
}
DISCARDED = {"kind": "discarded", "request": 1, "x_message_id": "x1", "personalizations": [1]}


def _write(path: Path, *entries: Any, torn: str = "") -> None:
    path.write_text("".join(json.dumps(entry) + "\n" for entry in entries) + torn)


def test_every_recipient_is_an_acceptance_with_its_arguments(ledger_path: Path) -> None:
    _write(ledger_path, ACCEPTED)

    assert read_ledger(ledger_path).acceptances() == [
        Acceptance({"pm_d": "1"}, "ada@example.org", 1, "x1", discarded=False),
        Acceptance({"pm_d": "2"}, "ben@example.org", 1, "x1", discarded=False),
        Acceptance({"pm_d": "2"}, "cy@example.org", 1, "x1", discarded=False),
        Acceptance({"pm_d": "2"}, "di@example.org", 1, "x1", discarded=False),
    ]


def test_what_was_discarded_is_marked_and_not_kept(ledger_path: Path) -> None:
    _write(ledger_path, ACCEPTED, DISCARDED, ACCEPTED | {"request": 2, "x_message_id": "x2"})
    ledger = read_ledger(ledger_path)

    assert [each.discarded for each in ledger.acceptances()] == [False, *[True] * 3, *[False] * 4]
    assert [(each.request, each.address[:3]) for each in ledger.kept()] == [
        (1, "ada"),
        (2, "ada"),
        (2, "ben"),
        (2, "cy@"),
        (2, "di@"),
    ]
    assert ledger.discarded == [DISCARDED]


@pytest.mark.parametrize("torn", ['{"kind":"acc', '{"kind":"accepted"}', "{"])
def test_a_torn_last_line_is_left_out(ledger_path: Path, torn: str) -> None:
    _write(ledger_path, ACCEPTED, torn=torn)

    assert read_ledger(ledger_path).entries == (ACCEPTED,)


def test_an_empty_ledger_has_no_entries(ledger_path: Path) -> None:
    _write(ledger_path)

    assert read_ledger(ledger_path).entries == ()


def test_a_damaged_line_in_the_middle_is_not_passed_over(ledger_path: Path) -> None:
    _write(ledger_path, ACCEPTED, torn="{\n" + json.dumps(ACCEPTED) + "\n")

    with pytest.raises(SandboxError, match="line 2 of the ledger is damaged"):
        read_ledger(ledger_path)
