from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from sqlalchemy import func, select, update

from making import EMPATHY, TRAINING, a_reader, a_summary
from pprmail.bootstrap import App, utc_now
from pprmail.model.delivery import DeliveryOutcome
from pprmail.model.link import Signer
from pprmail.model.subscriber import EndReason, SubscriberStatus, new_public_id
from pprmail.services.subscriptions import reader
from pprmail.storage.tables import AuditEntry, Delivery, ServiceMail, Subscriber
from web.visiting import (
    Visitor,
    an_app,
    begin,
    claimed,
    digest_of_rows,
    leave_path,
    links_of,
    page_of,
    publish,
)

ONE_CLICK = {"List-Unsubscribe": "One-Click"}
ENCODINGS: dict[str, dict[str, Any]] = {
    "urlencoded": {"data": ONE_CLICK},
    "multipart": {"files": {name: (None, value) for name, value in ONE_CLICK.items()}},
    "nothing at all": {},
    "something else": {"content": b"\xff\x00{", "headers": {"Content-Type": "text/plain"}},
    "a broken multipart": {
        "content": b"--b\r\nnothing",
        "headers": {"Content-Type": "multipart/form-data; boundary=b"},
    },
    "a multipart without its boundary": {
        "content": b"--b\r\n",
        "headers": {"Content-Type": "multipart/form-data"},
    },
    "with a cookie and from elsewhere": {
        "data": ONE_CLICK,
        "headers": {
            "Cookie": "session=somebody-else",
            "Origin": "https://mail.example.net",
            "Sec-Fetch-Site": "cross-site",
        },
    },
}


@pytest.mark.parametrize("how", ENCODINGS.values(), ids=ENCODINGS)
def test_one_request_ends_the_subscription_whatever_its_body_is(
    app: App, visitor: Visitor, how: dict[str, Any]
) -> None:
    ada = a_reader(app.database, "ada@example.org")
    answer = visitor.post(leave_path(app, ada), **how)
    assert answer.status_code == 200
    assert "You are unsubscribed" in answer.text
    assert status_of(app, ada) is SubscriberStatus.ENDED


def test_the_log_tells_a_mail_program_from_a_person(app: App, visitor: Visitor) -> None:
    for name, body in (
        ("ada", {"data": ONE_CLICK}),
        ("bo", ENCODINGS["multipart"]),
        ("cy", {}),
        ("di", {"data": {"sure": "yes"}}),
    ):
        visitor.post(leave_path(app, a_reader(app.database, f"{name}@example.org")), **body)
    with app.database.read() as session:
        left = select(AuditEntry.detail).where(AuditEntry.what == "subscriber left")
        hows = [detail["how"] for detail in session.scalars(left.order_by(AuditEntry.id))]
    assert hows == ["one click", "one click", "page", "page"]


def test_leaving_again_is_answered_alike_and_changes_nothing(app: App, visitor: Visitor) -> None:
    path = leave_path(app, a_reader(app.database, "ada@example.org"))
    first = visitor.post(path, data=ONE_CLICK)
    before = digest_of_rows(app.database)
    again = visitor.post(path, data=ONE_CLICK)
    assert (again.status_code, again.text) == (200, first.text)
    assert digest_of_rows(app.database) == before


def test_leaving_many_times_at_once_is_noted_once(
    app_on_each: App, visitor_on_each: Visitor
) -> None:
    path = leave_path(app_on_each, a_reader(app_on_each.database, "ada@example.org"))
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: visitor_on_each.post(path, data=ONE_CLICK), range(16)))
    assert {answer.status_code for answer in answers} == {200}
    with app_on_each.database.read() as session:
        noted = select(func.count()).where(AuditEntry.what == "subscriber left")
        assert session.scalar(noted) == 1


def test_leaving_is_never_a_redirect(app: App, visitor: Visitor) -> None:
    path = leave_path(app, a_reader(app.database, "ada@example.org"))
    for wrong in (f"{path}/", f"/{path}", path.upper()):
        assert visitor.post(wrong, data=ONE_CLICK).status_code in {403, 404}


def test_looking_at_the_page_changes_nothing(app: App, visitor: Visitor) -> None:
    path = leave_path(app, a_reader(app.database, "ada@example.org"))
    before = digest_of_rows(app.database)
    shown = visitor.get(path)
    assert (shown.status_code, "Unsubscribe me" in shown.text) == (200, True)
    assert visitor.ask("HEAD", path).status_code == 200
    assert visitor.ask("OPTIONS", path).status_code == 405
    assert digest_of_rows(app.database) == before


