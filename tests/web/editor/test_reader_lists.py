"""Readers come in by a form or a list, and go out as a file, at the desk."""

from typing import Any

import pytest
from sqlalchemy import select

from making import EMPATHY, a_reader
from pprmail.bootstrap import App
from pprmail.model.editor import Role
from pprmail.model.subscriber import Subscriber, SubscriberStatus
from pprmail.storage.subscribers import subscriber_with_address
from pprmail.storage.tables import AuditEntry, ServiceMail, Upload
from web.editor.at_the_desk import EDITOR, DeskVisitor, an_editor
from web.visiting import page_of

READERS = "/editor/subscribers"
UPLOAD, SHOWN = f"{READERS}/upload", f"{READERS}/upload/list"
AGREED = {"agrees": "agreed", "consent_source": "our stand"}
LIST = b"Courriel;Pr\xe9nom;Autre\r\nzoe@example.org;Zo\xe9;1\r\nnowhere;;2\r\n"


def found(app: App, address: str) -> Subscriber | None:
    with app.database.read() as session:
        return subscriber_with_address(session, address)


def mark_of(answer: Any) -> str:
    (mark,) = page_of(answer).xpath("//input[@name='mark']/@value")
    return str(mark)


def heads_of(answer: Any) -> list[str]:
    heads = page_of(answer).xpath("//ul[@class='heads']/li")
    return [" ".join(head.text_content().split()) for head in heads]


def test_one_reader_is_added_who_agreed_and_one_who_is_asked(app: App, editor: DeskVisitor) -> None:
    answer = editor.post(f"{READERS}/add", email="ada@example.org", topics=[EMPATHY], **AGREED)
    assert "Added." in editor.follow(answer).text
    ada = found(app, "ada@example.org")
    assert ada is not None
    assert ada.status is SubscriberStatus.ACTIVE
    answer = editor.post(f"{READERS}/add", email="bo@example.org", agrees="mail")
    assert "an invitation is on its way" in editor.follow(answer).text
    with app.database.read() as session:
        (mail,) = session.scalars(select(ServiceMail))
    assert (mail.recipient, "Edith invites you" in mail.text) == ("bo@example.org", True)


