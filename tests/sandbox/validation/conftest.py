"""How the rules are tested: one good message, one change, the answer over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from pprmail.sandbox import Sandbox, SandboxOptions, read_ledger

if TYPE_CHECKING:
    from sandbox.conftest import Answer, CallerOf, MakeMessage

Judge = Callable[[dict[str, Any]], "Answer"]


@pytest.fixture(scope="module")
def strict_sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    path = tmp_path_factory.mktemp("sandbox") / "ledger.jsonl"
    with Sandbox(SandboxOptions(ledger_path=path)) as sandbox:
        yield sandbox


@pytest.fixture
def judge(strict_sandbox: Sandbox, message: MakeMessage, caller_of: CallerOf) -> Judge:
    """Send a message of two recipients, good but for some places, which are spelt with dots.

    `...` takes a place away. Whatever is refused must leave no trace in the ledger; what
    is taken, one line.
    """

    def send_with(changes: dict[str, Any]) -> Answer:
        body = message("ada@example.org", "ben@example.org")
        for place, value in changes.items():
            _put(body, place=place, value=value)
        before = len(read_ledger(strict_sandbox.ledger_path).entries)
        answer = caller_of(strict_sandbox).send(body)
        after = len(read_ledger(strict_sandbox.ledger_path).entries)
        assert after - before == (1 if answer.status == 202 else 0)
        return answer

    return send_with


def _put(body: Any, *, place: str, value: Any) -> None:
    *way, last = [int(step) if step.isdigit() else step for step in place.split(".")]
    for step in way:
        body = body[step] if isinstance(step, int) else body.setdefault(step, {})
    if value is ...:
        del body[last]
    else:
        body[last] = value
