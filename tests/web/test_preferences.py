import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from httpx2 import Response
from sqlalchemy import select, update

from making import ALLIANCE, EMPATHY, TOPICS, TRAINING, a_reader, a_summary
from pprmail.bootstrap import App, utc_now
from pprmail.model.audience import NoMatch
from pprmail.model.month import Month
from pprmail.model.subscriber import Subscriber, SubscriberStatus, new_public_id
from pprmail.services.leaving import leave
from pprmail.services.steering import skip
from pprmail.services.subscriptions import reader
from pprmail.storage.tables import Preference, ServiceMail
from pprmail.web.choices import Form
from web.visiting import (
    BASE,
    Visitor,
    a_sign_up,
    an_app,
    digest_of_rows,
    leave_path,
    page_of,
    preferences_path,
    publish,
)

OFFERED = " ".join(topic.slug for topic in TOPICS.choosable)
FINE: dict[str, Any] = {
    "follow": "topics",
    "topics": [TRAINING],
    "no_match": "note",
    "offered": OFFERED,
}
LIST = """types_of_research = ["Meta-analysis"]
[groups."The work"]
empathy = { name = "Empathy" }
training = { name = "Training" }
old-name = { name = "Old Name", merged_into = "training" }
given-up = { name = "Given Up", retired = true }
given-up-too = { name = "Given Up Too", retired = true }
"""


@pytest.fixture
def ada(app: App) -> str:
    return a_reader(app.database, "ada@example.org", EMPATHY, name="Ada", no_match=NoMatch.ALL)


@pytest.fixture
def old_list(tmp_path: Path, sqlite_url: str) -> Iterator[App]:
    """An app whose list holds a merged topic and retired ones."""
    (tmp_path / "workspace").mkdir()
    (tmp_path / "workspace" / "topics.toml").write_text(LIST)
    with an_app(tmp_path, sqlite_url) as app:
        yield app


def test_the_page_shows_what_is_chosen(app: App, visitor: Visitor, ada: str) -> None:
    shown = visitor.get(preferences_path(app, ada))
    assert shown.status_code == 200
    assert ticked(shown) == {"follow": ["topics"], "topics": [EMPATHY], "no_match": ["all"]}


def test_the_page_of_a_reader_of_everything_has_no_topic_ticked(app: App, visitor: Visitor) -> None:
    shown = visitor.get(preferences_path(app, a_reader(app.database, "bo@example.org")))
    assert ticked(shown) == {"follow": ["everything"], "topics": [], "no_match": ["note"]}