@pytest.mark.parametrize("day", ["2026-01-05", "2026-07-05"])
def test_the_day_of_a_consent_is_shown_as_it_was_given(editor: DeskVisitor, day: str) -> None:
    given = {"email": "ada@example.org", "consent_at": day, **AGREED}
    page = page_of(editor.follow(editor.post(f"{READERS}/add", **given)))
    (shown,) = page.xpath("//section[@aria-labelledby='consents']//li/p[1]")
    assert f"5 {'January' if '-01-' in day else 'July'} 2026, 00:00" in shown.text_content()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"email": "ada@example.org"}, "agrees-wrong"),
        ({"email": "nowhere", **AGREED}, "email-wrong"),
        ({"email": "ada@example.org", "agrees": "agreed"}, "consent_source-wrong"),
        ({"email": "bo@example.org", **AGREED}, "email-wrong"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_lost(
    app: App, editor: DeskVisitor, fields: dict[str, str], field: str
) -> None:
    bo = a_reader(app.database, "bo@example.org")
    answer = editor.post(f"{READERS}/add", name="Ada", **fields)
    assert answer.status_code == 422
    page = page_of(answer)
    assert page.xpath(f"//*[@id='{field}']")
    assert page.xpath(f"//*[contains(@aria-describedby,'{field}')]")
    assert page.xpath("//input[@name='name']")[0].value == "Ada"
    assert found(app, "ada@example.org") is None
    is_known = fields["email"] == "bo@example.org"
    assert (f"{READERS}/{bo}" in answer.text) is is_known


def test_a_list_is_shown_and_then_does_exactly_that(app: App, editor: DeskVisitor) -> None:
    answer = editor.upload(UPLOAD, {"list": ("mes lecteurs.csv", LIST)})
    shown = editor.follow(answer)
    assert answer.headers["location"] == SHOWN
    assert "Windows-1252, semicolon between columns" in shown.text
    assert heads_of(shown) == [
        "1 would come in",
        "0 would be changed",
        "0 stay as they are",
        "1 are refused",
    ]
    assert "line 3" in shown.text
    assert "Who would come in (1)" in shown.text
    assert "zoe@example.org" in page_of(shown).xpath("//main//details//li/text()")
    assert "Who would be changed" not in shown.text
    assert found(app, "zoe@example.org") is None
    assert "Import this reader" in shown.text
    consent = {"do": "map", "column:courriel": "email", "consent": "our stand"}
    shown = editor.follow(editor.send(SHOWN, {"csrf": editor.csrf} | consent))
    text = editor.follow(editor.post(SHOWN, do="import", mark=mark_of(shown))).text
    assert "The list is imported: 1 came in, 0 were changed." in text
    zoe = found(app, "zoe@example.org")
    assert zoe is not None
    assert (zoe.name, zoe.status) == (None, SubscriberStatus.ACTIVE)
    with app.database.read() as session:
        (line,) = session.scalars(
            select(AuditEntry).where(AuditEntry.what == "subscribers imported")
        )
        assert session.scalars(select(Upload)).all() == []
    assert line.who == EDITOR


def test_a_list_that_would_do_otherwise_by_now_is_shown_again(
    app: App, editor: DeskVisitor
) -> None:
    shown = editor.follow(editor.upload(UPLOAD, {"list": ("a.csv", LIST)}))
    a_reader(app.database, "zoe@example.org")
    text = editor.follow(editor.post(SHOWN, do="import", mark=mark_of(shown))).text
    assert "Nothing was imported. Please look again." in text
    text = editor.follow(editor.post(SHOWN, do="forget")).text
    assert "The list is forgotten." in text
    assert "No list of yours" in editor.follow(editor.post(SHOWN, do="import", mark="x")).text


def test_a_list_whose_columns_were_taken_otherwise_in_another_tab_is_shown_again(
    app: App, editor: DeskVisitor
) -> None:
    shown = editor.follow(editor.upload(UPLOAD, {"list": ("a.csv", LIST)}))
    editor.post(SHOWN, **{"do": "map", "column:courriel": "name"})
    answer = editor.post(SHOWN, do="import", mark=mark_of(shown))
    text = editor.follow(answer).text
    assert "the columns of this list are taken for something else" in text
    assert "None of these columns is taken for the address" in text
    assert found(app, "zoe@example.org") is None


def test_a_list_is_seen_by_nobody_else(app: App, editor: DeskVisitor) -> None:
    editor.upload(UPLOAD, {"list": ("a.csv", LIST)})
    other = an_editor(app, Role.ADMIN)
    assert "No list of yours is kept" in other.get(SHOWN).text


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"list": ("", b"")}, "Please choose a file."),
        ({"list": ("a.xlsx", b"PK\x03\x04 xl/")}, "This is an Excel workbook; save it as CSV"),
        ({"list": ("a.csv", b"")}, "The file is empty."),
        (
            {"list": ("a.csv", b"email\n" + 150_000 * b"ada@example.org\n")},
            "more than 20,000 lines",
        ),
    ],
)
def test_what_is_no_list_is_said_to_be_none(
    editor: DeskVisitor, files: dict[str, Any], said: str
) -> None:
    answer = editor.upload(UPLOAD, files)
    assert (answer.status_code, said in answer.text) == (422, True)


def test_a_list_whose_columns_are_not_understood_asks_what_they_hold(editor: DeskVisitor) -> None:
    shown = editor.follow(editor.upload(UPLOAD, {"list": ("a.csv", b"wer,wo\nzoe@x.org,da\n")}))
    assert "None of these columns is taken for the address" in shown.text
    labels = page_of(shown).xpath("//ul[contains(@class,'columns')]//label/text()")
    assert labels == ["wer", "wo"]
    told = {"csrf": editor.csrf, "do": "map", "column:wer": "email"}
    assert heads_of(editor.follow(editor.send(SHOWN, told)))[0] == "1 would come in"


def test_the_list_is_taken_out_by_one_who_proved_who_that_is(app: App, editor: DeskVisitor) -> None:
    a_reader(app.database, "ada@example.org", name="=1+1")
    path = f"{READERS}/export"
    assert "/editor/again" in editor.post(path, kind="readers").text
    editor.fresh()
    assert editor.post(path).status_code == 422
    answer = editor.post(path, kind="readers")
    assert answer.headers["content-disposition"] == 'attachment; filename="readers.csv"'
    assert "ada@example.org,'=1+1" in answer.text
    assert editor.post(path, kind="consents").text.startswith("\ufeffemail,at,how")
    with app.database.read() as session:
        lines = session.scalars(select(AuditEntry).where(AuditEntry.what == "list taken out"))
        assert [(line.who, line.subject) for line in lines] == [
            (EDITOR, "readers"),
            (EDITOR, "consents"),
        ]
