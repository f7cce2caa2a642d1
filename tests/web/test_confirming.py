from datetime import timedelta

import pytest
from sqlalchemy import update

from making import EMPATHY
from pprmail.bootstrap import App, utc_now
from pprmail.model.subscriber import SubscriberStatus
from pprmail.services.leaving import leave
from pprmail.storage.database import Database
from pprmail.storage.tables import Confirmation
from services.signing import found
from web.visiting import (
    Visitor,
    confirm_path,
    digest_of_rows,
    mails_queued,
    newest_confirm_path,
    page_of,
)

ADDRESS = "ada@example.org"


def test_looking_shows_one_button_and_changes_nothing(
    app_on_each: App, visitor_on_each: Visitor
) -> None:
    path = confirm_path(app_on_each, ADDRESS, EMPATHY)
    before = digest_of_rows(app_on_each.database)
    for method in ("GET", "HEAD"):
        answer = visitor_on_each.ask(method, path)
        assert answer.status_code == 200
    (button,) = page_of(visitor_on_each.get(path)).xpath("//button")
    assert button.text_content() == "Confirm my subscription"
    assert digest_of_rows(app_on_each.database) == before


def test_pressing_begins_names_the_next_letter_and_leads_to_topics(
    app_on_each: App, visitor_on_each: Visitor
) -> None:
    path = confirm_path(app_on_each, ADDRESS)
    answer = visitor_on_each.send_form(path, {})
    assert answer.status_code == 200
    words = " ".join(page_of(answer).text_content().split())
    assert app_on_each.welcoming.next_letter(now=utc_now()) in words
    (link,) = page_of(answer).xpath("//a[text()='Choose your topics']/@href")
    assert visitor_on_each.get(link).status_code == 200
    assert found(app_on_each.database).status is SubscriberStatus.ACTIVE


def test_pressing_twice_shows_the_same_page(app: App, visitor: Visitor) -> None:
    path = confirm_path(app, ADDRESS)
    first, second = visitor.send_form(path, {}), visitor.send_form(path, {})
    assert first.text == second.text
    assert len(found(app.database).consents) == 1


def test_a_used_link_opens_no_choices_for_ever(app: App, visitor: Visitor) -> None:
    path = confirm_path(app, ADDRESS)
    visitor.send_form(path, {})
    used(app.database, hours=2)
    answer = visitor.get(path)
    assert answer.status_code == 200
    assert "/preferences/" not in answer.text


def used(database: Database, *, hours: int) -> None:
    with database.write() as session:
        before = utc_now() - timedelta(hours=hours)
        session.execute(update(Confirmation).values(used_at=before))


def aged(app: App, days: int) -> None:
    then = utc_now() - timedelta(days=days)
    with app.database.write() as session:
        over = {"asked_at": then, "good_until": then + timedelta(days=7)}
        session.execute(update(Confirmation).values(over))
        session.connection().exec_driver_sql("DELETE FROM mailed_links")


def test_a_link_that_is_too_old_offers_a_fresh_one(app: App, visitor: Visitor) -> None:
    path = confirm_path(app, ADDRESS)
    aged(app, 8)
    assert visitor.send_form(path, {}).status_code == 410
    assert found(app.database).status is SubscriberStatus.PENDING
    shown = visitor.get(path)
    assert shown.status_code == 410
    fields = dict(page_of(shown).forms[0].form_values())
    assert visitor.send_form(path, fields).status_code == 200
    assert [mail.kind for mail in mails_queued(app)] == ["confirmation"] * 2
    assert visitor.send_form(newest_confirm_path(app), {}).status_code == 200
    assert found(app.database).status is SubscriberStatus.ACTIVE


def test_an_old_link_does_not_mail_beyond_the_bounds(app: App, visitor: Visitor) -> None:
    path = confirm_path(app, ADDRESS)
    aged(app, 8)
    for _ in range(3):
        assert visitor.send_form(path, {"again": "yes"}).status_code == 200
    assert len(mails_queued(app)) == 2


def test_who_left_since_is_not_brought_back_and_may_sign_up_anew(
    app: App, visitor: Visitor
) -> None:
    path = confirm_path(app, ADDRESS)
    leave(app.database, found(app.database).public_id, how="page", now=utc_now())
    for answer in (visitor.send_form(path, {}), visitor.send_form(path, {"again": "yes"})):
        assert answer.status_code == 410
        assert page_of(answer).xpath("//a[text()='Sign up for the letter']")
    assert found(app.database).status is SubscriberStatus.ENDED
    assert len(mails_queued(app)) == 1


@pytest.mark.parametrize("token", ["x", "A" * 22, "A" * 22 + "." + "B" * 22, "%00"])
def test_a_link_that_was_not_mailed_opens_nothing(app: App, visitor: Visitor, token: str) -> None:
    assert visitor.get(f"/confirm/{token}").status_code == 404
    assert visitor.send_form(f"/confirm/{token}", {}).status_code == 404


def test_a_link_whose_row_is_gone_says_so(app: App, visitor: Visitor) -> None:
    assert visitor.get(f"/confirm/{app.signer.confirm_token('A' * 22)}").status_code == 410


def test_a_link_for_leaving_or_choosing_confirms_nothing(app: App, visitor: Visitor) -> None:
    confirm_path(app, ADDRESS)
    reader = found(app.database).public_id
    for token in (
        app.signer.leave_token(reader),
        app.signer.preferences_token(reader, now=utc_now()),
    ):
        assert visitor.send_form(f"/confirm/{token}", {}).status_code == 404


def test_only_our_own_page_confirms(app: App, visitor: Visitor) -> None:
    path = confirm_path(app, ADDRESS)
    assert visitor.post(path).status_code == 403
    assert found(app.database).status is SubscriberStatus.PENDING