def test_the_short_way_to_the_page_shows_what_the_long_way_shows(
    app: App, visitor: Visitor, ada: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    odd = a_reader(app.database, "o'brien@example.org", TRAINING, ALLIANCE, name='<b>&"Bo"</b>')
    everything = a_reader(app.database, "eve@example.org", no_match=NoMatch.SKIP)
    with app.database.write() as session:
        resting = {"paused_until": app.correspondence.month_at(utc_now() + timedelta(days=70))}
        session.execute(update(Subscriber).where(Subscriber.public_id == ada).values(resting))
    paths = [preferences_path(app, reader) for reader in (ada, odd, everything, ada)]
    short = [visitor.get(path) for path in paths]
    monkeypatch.setattr(Form, "has_retired", True)
    for path, quick in zip(paths, short, strict=True):
        slow = visitor.get(path)
        assert quick.text == slow.text
        assert quick.headers == slow.headers


def test_what_is_chosen_is_saved_and_shown_and_sent_again_changes_nothing(
    app: App, visitor: Visitor, ada: str
) -> None:
    path = preferences_path(app, ada)
    wanted = FINE | {"topics": [TRAINING, ALLIANCE], "no_match": "skip"}
    saved = visitor.send_form(path, wanted)
    assert (saved.status_code, "Saved" in saved.text) == (200, True)
    after = visitor.get(path)
    assert ticked(saved) == ticked(after)
    assert set(ticked(after)["topics"]) == {TRAINING, ALLIANCE}
    kept = stored(app, ada)
    assert set(kept.chosen_topics) == {TRAINING, ALLIANCE}
    assert (kept.follows_all, kept.no_match) == (False, NoMatch.SKIP)
    begun = [p.begun_at for p in kept.preferences]
    visitor.send_form(path, wanted)
    assert [p.begun_at for p in stored(app, ada).preferences] == begun


def test_everything_wins_over_boxes_that_are_still_ticked(
    app: App, visitor: Visitor, ada: str
) -> None:
    saved = visitor.send_form(
        preferences_path(app, ada),
        FINE | {"follow": "everything"},
    )
    assert stored(app, ada).follows_all
    assert stored(app, ada).chosen_topics == []
    assert ticked(saved) == {"follow": ["everything"], "topics": [], "no_match": ["note"]}


def test_topics_with_no_topic_is_refused_and_what_was_chosen_is_still_there(
    app: App, visitor: Visitor, ada: str
) -> None:
    before = digest_of_rows(app.database)
    refused = visitor.send_form(preferences_path(app, ada), {"follow": "topics", "no_match": "all"})
    assert refused.status_code == 422
    assert "choose at least one topic" in refused.text
    assert ticked(refused) == {"follow": ["topics"], "topics": [], "no_match": ["all"]}
    assert digest_of_rows(app.database) == before


SPOILT: dict[str, dict[str, Any]] = {
    "a topic nobody knows": FINE | {"topics": ["astrology"]},
    "a topic nobody knows among good ones": FINE | {"topics": [TRAINING, "astrology"]},
    "a topic by its name": FINE | {"topics": ["Training"]},
    "a topic with a NUL": FINE | {"topics": ["training\0"]},
    "an empty topic": FINE | {"topics": [""]},
    "more topics than there can be": FINE | {"topics": [TRAINING] * 299},
    "a field that is not on the page": FINE | {"status": "active"},
    "another's public id": FINE | {"public_id": new_public_id()},
    "one answer twice": FINE | {"follow": ["topics", "everything"]},
    "an unknown answer": FINE | {"no_match": "sometimes"},
    "no answer": {"topics": [TRAINING], "no_match": "note"},
    "nothing": {},
    "more fields than any page has": {f"field{n}": "x" for n in range(400)},
    "a field too large": FINE | {"topics": ["x" * 100_000]},
}


def test_a_form_that_the_page_did_not_make_saves_nothing(
    app: App, visitor: Visitor, ada: str
) -> None:
    before = digest_of_rows(app.database)
    for why, fields in SPOILT.items():
        refused = visitor.send_form(preferences_path(app, ada), fields)
        assert refused.status_code == 422, why
        assert "was not understood" in refused.text, why
        assert "<form" in refused.text
    assert digest_of_rows(app.database) == before


def test_a_file_in_the_form_is_refused(app: App, visitor: Visitor, ada: str) -> None:
    before = digest_of_rows(app.database)
    refused = visitor.ask(
        "POST",
        preferences_path(app, ada),
        data={"follow": "everything", "no_match": "note"},
        files={"topics": ("a.txt", b"training")},
        headers={"Origin": BASE},
    )
    assert refused.status_code == 422
    assert digest_of_rows(app.database) == before


def test_what_was_sent_is_never_shown_as_markup(app: App, visitor: Visitor, ada: str) -> None:
    hostile = "<script>alert(1)</script>"
    sent = FINE | {"topics": [hostile], hostile: hostile, "no_match": hostile}
    assert "alert(1)" not in visitor.send_form(preferences_path(app, ada), sent).text


def test_a_merged_topic_is_shown_and_kept_as_what_it_became(old_list: App) -> None:
    ada = a_reader(old_list.database, "ada@example.org", "old-name")
    visitor, path = Visitor.of(old_list), preferences_path(old_list, ada)
    fields = filled(visitor.get(path))
    assert fields["topics"] == ["training"]
    assert visitor.send_form(path, fields).status_code == 200
    assert stored(old_list, ada).chosen_topics == ["training"]


def test_a_retired_topic_is_kept_until_its_reader_gives_it_up(old_list: App) -> None:
    ada = a_reader(old_list.database, "ada@example.org", "given-up", "empathy")
    visitor, path = Visitor.of(old_list), preferences_path(old_list, ada)
    fields = filled(visitor.get(path))
    assert fields["topics"] == ["empathy", "given-up"]
    visitor.send_form(path, fields)
    assert set(stored(old_list, ada).chosen_topics) == {"empathy", "given-up"}
    fields["topics"] = ["given-up"]
    assert visitor.send_form(path, fields).status_code == 200
    assert stored(old_list, ada).chosen_topics == ["given-up"]
    fields["topics"] = ["empathy"]
    assert visitor.send_form(path, fields).status_code == 200
    assert stored(old_list, ada).chosen_topics == ["empathy"]
    assert "Given Up" not in visitor.get(path).text


def test_a_retired_topic_can_be_chosen_by_nobody_new(old_list: App) -> None:
    ada = a_reader(old_list.database, "ada@example.org", "given-up")
    fields = FINE | {"topics": ["given-up", "given-up-too"], "offered": "given-up"}
    refused = Visitor.of(old_list).send_form(preferences_path(old_list, ada), fields)
    assert refused.status_code == 422
    assert stored(old_list, ada).chosen_topics == ["given-up"]


def test_a_link_lasts_thirteen_months_and_then_says_so(
    app: App, visitor: Visitor, ada: str
) -> None:
    for days, status in ((390, 200), (398, 410)):
        token = app.signer.preferences_token(ada, now=utc_now() - timedelta(days=days))
        for answer in (
            visitor.get(f"/preferences/{token}"),
            visitor.send_form(f"/preferences/{token}", FINE),
        ):
            assert answer.status_code == status
    assert "thirteen months" in answer.text
    assert "newest letter" in answer.text
    assert "letter@example.org" in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_who_has_left_is_told_that_there_is_nothing_to_choose(
    app: App, visitor: Visitor, ada: str
) -> None:
    visitor.post(leave_path(app, ada))
    before = digest_of_rows(app.database)
    for answer in (
        visitor.get(preferences_path(app, ada)),
        visitor.send_form(preferences_path(app, ada), FINE),
    ):
        assert (answer.status_code, "subscription has ended" in answer.text) == (410, True)
    assert digest_of_rows(app.database) == before
    assert stored(app, ada).status is SubscriberStatus.ENDED


def test_a_forged_link_or_one_for_leaving_is_no_page(app: App, visitor: Visitor, ada: str) -> None:
    token = app.signer.preferences_token(ada, now=utc_now())
    name, day, signature = token.split(".")
    longer = f"{name}.{int(day) + 100}.{signature}"
    nobody = app.signer.preferences_token(new_public_id(), now=utc_now())
    for wrong in (longer, token[:-1], f"{name}.{signature}", app.signer.leave_token(ada), nobody):
        assert visitor.get(f"/preferences/{wrong}").status_code == 404
        assert visitor.send_form(f"/preferences/{wrong}", FINE).status_code == 404
    assert stored(app, ada).chosen_topics == [EMPATHY]


def test_the_page_never_shows_the_address_in_full(app: App, visitor: Visitor, ada: str) -> None:
    path = preferences_path(app, ada)
    for answer in (visitor.get(path), visitor.send_form(path, FINE), visitor.send_form(path, {})):
        assert "ada@example.org" not in answer.text
        assert "a•••@example.org" in answer.text


ELSEWHERE: dict[str, dict[str, str]] = {
    "no page at all": {},
    "another site": {"Origin": "https://evil.example.net"},
    "a site whose name begins alike": {"Origin": f"{BASE}.evil.example.net"},
    "our name without its lock": {"Origin": "http://letter.example.org"},
    "another port": {"Origin": f"{BASE}:8443"},
    "a page without an origin": {"Origin": "null"},
    "another site, says the browser": {"Origin": BASE, "Sec-Fetch-Site": "cross-site"},
    "a neighbour, says the browser": {"Origin": BASE, "Sec-Fetch-Site": "same-site"},
    "a bookmark": {"Sec-Fetch-Site": "none"},
}


def test_a_form_sent_from_elsewhere_is_refused(app: App, visitor: Visitor, ada: str) -> None:
    for why, headers in ELSEWHERE.items():
        answer = visitor.ask("POST", preferences_path(app, ada), data=FINE, headers=headers)
        assert answer.status_code == 403, why
    assert stored(app, ada).chosen_topics == [EMPATHY]


@pytest.mark.parametrize("headers", [{"Origin": BASE}, {"Sec-Fetch-Site": "same-origin"}])
def test_a_form_of_our_own_page_is_taken_from_old_browsers_and_new(
    app: App, visitor: Visitor, ada: str, headers: dict[str, str]
) -> None:
    answer = visitor.ask("POST", preferences_path(app, ada), data=FINE, headers=headers)
    assert answer.status_code == 200


def test_what_is_chosen_while_leaving_does_not_bring_a_reader_back(
    app: App, visitor: Visitor, ada: str
) -> None:
    leave(app.database, ada, how="page", now=utc_now())
    visitor.send_form(preferences_path(app, ada), FINE)
    assert stored(app, ada).status is SubscriberStatus.ENDED


def test_a_choice_stored_under_a_slug_that_is_listed_twice_is_ticked_once(old_list: App) -> None:
    ada = a_reader(old_list.database, "ada@example.org", "old-name", "training")
    shown = Visitor.of(old_list).get(preferences_path(old_list, ada))
    assert ticked(shown)["topics"] == ["training"]


def test_a_reader_whose_row_was_emptied_sees_no_form(app: App, visitor: Visitor, ada: str) -> None:
    with app.database.write() as session:
        ended = {"email": None, "address_key": None, "status": SubscriberStatus.ENDED}
        session.execute(update(Subscriber).where(Subscriber.public_id == ada).values(**ended))
        session.execute(update(Preference).values(ended_at=utc_now()))
    assert visitor.get(preferences_path(app, ada)).status_code == 410


def ticked(page: Response) -> dict[str, list[str]]:
    """Read the form as a browser would send it."""
    form = page_of(page).forms[0]
    fields: dict[str, list[str]] = {"follow": [], "topics": [], "no_match": []}
    for name, value in form.form_values():
        if name in fields:
            fields[name].append(value)
    return fields


def filled(page: Response) -> dict[str, Any]:
    """Read the whole form as a browser would send it."""
    fields: dict[str, Any] = {"topics": []}
    for name, value in page_of(page).forms[0].form_values():
        if name == "topics":
            fields["topics"].append(value)
        else:
            fields[name] = value
    return fields


def stored(app: App, public_id: str) -> Subscriber:
    found = reader(app.database, public_id)
    assert found is not None
    return found


def test_a_pause_and_a_name_are_saved_and_their_effect_is_said(
    app: App, visitor: Visitor, ada: str
) -> None:
    path = preferences_path(app, ada)
    page = visitor.get(path)
    months = [o.get("value") for o in page_of(page).forms[0].xpath(".//option")]
    assert len(months) == 13
    saved = visitor.send_form(path, filled(page) | {"paused_until": months[3], "name": " Ada  L. "})
    assert "Your letters rest; the next one is planned for" in saved.text
    assert (stored(app, ada).paused_until, stored(app, ada).name) == (months[3], "Ada L.")
    assert filled(visitor.get(path))["paused_until"] == months[3]
    again = visitor.send_form(path, filled(visitor.get(path)) | {"paused_until": "", "name": ""})
    assert "Saved. Your next letter is planned for " in again.text
    assert (stored(app, ada).paused_until, stored(app, ada).name) == (None, None)


@time_machine.travel("2026-11-23T14:00+00:00", tick=False)
def test_the_next_letter_after_saving_passes_over_a_month_that_is_skipped(
    app: App, visitor: Visitor
) -> None:
    path = preferences_path(app, a_reader(app.database, "bo@example.org"))
    saved = visitor.send_form(path, FINE)
    assert "Your next letter is planned for Tuesday 8 December 2026." in saved.text
    skip(app.newsroom, Month("2026-12"), who="test", now=utc_now())
    saved = visitor.send_form(path, FINE)
    assert "Your next letter is planned for Tuesday 12 January 2027." in saved.text


@pytest.mark.parametrize("month", ["2020-01", "2099-01", "soon", "2027-13"])
def test_a_pause_that_is_not_offered_is_refused(
    app: App, visitor: Visitor, ada: str, month: str
) -> None:
    refused = visitor.send_form(preferences_path(app, ada), FINE | {"paused_until": month})
    assert refused.status_code == 422
    assert stored(app, ada).paused_until is None


@pytest.mark.parametrize("name", ["x" * 101, "win at www.example.net", "a@b", "https://x", "a\0b"])
def test_a_name_that_could_be_an_advertisement_is_refused_beside_its_field(
    app: App, visitor: Visitor, ada: str, name: str
) -> None:
    refused = visitor.send_form(preferences_path(app, ada), FINE | {"name": name})
    assert refused.status_code == 422
    field = page_of(refused).xpath("//input[@name='name']")[0]
    assert field.get("aria-invalid") == "true"
    assert page_of(refused).get_element_by_id(field.get("aria-describedby")).get("role") == "alert"
    assert stored(app, ada).name == "Ada"


@pytest.mark.parametrize("name", ["x" * 200, "Ada (ada@example.net)", "<Ada>"])
def test_a_name_that_a_list_brought_keeps_nothing_from_being_saved(
    app: App, visitor: Visitor, name: str
) -> None:
    bo = a_reader(app.database, "bo@example.org", EMPATHY, name=name)
    path = preferences_path(app, bo)
    saved = visitor.send_form(path, filled(visitor.get(path)) | {"topics": [TRAINING]})
    assert saved.status_code == 200
    assert (stored(app, bo).chosen_topics, stored(app, bo).name) == ([TRAINING], name)
    changed = visitor.send_form(path, filled(visitor.get(path)) | {"name": f"{name}@"})
    assert changed.status_code == 422


def test_what_signing_up_takes_as_a_name_the_choices_take_and_nothing_else(
    app: App, visitor: Visitor, ada: str
) -> None:
    fields = [visitor.get(path) for path in ("/subscribe", "/", preferences_path(app, ada))]
    most = {page_of(shown).xpath("//input[@name='name']/@maxlength")[0] for shown in fields}
    assert most == {"100"}
    for name in ("x" * 100, "x" * 101, "Ada @ Home", "Ada Moreau, PhD", "see www.example.net"):
        signed_up = visitor.send_form("/subscribe", a_sign_up(app, "new@example.org", name=name))
        chosen = visitor.send_form(preferences_path(app, ada), FINE | {"name": name})
        assert signed_up.status_code == chosen.status_code, name


def test_what_choices_mean_is_shown_and_nothing_is_saved(
    app: App, visitor: Visitor, ada: str
) -> None:
    publish(
        app,
        a_summary("On Training?", topics=[TRAINING]),
        a_summary("On Empathy?", topics=[EMPATHY]),
        a_summary("On Alliance?", topics=[ALLIANCE]),
    )
    before = digest_of_rows(app.database)
    shown = visitor.send_form(
        preferences_path(app, ada), FINE | {"topics": [TRAINING, ALLIANCE], "do": "show"}
    )
    assert shown.status_code == 200
    assert "Of the last 12 months’ 3 summaries you would have got 2." in shown.text
    assert "Nothing is saved yet" in shown.text
    assert "On Training?" in shown.text
    assert "On Empathy?" not in shown.text
    assert set(ticked(shown)["topics"]) == {TRAINING, ALLIANCE}
    assert digest_of_rows(app.database) == before


def test_an_old_page_turns_no_topic_that_it_did_not_offer(app: App, visitor: Visitor) -> None:
    ada = a_reader(app.database, "old@example.org", EMPATHY, TRAINING)
    old = FINE | {"offered": f"{EMPATHY} {ALLIANCE}", "topics": [ALLIANCE]}
    assert visitor.send_form(preferences_path(app, ada), old).status_code == 200
    assert set(stored(app, ada).chosen_topics) == {TRAINING, ALLIANCE}


def test_a_topic_retired_since_the_page_was_made_is_begun_by_nobody(old_list: App) -> None:
    visitor = Visitor.of(old_list)
    ada = a_reader(old_list.database, "ada@example.org", "empathy")
    path = preferences_path(old_list, ada)
    old = FINE | {"offered": "empathy given-up", "topics": ["empathy", "given-up"]}
    assert visitor.send_form(path, old).status_code == 200
    assert stored(old_list, ada).chosen_topics == ["empathy"]
    only = visitor.send_form(path, old | {"topics": ["given-up"]})
    assert (only.status_code, "choose at least one topic" in only.text) == (422, True)
    assert stored(old_list, ada).chosen_topics == ["empathy"]


def test_the_script_runs_on_this_page_alone(app: App, visitor: Visitor, ada: str) -> None:
    page = visitor.get(preferences_path(app, ada))
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert page_of(page).xpath("//script/@src") == ["/preferences.js"]
    assert page_of(page).xpath("//script[not(@src)]|//@onclick|//@style|//style") == []
    script = visitor.get("/preferences.js")
    assert script.headers["content-type"].startswith("text/javascript")
    assert len(script.text) < 4000
    assert "script-src" not in visitor.get("/").headers["content-security-policy"]


def test_a_link_made_void_offers_a_fresh_one_to_the_address_on_file(
    app: App, visitor: Visitor, ada: str
) -> None:
    path = preferences_path(app, ada)
    with app.database.write() as session:
        session.execute(update(Subscriber).values(token_epoch=1))
    closed = visitor.get(path)
    assert closed.status_code == 410
    form = page_of(closed).forms[0]
    answer = visitor.send_form(form.get("action"), dict(form.form_values()))
    assert (answer.status_code, "look into your mailbox" in answer.text) == (200, True)
    with app.database.read() as session:
        (mail,) = session.scalars(select(ServiceMail)).all()
    assert (mail.kind, mail.recipient) == ("fresh_link", "ada@example.org")
    fresh = re.findall(r"https://\S+/preferences/(\S+)", mail.text)
    assert [visitor.get(f"/preferences/{token}").status_code for token in fresh] == [200, 200]
