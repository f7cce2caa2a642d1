"""The verdict: each promise that was broken is found, by the ledger alone."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from pprmail.cli.torture.plan import Plan
from pprmail.cli.torture.play import Scene, scene_set
from pprmail.cli.torture.stage import sample_stage
from pprmail.cli.torture.verdict import Verdict, judge
from pprmail.sandbox import Ledger, read_ledger
from pprmail.sending.webhook import DELIVERY_ARGUMENT
from pprmail.services.dispatch.run import Run, send

Entries = list[dict[str, Any]]


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """A sending that has ended well."""
    with sample_stage(tmp_path, "sqlite:///any.db") as stage:
        (tmp_path / "run").mkdir()
        with scene_set(stage, Plan(recalls=False), tmp_path / "run") as scene:
            send(scene.app.postroom, stage.month, who="test", run=Run())
            yield scene


def judged(scene: Scene, spoil: Callable[[Entries], object] = lambda _: None) -> Verdict:
    ledger = read_ledger(scene.sandbox.ledger_path)
    entries = deepcopy(list(ledger.entries))
    spoil(entries)
    return judge(scene.app, scene.stage.month, Ledger(tuple(entries)), now=scene.clock())


def change(scene: Scene, statement: str) -> None:
    with scene.app.database.write() as session:
        session.execute(text(statement))


def test_a_sending_that_went_well_has_nothing_to_complain_of(scene: Scene) -> None:
    verdict = judged(scene)
    assert (list(verdict.complaints), verdict.duplicates, verdict.lost) == ([], 0, 0)
    assert verdict.letters == verdict.status.equation.frozen > 0


def test_a_letter_that_went_out_twice_is_found(scene: Scene) -> None:
    def twice(entries: Entries) -> None:
        entries.append(entries[0] | {"x_message_id": "another"})

    verdict = judged(scene, twice)
    assert verdict.duplicates == len(
        read_ledger(scene.sandbox.ledger_path).accepted[0]["personalizations"]
    )
    assert any("has 2 letters" in complaint for complaint in verdict.complaints)


def test_a_reader_who_counts_as_accepted_and_was_sent_nothing_is_found(scene: Scene) -> None:
    verdict = judged(scene, lambda entries: entries.pop())
    assert verdict.lost > 0
    assert any("is accepted and has 0 letters" in complaint for complaint in verdict.complaints)


def test_a_letter_that_nobody_was_promised_is_found(scene: Scene) -> None:
    def to_a_stranger(entries: Entries) -> None:
        entries[0]["personalizations"][0]["custom_args"] |= {DELIVERY_ARGUMENT: "987654"}

    assert any("never promised" in c for c in judged(scene, to_a_stranger).complaints)


def test_content_that_nobody_approved_is_found(scene: Scene) -> None:
    def other_words(entries: Entries) -> None:
        entries[0]["contents"][0]["sha256"] = "0" * 64

    assert any("nobody approved" in c for c in judged(scene, other_words).complaints)


def test_a_request_without_an_intent_is_found(scene: Scene) -> None:
    for path in scene.app.postroom.journal.folder.iterdir():
        path.write_bytes(b"")
    assert any("no intent" in complaint for complaint in judged(scene).complaints)


def test_a_letter_to_a_reader_who_had_left_before_is_found(scene: Scene) -> None:
    change(scene, "UPDATE subscribers SET ended_at = '2020-01-01 00:00:00.000000'")
    assert any("had left before" in complaint for complaint in judged(scene).complaints)


def test_an_equation_that_does_not_hold_is_found(scene: Scene) -> None:
    change(scene, "UPDATE issues SET frozen_readers = frozen_readers + 1")
    assert any("does not balance" in complaint for complaint in judged(scene).complaints)


def test_an_issue_that_is_called_sent_with_a_doubt_is_found(scene: Scene) -> None:
    change(scene, "UPDATE requests SET state = 'unknown' WHERE id = 1")
    assert any("called sent, and is not" in complaint for complaint in judged(scene).complaints)
