from pprmail.bootstrap import App
from pprmail.model.editor import Role
from services.staffing import noted
from web.editor.at_the_desk import ADMIN, DeskVisitor, an_editor, stored_editor
from web.visiting import mails_queued, page_of

ADA = "ada@example.org"


def path_of(app: App, email: str) -> str:
    (found,) = [p for p in app.staff.people.everybody() if p.email == email]
    return f"/editor/people/{found.public_id}"


def test_an_admin_invites_and_sees_who_waits(app: App, admin: DeskVisitor) -> None:
    sent = admin.fresh().post("/editor/people/invite", email=ADA, role="admin")
    assert sent.headers["location"] == "/editor/people"
    shown = admin.follow(sent)
    assert f"on its way to {ADA}" in shown.text
    assert "has not joined yet" in shown.text
    assert [(mail.kind, mail.recipient) for mail in mails_queued(app)] == [
        ("editor_invitation", ADA)
    ]
    assert noted(app.database)[-1] == ("editor invited", ADMIN, ADA)


def test_a_wrong_address_is_told_beside_its_field(admin: DeskVisitor) -> None:
    answer = admin.fresh().post("/editor/people/invite", email="ada@", role="editor")
    assert answer.status_code == 422
    field = page_of(answer).xpath("//input[@id='email']")[0]
    assert field.get("value") == "ada@"
    assert field.get("aria-invalid") == "true"
    beside = page_of(answer).xpath(f"//*[@id='{field.get('aria-describedby')}']/text()")
    assert "whole email address" in beside[0]
    again = admin.post("/editor/people/invite", email=ADMIN, role="editor")
    assert "is an editor already" in again.text


def test_an_invitation_is_sent_again_and_people_are_removed(app: App, admin: DeskVisitor) -> None:
    admin.fresh().post("/editor/people/invite", email=ADA, role="editor")
    path = path_of(app, ADA)
    assert admin.follow(admin.post(f"{path}/invitation")).status_code == 200
    assert len(mails_queued(app)) == 2
    assert f"{ADA} was removed" in admin.follow(admin.post(f"{path}/remove")).text
    assert admin.get(path).status_code == 404


def test_another_role_is_told_and_a_stale_form_is_refused(app: App, admin: DeskVisitor) -> None:
    stored_editor(app.database, ADA)
    path = path_of(app, ADA)
    shown = page_of(admin.fresh().get(path))
    version = shown.xpath("//input[@name='version']/@value")[0]
    said = admin.follow(admin.post(path, role="admin", version=version))
    assert f"{ADA} is an admin now" in said.text
    stale = admin.post(path, role="editor", version=version)
    assert stale.status_code == 422
    assert "just changed" in stale.text
    assert admin.post(path, role="editor", version="x").status_code == 422


def test_the_last_admin_is_told_what_to_do_first(app: App, admin: DeskVisitor) -> None:
    path = path_of(app, ADMIN)
    refused = admin.fresh().post(f"{path}/remove")
    assert refused.status_code == 422
    assert "Make somebody else an admin first" in refused.text
    an_editor(app, Role.ADMIN, ADA)
    gone = admin.post(f"{path}/remove")
    assert "You are no editor any more" in gone.text
    assert "Signed in as" not in gone.text
    assert page_of(gone).xpath("//nav | //form") == []
    (cookie,) = gone.headers.get_list("set-cookie")
    assert cookie.startswith("__Host-pprmail-desk=")
    assert "Max-Age=0" in cookie
    assert admin.get("/editor/people").status_code == 303


def test_an_editor_neither_sees_nor_changes_people(app: App, editor: DeskVisitor) -> None:
    path = path_of(app, editor.email)
    assert editor.get("/editor/people").status_code == 403
    for end in ("", "/remove", "/invitation"):
        assert editor.fresh().post(path + end, role="admin", version="1").status_code == 403
    assert [person.role for person in app.staff.people.everybody()] == [Role.EDITOR]
