from __future__ import annotations

import json
import re
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from pprmail.sandbox import (
    Fault,
    FaultFile,
    SandboxError,
    SandboxOptions,
    faults,
    read_ledger,
    utc_now,
)

if TYPE_CHECKING:
    from sandbox.conftest import Failing, MakeMessage

DOCS = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```toml\n(.*?)```", DOCS, re.DOTALL)
NEVER_MEANT = [
    ("fault = 1", "there is no `fault`: did you mean `faults`?"),
    ("zebra = 1", "there is no `zebra`: there are clock_offset_seconds, faults"),
    ("faults = 3", "`faults` must be a list of tables: begin each with [[faults]]"),
    ("faults = [1]", "`faults` must be a list of tables: begin each with [[faults]]"),
    ('clock_offset_seconds = "1h"', "`clock_offset_seconds` must be a number of seconds, not '1h'"),
    ("[[faults]]\nanswr = 503", "fault 1: there is no `answr`: did you mean `answer`?"),
    ("[[faults]]\n[[faults]]\ntimes = 0", "fault 2: `times` must be a whole number, 1 or more, n"),
    ("[[faults]]\n= 1", "Invalid"),
]
WRONG_PARTS: list[tuple[dict[str, Any], str]] = [
    ({"on": "mail"}, "`on` must be one of mail/send"),
    ({"on": "PUT mail/send"}, "`on` must be one of mail/send"),
    ({"requests": 0}, "`requests` must be numbers such as 3"),
    ({"requests": "7-5"}, "`requests` must be numbers such as 3"),
    ({"requests": True}, "`requests` must be numbers such as 3"),
    ({"requests": []}, "`requests` must be numbers such as 3"),
    ({"requests": [1, "some"]}, "`requests` must be numbers such as 3"),
    ({"recipients": ""}, "`recipients` must be addresses or patterns"),
    ({"batch": "yes"}, "`batch` must be true"),
    ({"larger_than": 0}, "`larger_than` must be a number of bytes"),
    ({"times": 1.5}, "`times` must be a whole number"),
    ({"accept": 1}, "`accept` must be true or false"),
    ({"accept_after": -1}, "`accept_after` must be a number of seconds"),
    ({"answer_after": float("nan")}, "`answer_after` must be a number of seconds"),
    ({"answer": 199}, "`answer` must be a status from 200 to 599, or one of usual, hang"),
    ({"answer": "explode"}, "`answer` must be a status from 200 to 599, or one of usual, hang"),
    ({"answer": 400, "field": 1}, "`field` must be a field"),
    ({"answer": 400, "message": ""}, "`message` must be a text"),
    ({"answer": 400, "body": 1}, "`body` must be a text"),
    ({"answer": 429, "headers": {"Retry-After": 7}}, "`headers` must be names and texts"),
    ({"answer": 429, "headers": {"Retry After": "7"}}, "`headers` must be names and texts"),
    ({"answer": 429, "headers": {"X": "a\r\nY: b"}}, "`headers` must be names and texts"),
    ({"answer": 429, "headers": {"Content-Length": "7"}}, "`headers` must be names and texts"),
    ({"cut": "middle"}, "`cut` must be one of status, headers, body"),
    ({"events": "late"}, "`events` must be one or more of early, shuffled, twice"),
    ({"events_after": "1h"}, "`events_after` must be a number of seconds"),
    ({"seed": "x"}, "`seed` must be a whole number"),
]
CLASHES: list[tuple[dict[str, Any], str]] = [
    ({"accept": False}, "what isn't accepted has no usual answer"),
    ({"answer": 503, "accept_after": 1}, "add `accept` = true"),
    ({"on": "mail/batch", "recipients": "*"}, "`recipients` and `batch` are of mail/send alone"),
    ({"on": "scopes", "batch": False}, "`recipients` and `batch` are of mail/send alone"),
    ({"answer": 400, "field": "recipient"}, "add `recipients`"),
    ({"answer": 202, "message": "no"}, "`field` and `message` are of errors"),
    ({"field": "from"}, "`field` and `message` are of errors"),
    ({"answer": 400, "body": "", "message": "no"}, "`body` stands for the whole error"),
    ({"headers": {"X": "1"}}, "`headers` and `body` need a status"),
    ({"answer": "hang", "body": "x"}, "`headers` and `body` need a status"),
    ({"answer": "drop", "cut": "body"}, "there is no answer to `cut`"),
    ({"answer": 503, "events": "twice"}, "`events` are of accepted mail"),
    ({"on": "mail/batch", "events_after": 1}, "`events` are of accepted mail"),
    ({"events": ["never", "twice"]}, "`events` that never come have no other manner"),
    ({"events": "never", "events_after": 1}, "`events` that never come have no other manner"),
]


def _written(path: Path, content: str) -> Path:
    path.write_text(content, encoding="utf-8")
    return path


