import re

import pyotp
from httpx2 import Response

from pprmail.bootstrap import App, utc_now
from services.staffing import GOOD
from web.editor.at_the_desk import EDITOR, DeskVisitor, an_editor, kept_in
from web.visiting import BASE, page_of


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
    secret, offer = secret_in(page), offer_in(page)
    assert shown.xpath("//*[local-name()='svg']//*[local-name()='path']")
    assert "style=" not in page.text
    wrong = editor.post(path, how="on", offer=offer, code="000000")
    assert wrong.status_code == 422
    assert secret_in(wrong) == secret
    right = pyotp.TOTP(secret).at(utc_now())
    codes = page_of(editor.post(path, how="on", offer=offer, code=right)).xpath("//li/code/text()")
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
    answer = editor.fresh().post("/editor/account/code", how="on", offer="A", code="000000")
    assert answer.status_code == 303


def test_a_secret_that_was_offered_to_somebody_else_is_refused(
    app: App, editor: DeskVisitor
) -> None:
    path = "/editor/account/code"
    theirs = editor.fresh().get(path)
    mine = an_editor(app, email="other@example.org").fresh()
    right = pyotp.TOTP(secret_in(theirs)).at(utc_now())
    answer = mine.post(path, how="on", offer=offer_in(theirs), code=right)
    assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert secret_in(mine.get(path)) != secret_in(theirs)


def test_the_secret_just_scanned_outlasts_a_proof_that_was_asked_for(
    app: App, editor: DeskVisitor
) -> None:
    path = "/editor/account/code"
    page = editor.fresh().get(path)
    secret, slow = secret_in(page), an_editor(app, email=EDITOR)
    late = slow.post(path, how="on", offer=offer_in(page), code="123456")
    assert late.status_code == 403
    assert "123456" not in late.text
    assert secret not in late.text
    proved = an_editor(app, email=EDITOR).fresh()
    again = proved.send(path, kept_in(late))
    assert again.status_code == 422
    assert "type the six digits" in again.text
    assert secret_in(again) == secret
    right = pyotp.TOTP(secret).at(utc_now())
    done = proved.post(path, how="on", offer=offer_in(again), code=right)
    assert page_of(done).xpath("//h1/text()") == ["Your recovery codes"]


def test_a_password_that_comes_too_late_is_kept_nowhere_and_asked_for_once_more(
    editor: DeskVisitor,
) -> None:
    sent = {"csrf": editor.csrf, "how": "password", "password": GOOD}
    headers = editor.headers | {"Referer": f"{BASE}/editor/account/password"}
    late = editor.visitor.post("/editor/account/password", data=sent, headers=headers)
    assert late.status_code == 403
    assert GOOD not in late.text
    links = page_of(late).xpath("//main//a/@href")
    assert links == ["/editor/again?next=/editor/account/password"]
    assert page_of(late).xpath("//main//form") == []


def test_one_sees_where_one_is_signed_in_and_ends_it(app: App, editor: DeskVisitor) -> None:
    other = an_editor(app, email=EDITOR)
    shown = page_of(editor.get("/editor/account"))
    assert len(shown.xpath("//section[@aria-labelledby='sessions']//li")) == 2
    said = editor.follow(editor.post("/editor/account/sessions"))
    assert "Signed out of one other browser." in said.text
    assert other.get("/editor/account").status_code == 303
    assert "signed in nowhere else" in editor.follow(editor.post("/editor/account/sessions")).text


def secret_in(page: Response) -> str:
    """Give the secret that a page shows, to be typed into an app."""
    return re.sub(r"\s", "", page_of(page).xpath("//code/text()")[0])


def offer_in(page: Response) -> str:
    """Give the secret as its form sends it."""
    return str(page_of(page).xpath("//input[@name='offer']/@value")[0])
