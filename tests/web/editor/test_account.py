import re

import pyotp

from pprmail.bootstrap import App, utc_now
from services.staffing import GOOD
from web.editor.at_the_desk import EDITOR, DeskVisitor, an_editor
from web.visiting import page_of


def test_the_name_is_changed_and_shown(editor: DeskVisitor) -> None:
    said = editor.follow(editor.post("/editor/account", name="  Edith <b>  "))
    assert "Your name is saved." in said.text
    assert page_of(said).xpath("//input[@id='name']/@value") == ["Edith <b>"]
    wrong = editor.post("/editor/account", name="x" * 101)
    assert wrong.status_code == 422
    assert "at most 100" in wrong.text


def test_a_password_is_chosen_and_given_up(app: App, editor: DeskVisitor) -> None:
    path = "/editor/account/password"
    short = editor.fresh().post(path, how="password", password="short")
    assert short.status_code == 422
    assert page_of(short).xpath("//input[@id='password']/@aria-invalid") == ["true"]
    said = editor.follow(editor.post(path, how="password", password=GOOD))
    assert "Your password is changed" in said.text
    assert app.staff.people.everybody()[0].password_hash is not None
    assert "mail you" in editor.follow(editor.post(path, how="link")).text
    assert app.staff.people.everybody()[0].password_hash is None


def test_a_code_is_switched_on_renewed_and_switched_off(app: App, editor: DeskVisitor) -> None:
    path = "/editor/account/code"
    page = editor.fresh().get(path)
    shown = page_of(page)
    secret = shown.xpath("//input[@name='secret']/@value")[0]
    assert re.sub(r"\s", "", shown.xpath("//code/text()")[0]) == secret
    assert shown.xpath("//*[local-name()='svg']//*[local-name()='path']")
    assert "style=" not in page.text
    wrong = editor.post(path, how="on", secret=secret, code="000000")
    assert wrong.status_code == 422
    assert page_of(wrong).xpath("//input[@name='secret']/@value") == [secret]
    right = pyotp.TOTP(secret).at(utc_now())
    codes = page_of(editor.post(path, how="on", secret=secret, code=right)).xpath(
        "//li/code/text()"
    )
    assert len(set(codes)) == 10
    kept = editor.get(path)
    assert "10 recovery codes are left" in kept.text
    assert codes[0] not in kept.text
    assert secret not in kept.text
    new = page_of(editor.post(path, how="renew")).xpath("//li/code/text()")
    assert not set(new) & set(codes)
    assert "No code is asked for" in editor.follow(editor.post(path, how="off")).text
    assert editor.post(path, how="renew").status_code == 422


def test_a_secret_that_was_not_made_here_is_refused(editor: DeskVisitor) -> None:
    answer = editor.fresh().post("/editor/account/code", how="on", secret="A", code="000000")
    assert answer.status_code == 303


def test_one_sees_where_one_is_signed_in_and_ends_it(app: App, editor: DeskVisitor) -> None:
    other = an_editor(app, email=EDITOR)
    shown = page_of(editor.get("/editor/account"))
    assert len(shown.xpath("//section[@aria-labelledby='sessions']//li")) == 2
    said = editor.follow(editor.post("/editor/account/sessions"))
    assert "Signed out of one other browser." in said.text
    assert other.get("/editor/account").status_code == 303
    assert "signed in nowhere else" in editor.follow(editor.post("/editor/account/sessions")).text
