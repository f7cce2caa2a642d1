from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from sandbox.validation.conftest import Judge


TEXT = {"type": "text/plain", "value": "text"}
HTML = {"type": "text/html", "value": "<p>text</p>"}
CALENDAR = {"type": "text/calendar", "value": "BEGIN:VCALENDAR"}
FILE = {"content": "dGV4dA==", "filename": "a.txt"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"subject": ""}, "subject"),
        ({"subject": 7}, "subject"),
        ({"subject": "two\r\nlines"}, "subject"),
        ({"content": []}, "content"),
        ({"content": TEXT}, "content"),
        ({"content": [HTML, TEXT]}, "content"),
        ({"content": [CALENDAR, TEXT]}, "content"),
        ({"content": [CALENDAR, HTML]}, "content"),
        ({"content": ["text"]}, "content.0"),
        ({"content.1.type": ...}, "content.1.type"),
        ({"content.1.type": ""}, "content.1.type"),
        ({"content": [TEXT | {"type": "text/plain; charset=utf-8"}]}, "content.0.type"),
        ({"content": [TEXT | {"type": "text/plain,text/html"}]}, "content.0.type"),
        ({"content": [TEXT | {"type": "text/plain\r\n"}]}, "content.0.type"),
        ({"content.1.value": ...}, "content.1.value"),
        ({"content.1.value": ""}, "content.1.value"),
        ({"content.1.value": None}, "content.1.value"),
        ({"content.1.language": "en"}, "content.1.language"),
        ({"attachments": FILE}, "attachments"),
        ({"attachments": [FILE | {"content": "not base64!"}]}, "attachments.0.content"),
        ({"attachments": [FILE | {"content": "é"}]}, "attachments.0.content"),
        ({"attachments": [FILE | {"content": ""}]}, "attachments.0.content"),
        ({"attachments": [{"filename": "a.txt"}]}, "attachments.0.content"),
        ({"attachments": [{"content": "dGV4dA=="}]}, "attachments.0.filename"),
        ({"attachments": [FILE | {"filename": 7}]}, "attachments.0.filename"),
        ({"attachments": [FILE | {"filename": "a\r\nb"}]}, "attachments.0.filename"),
        ({"attachments": [FILE | {"type": "text/plain;"}]}, "attachments.0.type"),
        ({"attachments": [FILE | {"type": ""}]}, "attachments.0.type"),
        ({"attachments": [FILE | {"disposition": "none"}]}, "attachments.0.disposition"),
        ({"attachments": [FILE | {"content_id": "a,b"}]}, "attachments.0.content_id"),
        ({"attachments": [FILE | {"size": 4}]}, "attachments.0.size"),
        ({"categories": "digest"}, "categories"),
        ({"categories": [7]}, "categories.0"),
        ({"categories": ["digést"]}, "categories.0"),
        ({"categories": ["x" * 256]}, "categories.0"),
        ({"categories": ["a", "b", "a"]}, "categories"),
        ({"categories": [f"c{index}" for index in range(11)]}, "categories"),
    ],
)
def test_each_fault_of_what_is_said_is_named(
    judge: Judge, changes: dict[str, Any], field: str
) -> None:
    answer = judge(changes)

    assert answer.status == 400
    assert answer.fields == [field]


@pytest.mark.parametrize(
    "changes",
    [
        {"content": [TEXT]},
        {"content": [HTML]},
        {"content": [TEXT, HTML, CALENDAR]},
        {
            "attachments": [
                FILE | {"type": "text/plain", "disposition": "inline", "content_id": "a"}
            ]
        },
        {"categories": ["x" * 255, *(f"c{index}" for index in range(9))]},
        {"categories": []},
        {"subject": "Zoë — 研究"},
    ],
)
def test_what_may_be_said_is_taken(judge: Judge, changes: dict[str, Any]) -> None:
    assert judge(changes).status == 202