def test_a_link_of_ten_years_ago_still_opens(app: App, visitor: Visitor) -> None:
    ada = a_reader(app.database, "ada@example.org")
    path = leave_path(app, ada)
    with time_machine.travel(utc_now() + timedelta(days=3653), tick=False):
        assert visitor.get(path).status_code == 200
        assert visitor.post(path, data=ONE_CLICK).status_code == 200
    assert status_of(app, ada) is SubscriberStatus.ENDED


def test_who_left_before_or_was_erased_or_never_was_gets_the_same_answer(
    app: App, visitor: Visitor
) -> None:
    ended = a_reader(app.database, "ended@example.org", status=SubscriberStatus.ENDED)
    erased = a_reader(app.database, "erased@example.org")
    with app.database.write() as session:
        row = update(Subscriber).where(Subscriber.public_id == erased)
        session.execute(row.values(email=None, address_key=None, name=None))
    for public_id in (ended, erased, new_public_id()):
        answer = visitor.post(leave_path(app, public_id), data=ONE_CLICK)
        assert (answer.status_code, "You are unsubscribed" in answer.text) == (200, True)
        assert visitor.get(leave_path(app, public_id)).status_code == 200


def test_a_complaint_is_not_forgotten_by_leaving(app: App, visitor: Visitor) -> None:
    ada = a_reader(app.database, "ada@example.org")
    with app.database.write() as session:
        row = update(Subscriber).where(Subscriber.public_id == ada)
        session.execute(row.values(status=SubscriberStatus.ENDED, end_reason=EndReason.COMPLAINED))
    assert visitor.post(leave_path(app, ada)).status_code == 200
    found = reader(app.database, ada)
    assert found is not None
    assert found.end_reason is EndReason.COMPLAINED


def test_a_link_that_was_forged_cut_or_made_for_something_else_is_no_page(
    app: App, visitor: Visitor
) -> None:
    ada, bo = (a_reader(app.database, f"{name}@example.org") for name in ("ada", "bo"))
    token = app.signer.leave_token(ada)
    swapped = f"{bo}.{token.partition('.')[2]}"
    other_purpose = app.signer.preferences_token(ada, now=utc_now())
    cuts = [token[:length] for length in range(1, len(token))]
    flips = [
        token[:place] + ("A" if token[place] != "A" else "B") + token[place + 1 :]
        for place in range(len(token))
    ]
    before = digest_of_rows(app.database)
    for wrong in (swapped, other_purpose, f"{token}.", f".{token}", f"{token}%00", *cuts, *flips):
        for method in ("GET", "POST"):
            answer = visitor.ask(method, f"/unsubscribe/{wrong}")
            assert answer.status_code == 404, wrong
    assert digest_of_rows(app.database) == before


def test_leaving_takes_effect_in_the_middle_of_a_sending(
    app_on_each: App, visitor_on_each: Visitor
) -> None:
    app, readers = app_on_each, {}
    for name in ("ada", "bo", "cy"):
        readers[name] = a_reader(app.database, f"{name}@example.org")
    issue = begin(app, a_summary())
    first = claimed(app, issue)
    assert first is not None
    assert [d.public_id for d in first.deliveries] == [readers["ada"]]
    assert visitor_on_each.post(leave_path(app, readers["bo"]), data=ONE_CLICK).status_code == 200
    second = claimed(app, issue)
    assert second is not None
    assert [d.public_id for d in second.deliveries] == [readers["cy"]]
    assert claimed(app, issue) is None
    with app.database.read() as session:
        of_bo = (
            select(Delivery.outcome).join(Subscriber).where(Subscriber.email == "bo@example.org")
        )
        assert session.scalar(of_bo) is DeliveryOutcome.SUPPRESSED_LATE


def test_looking_at_every_link_of_a_letter_changes_nothing(app: App, visitor: Visitor) -> None:
    a_reader(app.database, "ada@example.org")
    (envelope,) = publish(app, a_summary(), a_summary("Another Question?"))
    links = [link for link in links_of(envelope, envelope.recipients[0]) if "letter.ex" in link]
    assert (
        len(links) == 10
    )  # two summaries with two files each, archive, preferences, unsubscribe, sign-up
    before = digest_of_rows(app.database)
    for link in links:
        for method in ("GET", "HEAD"):
            assert visitor.ask(method, link).status_code == 200, link
        visitor.ask("OPTIONS", link)
    assert digest_of_rows(app.database) == before


def test_a_link_signed_with_a_previous_key_still_opens(tmp_path: Path, sqlite_url: str) -> None:
    old = "the key that was in use until it was replaced by a new one"
    with an_app(tmp_path, sqlite_url, web__previous_secret_keys=[old]) as app:
        ada = a_reader(app.database, "ada@example.org")
        path = f"/unsubscribe/{Signer.of(old).leave_token(ada)}"
        assert Visitor.of(app).post(path, data=ONE_CLICK).status_code == 200
        assert status_of(app, ada) is SubscriberStatus.ENDED


