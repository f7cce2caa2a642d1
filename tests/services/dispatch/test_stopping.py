from dataclasses import replace
from pathlib import Path

import pytest

from making import (
    MONTH,
    NOW,
    PaperSender,
    a_newsroom,
    a_postroom,
    a_reader,
    a_summary,
    an_approved_issue,
)
from pprmail.errors import StateError
from pprmail.model.issue import IssueState
from pprmail.services import steering
from pprmail.services.dispatch import stopping
from pprmail.services.dispatch.freeze import freeze
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.dispatch.run import Run, send
from pprmail.services.dispatch.stopping import stop
from pprmail.storage.database import Database


@pytest.fixture
def postroom(sqlite: Database, tmp_path: Path) -> Postroom:
    """An issue that is to be sent now."""
    newsroom = a_newsroom(sqlite)
    a_reader(sqlite, "r@example.org")
    an_approved_issue(newsroom, a_summary())
    steering.send_now(newsroom, MONTH, who="test", now=NOW)
    return a_postroom(newsroom, tmp_path, PaperSender())


def test_what_has_not_begun_comes_off_the_schedule(postroom: Postroom) -> None:
    stopped = stop(postroom, MONTH, who="ann@example.org", now=NOW).issue
    assert (stopped.state, stopped.send_at) == (IssueState.APPROVED, None)


def test_what_begins_at_the_very_moment_is_stopped_all_the_same(
    postroom: Postroom, monkeypatch: pytest.MonkeyPatch
) -> None:
    unschedule = steering.unschedule

    def begun_meanwhile(*given: object, **how: object) -> object:
        freeze(postroom, MONTH, who="scheduler", now=NOW)
        return unschedule(*given, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(stopping, "unschedule", begun_meanwhile)
    stopped = stop(postroom, MONTH, who="ann@example.org", now=NOW).issue
    assert stopped.pause_reason == "undone by ann@example.org"


def test_without_a_window_what_was_handed_over_is_named_and_the_rest_waits(
    postroom: Postroom,
) -> None:
    a_reader(postroom.database, "late@example.org")
    one_each = replace(postroom, rules=replace(postroom.rules, batch_size=1))
    run = Run(watch=lambda done, _: run.stop.set() if done else None)
    send(one_each, MONTH, who="test", run=run)
    undone = stop(postroom, MONTH, who="ann@example.org", now=NOW)
    assert [why for _, why in undone.kept] == ["it was sent without a recall window"]
    assert undone.asked == []


def test_nothing_is_reopened_when_all_letters_have_left(postroom: Postroom) -> None:
    send(postroom, MONTH, who="test", run=Run())
    with pytest.raises(StateError, match="nothing to stop any more"):
        stop(postroom, MONTH, who="ann@example.org", now=NOW)