def _faults(path: Path) -> tuple[Fault, ...]:
    return tuple(FaultFile(path).applied_to(SandboxOptions(ledger_path=path)).faults)


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_of_the_docs_is_read(tmp_path: Path, example: str) -> None:
    found = _faults(_written(tmp_path / "faults.toml", example))

    assert len(found) == example.count("[[faults]]") > 0


def test_the_docs_have_an_example_of_every_part_and_explain_it() -> None:
    names = {part.name for part in fields(Fault)}

    assert {
        name for name in names if not re.search(rf"^{name} =", "".join(EXAMPLES), re.M)
    } == set()
    assert {name for name in names if f"\n| `{name}` |" not in DOCS} == set()
    assert {name for name in names if f" {name} " not in str(faults.__doc__)} == set()


def test_the_docs_example_for_tests_runs(tmp_path: Path) -> None:
    [example] = re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL)
    path = tmp_path / "ledger.jsonl"

    exec(example, {"path": path, "kill": print, "sender": 1})

    assert read_ledger(path).entries == ()


def test_json_says_the_same_as_toml(tmp_path: Path) -> None:
    toml = "[[faults]]\nrequests = [1, '5-7']\nanswer = 429\nheaders = { Retry-After = '7' }\n"
    table: dict[str, Any] = {"requests": [1, "5-7"], "answer": 429, "headers": {"Retry-After": "7"}}

    from_toml = _faults(_written(tmp_path / "faults.toml", toml))
    from_json = _faults(_written(tmp_path / "faults.json", json.dumps({"faults": [table]})))

    assert from_toml == from_json == (Fault(**table),)


@pytest.mark.parametrize(("content", "complaint"), NEVER_MEANT)
def test_what_a_file_cannot_mean_is_named_with_its_place_and_a_remedy(
    tmp_path: Path, content: str, complaint: str
) -> None:
    path = _written(tmp_path / "faults.toml", content)

    with pytest.raises(SandboxError) as caught:
        FaultFile(path)

    assert str(caught.value).startswith(f"{path}: {complaint}")


@pytest.mark.parametrize(("parts", "complaint"), WRONG_PARTS + CLASHES)
def test_a_fault_that_cannot_be_meant_is_named_with_a_remedy(
    failing: Failing, parts: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(SandboxError) as caught:
        failing(Fault(), Fault(**parts))

    assert str(caught.value).startswith("fault 2: ")
    assert complaint in str(caught.value)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[]", "an object is expected"),
        ("{", "Expecting"),
        ("[" * 100_000, "maximum recursion"),
        ('{"faults": [{"times": 1, "times": 2}]}', "`times` stands twice in one object"),
    ],
)
def test_what_json_cannot_mean_is_named(tmp_path: Path, content: str, complaint: str) -> None:
    with pytest.raises(SandboxError, match=complaint):
        FaultFile(_written(tmp_path / "faults.json", content))


def test_a_file_must_be_there_and_say_by_its_name_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match=r"can't read .*none\.toml: No such file"):
        FaultFile(tmp_path / "none.toml")
    with pytest.raises(SandboxError, match=r"name it \.toml or \.json"):
        FaultFile(_written(tmp_path / "faults.yaml", ""))


def test_a_file_sets_the_clock_and_sets_it_anew(tmp_path: Path) -> None:
    path = _written(tmp_path / "faults.toml", "clock_offset_seconds = 900")
    file = FaultFile(path)
    assert abs(file.clock() - utc_now() - timedelta(seconds=900)) < timedelta(seconds=30)
    assert file.summary == f"It fails as {path} says (faults: 0; its clock is +900 seconds off)."

    _written(path, "[[faults]]")
    assert file.read_again() == (Fault(),)
    assert abs(file.clock() - utc_now()) < timedelta(seconds=30)
    assert file.summary == f"It fails as {path} says (faults: 1)."


def test_a_file_that_has_become_wrong_changes_nothing(tmp_path: Path) -> None:
    path = _written(tmp_path / "faults.toml", "clock_offset_seconds = 900\n[[faults]]")
    file = FaultFile(path)
    _written(path, "[[faults]]\nanswer = 1")

    with pytest.raises(SandboxError, match="fault 1: `answer` must be"):
        file.read_again()

    assert file.clock() - utc_now() > timedelta(seconds=800)


def test_mail_leaves_early_by_a_clock_that_is_ahead(
    failing: Failing, message: MakeMessage, tmp_path: Path
) -> None:
    file = FaultFile(_written(tmp_path / "faults.toml", "clock_offset_seconds = 900"))
    caller = failing(clock=file.clock)
    batch_id = caller.new_batch()
    send_at = int(utc_now().timestamp()) + 600

    assert caller.send(message(batch_id=batch_id, send_at=send_at)).status == 202
    assert caller.sandbox.wait_for_events(5)
    caller.hold(batch_id)

    assert len(read_ledger(caller.sandbox.ledger_path).kept()) == 1
