"""One reader at the desk: the whole story, and orders with a reason."""

import pytest
from sqlalchemy import select

from making import EMPATHY, NOW, a_reader
from pprmail.bootstrap import App
from pprmail.model.subscriber import EndReason, Subscriber, SubscriberStatus
from pprmail.storage.subscribers import subscriber_with_public_id
from pprmail.storage.tables import AuditEntry, ServiceMail
from web.editor.at_the_desk import EDITOR, DeskVisitor
from web.visiting import page_of


@pytest.fixture
def ada(app: App) -> str:
    return a_reader(app.database, "ada@example.org", EMPATHY, name="Ada Moreau")


def now_of(app: App, public_id: str) -> Subscriber:
    with app.database.read() as session:
        found = subscriber_with_public_id(session, public_id)
    assert found is not None
    return found


def log_of(app: App, public_id: str) -> list[tuple[str, str]]:
    with app.database.read() as session:
        lines = session.scalars(select(AuditEntry).where(AuditEntry.subject == public_id))
        return [(line.what, line.who) for line in lines]


def closed(app: App, public_id: str, reason: EndReason) -> None:
    with app.database.write() as session:
        found = subscriber_with_public_id(session, public_id)
        assert found is not None
        found.end(reason, now=NOW)


def test_the_page_tells_everything_of_one_reader(editor: DeskVisitor, ada: str) -> None:
    text = editor.get(f"/editor/subscribers/{ada}").text
    for words in ("ada@example.org", "Gets the letter.", "Empathy", "“test”", "None yet."):
        assert words in text
    assert editor.get("/editor/subscribers/nobody").status_code == 404


def test_letters_are_ended_for_a_reason_and_the_page_says_so(
    app: App, editor: DeskVisitor, ada: str
) -> None:
    path = f"/editor/subscribers/{ada}"
    for fields, wrong in (({}, "Please choose a reason"), ({"why": "other"}, "in a few words")):
        answer = editor.post(f"{path}/end", **fields)
        assert (answer.status_code, wrong in answer.text) == (422, True)
        assert 'aria-describedby="' in answer.text
    assert now_of(app, ada).status is SubscriberStatus.ACTIVE
    answer = editor.post(f"{path}/end", why="asked", words="by phone")
    text = editor.follow(answer).text
    assert "No more letters go to this reader." in text
    assert "asked: by phone" in text
    assert "An editor ended the letters." in text
    assert (now_of(app, ada).end_reason, log_of(app, ada)) == (
        EndReason.EDITOR,
        [("subscriber ended", EDITOR)],
    )
    again = editor.post(f"{path}/end", why="asked")
    assert "had ended already" in editor.follow(again).text


@pytest.mark.parametrize("reason", [EndReason.COMPLAINED, EndReason.BOUNCED, EndReason.EDITOR])
def test_a_closed_address_is_opened_for_a_reason_alone(
    app: App, editor: DeskVisitor, ada: str, reason: EndReason
) -> None:
    closed(app, ada, reason)
    path = f"/editor/subscribers/{ada}"
    is_release = "Open the address and mail the link" in editor.get(path).text
    assert is_release is (reason is not EndReason.EDITOR)
    assert editor.post(f"{path}/invite").status_code == 422
    assert now_of(app, ada).status is SubscriberStatus.ENDED
    text = editor.follow(editor.post(f"{path}/invite", reason="She asked for it")).text
    assert "An invitation is on its way." in text
    assert "She asked for it" in text
    assert now_of(app, ada).status is SubscriberStatus.PENDING
    assert ("The mail service most likely keeps all mail" in text) is is_release
    assert log_of(app, ada) == [("address released", EDITOR), ("reader invited", EDITOR)]
    refused = editor.post(f"{path}/invite")
    assert refused.status_code == 422
    assert "at most once in 24 hours" in refused.text
    with app.database.read() as session:
        assert [mail.kind for mail in session.scalars(select(ServiceMail))] == ["confirmation"]


def test_a_reader_is_erased_for_a_reason_by_one_who_types_it_and_proved_who_that_is(
    app: App, editor: DeskVisitor, ada: str
) -> None:
    path = f"/editor/subscribers/{ada}/erase"
    assert "/editor/again?next=" in editor.get(path).headers["location"]
    assert editor.post(path, word="erase").status_code == 403
    assert now_of(app, ada).erased_at is None
    editor.fresh()
    assert "ada@example.org" in editor.get(path).text
    for fields, wrong in (
        ({"word": "yes", "why": "asked"}, ["word-wrong"]),
        ({"word": "erase"}, ["why-wrong"]),
        ({"word": "erase", "why": "because"}, ["why-wrong"]),
        ({}, ["why-wrong", "word-wrong"]),
    ):
        answer = editor.post(path, **fields)
        assert answer.status_code == 422
        assert page_of(answer).xpath("//main//p[@class='wrong']/@id") == wrong
        chosen = page_of(answer).xpath("//input[@name='why'][@checked]/@value")
        assert chosen == (["asked"] if "word" in wrong[0] else [])
    assert now_of(app, ada).erased_at is None
    text = editor.follow(editor.post(path, word=" Erase ", why="no consent")).text
    assert "Nothing personal is left" in text
    assert "ada@example.org" not in text
    assert page_of(editor.get(path)).xpath("//form[contains(@action,'erase')]") == []
    assert log_of(app, ada) == [("subscriber erased", EDITOR)]
    with app.database.read() as session:
        (line,) = session.scalars(select(AuditEntry).where(AuditEntry.subject == ada))
    assert line.detail == {"reason": "no consent"}