def test_single_topics_are_given_up_and_letters_go_on(app: App, visitor: Visitor) -> None:
    ada = a_reader(app.database, "ada@example.org", EMPATHY, TRAINING)
    shown = visitor.get(leave_path(app, ada))
    first, second = page_of(shown).forms
    assert "Unsubscribe me" in first.text_content()
    assert first.get("action") is None
    assert [box.get("value") for box in second.xpath(".//input")] == [EMPATHY, TRAINING]
    answer = visitor.send_form(second.get("action"), {"topics": [EMPATHY]})
    assert (answer.status_code, "Training" in answer.text) == (200, True)
    found = reader(app.database, ada)
    assert found is not None
    assert (found.chosen_topics, found.status) == ([TRAINING], SubscriberStatus.ACTIVE)


def test_a_reader_of_everything_gives_up_one_topic_and_keeps_the_others(
    app: App, visitor: Visitor
) -> None:
    ada = a_reader(app.database, "ada@example.org")
    visitor.send_form(leaving_path(app, ada, "topics"), {"topics": [EMPATHY]})
    found = reader(app.database, ada)
    assert found is not None
    assert len(found.chosen_topics) == len(app.topics.choosable) - 1
    assert EMPATHY not in found.chosen_topics


@pytest.mark.parametrize(
    ("topics", "told"),
    [([], "tick at least one topic"), ([EMPATHY, TRAINING], "No topic would be left")],
)
def test_giving_up_nothing_or_everything_is_asked_about(
    app: App, visitor: Visitor, topics: list[str], told: str
) -> None:
    ada = a_reader(app.database, "ada@example.org", EMPATHY, TRAINING)
    before = digest_of_rows(app.database)
    refused = visitor.send_form(leaving_path(app, ada, "topics"), {"topics": topics})
    assert (refused.status_code, told in refused.text) == (422, True)
    assert visitor.post(page_of(refused).forms[0].get("action")).status_code == 200
    assert before != digest_of_rows(app.database)


def test_a_mistake_is_mended_by_a_mail_and_not_by_the_link_alone(
    app: App, visitor: Visitor
) -> None:
    ada = a_reader(app.database, "ada@example.org")
    left = visitor.post(leave_path(app, ada))
    form = page_of(left).forms[0]
    for _ in range(2):
        answer = visitor.send_form(form.get("action"), {})
        assert (answer.status_code, "ask again after " in answer.text) == (200, True)
    with app.database.read() as session:
        (mail,) = session.scalars(select(ServiceMail)).all()
    assert (mail.kind, mail.recipient) == ("confirmation", "ada@example.org")
    assert status_of(app, ada) is SubscriberStatus.ENDED


def test_a_reason_is_asked_afterwards_and_kept_once_without_an_address(
    app: App, visitor: Visitor
) -> None:
    ada = a_reader(app.database, "ada@example.org")
    assert "reason" not in visitor.get(leave_path(app, ada)).text
    path = leaving_path(app, ada, "reason")
    visitor.send_form(path, {"reason": "other"})
    assert reasons(app) == []
    visitor.post(leave_path(app, ada))
    words = "Too long, ask ada@example.org"
    for _ in range(2):
        told = visitor.send_form(path, {"reason": "too_much", "words": words})
        assert told.status_code == 200
    assert reasons(app) == [{"reason": "too_much", "words": "Too long, ask …"}]


def test_a_reason_that_is_not_on_the_list_is_asked_again(app: App, visitor: Visitor) -> None:
    ada = a_reader(app.database, "ada@example.org")
    visitor.post(leave_path(app, ada))
    for wrong in ({}, {"reason": "x"}, {"reason": "other", "words": "x" * 301}):
        refused = visitor.send_form(leaving_path(app, ada, "reason"), wrong)
        assert (refused.status_code, 'role="alert"' in refused.text) == (422, True)
    assert reasons(app) == []


def test_what_follows_leaving_is_not_taken_from_other_pages(app: App, visitor: Visitor) -> None:
    ada = a_reader(app.database, "ada@example.org", EMPATHY)
    for path in ("topics", "back", "reason"):
        assert visitor.post(leaving_path(app, ada, path)).status_code == 403


def leaving_path(app: App, public_id: str, path: str) -> str:
    return f"/leaving/{app.signer.leave_token(public_id)}/{path}"


def reasons(app: App) -> list[dict[str, Any]]:
    with app.database.read() as session:
        told = select(AuditEntry.detail).where(AuditEntry.what == "reason for leaving told")
        return list(session.scalars(told))


def status_of(app: App, public_id: str) -> SubscriberStatus:
    found = reader(app.database, public_id)
    assert found is not None
    return found.status
