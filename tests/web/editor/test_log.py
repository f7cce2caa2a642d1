from datetime import datetime
from typing import Any

import pytest

from making import NOW
from pprmail.bootstrap import App
from pprmail.storage import log
from pprmail.storage.audit import note
from web.editor.at_the_desk import DeskVisitor
from web.visiting import page_of


def write(
    app: App, what: str, subject: str, *, who: str, at: datetime = NOW, **detail: Any
) -> None:
    with app.database.write() as session:
        note(session, what, subject, who=who, now=at, **detail)


def whats(answer: Any) -> list[str]:
    return list(page_of(answer).xpath("//ol//strong/text()"))


def test_a_line_says_who_did_what_and_what_it_was_before(app: App, editor: DeskVisitor) -> None:
    change: dict[str, Any] = {"before": {"title": "Old <i>"}, "after": {"title": "New"}}
    write(app, "summary edited", "2026-11/x", who="edith@example.org", **change)
    write(app, "forgotten", "retention", who="scheduler", mails=3, sessions=0)
    page = editor.get("/editor/log")
    assert whats(page) == ["Old records deleted", "Summary edited"]
    assert "by the system itself" in page.text
    assert "mails: 3" in page.text
    assert "sessions" not in page.text
    assert page_of(page).xpath("//del/text()") == ["Old <i>"]
    assert page_of(page).xpath("//ins/text()") == ["New"]


def test_the_log_is_searched_by_words_person_and_days(app: App, editor: DeskVisitor) -> None:
    write(
        app,
        "one",
        "Über 100% x",
        who="cli: ada@example.org",
        at=datetime.fromisoformat("2026-11-01T23:30-04:00"),
    )
    write(
        app,
        "two",
        "y",
        who="cli",
        at=datetime.fromisoformat("2026-11-02T00:30-05:00"),
        title="Mögen",
    )
    write(
        app,
        "three",
        "z",
        who="edith@example.org",
        at=datetime.fromisoformat("2026-11-03T12:00-05:00"),
    )
    found = {
        ("words", "100%"): ["One"],
        ("words", "%"): ["One"],
        ("words", "tw y"): ["Two"],
        ("words", "mögen"): ["Two"],
        ("who", "cli"): ["Two", "One"],
        ("who", "edith@example.org"): ["Three"],
        ("since", "2026-11-02"): ["Three", "Two"],
        ("until", "2026-11-01"): ["One"],
        ("until", "2026-11-02"): ["Two", "One"],
        ("since", "2026-11-04"): [],
        ("words", "nothing like it"): [],
    }
    for (name, value), expected in found.items():
        answer = editor.post("/editor/log", **{name: value})
        assert answer.status_code == 200
        assert whats(answer) == expected, (name, value)
        typed = page_of(answer).xpath(f"//*[@name='{name}']")[0]
        assert value in (typed.get("value"), *typed.xpath("option[@selected]/@value"))
    assert "Nothing fits" in editor.post("/editor/log", words="nothing like it").text


def test_a_day_that_is_none_is_told_beside_its_field(editor: DeskVisitor) -> None:
    answer = editor.post("/editor/log", since="soon")
    assert answer.status_code == 422
    assert page_of(answer).xpath("//input[@id='since']/@aria-invalid") == ["true"]


@pytest.mark.parametrize(("day", "status"), [("9999-12-30", 200), ("9999-12-31", 422)])
def test_a_day_at_the_end_of_the_calendar_is_told_to_be_too_far(
    editor: DeskVisitor, day: str, status: int
) -> None:
    answer = editor.post("/editor/log", until=day)
    assert answer.status_code == status
    assert ("Please write a day that is nearer." in answer.text) is (status == 422)


def test_older_lines_are_a_press_away_and_none_is_lost(
    app: App, editor: DeskVisitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "LINES_AT_ONCE", 3)
    monkeypatch.setattr(log, "SEARCHED_AT_ONCE", 4)
    for number in range(17):
        write(app, f"line{number}" if number % 2 else "other", "x", who="cli")
    for words, wanted in (("", 17), ("line", 8)):
        seen, before = [], [""]
        for _ in range(12):
            page = editor.post("/editor/log", words=words, before=before[0])
            seen += whats(page)
            before = page_of(page).xpath("//button[@name='before']/@value")
            if not before:
                break
        assert len(seen) == wanted
        assert seen[0] == ("Other" if not words else "Line15")


def test_readers_of_the_log_change_nothing_by_it(app: App, editor: DeskVisitor) -> None:
    for method in ("PUT", "PATCH", "DELETE"):
        answer = editor.visitor.ask(method, "/editor/log", headers=editor.headers)
        assert answer.status_code == 405
