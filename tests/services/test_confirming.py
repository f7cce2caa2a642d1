"""A link that was mailed begins one subscription, once, while its time lasts."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from sqlalchemy import select, update

from making import (
    EMPATHY,
    NOW,
    TRAINING,
    a_newsroom,
    a_reader,
    a_summary,
    an_approved_issue,
    stored,
)
from pprmail.model.confirmation import Confirmation, ConfirmationKind, Standing
from pprmail.model.issue import IssueState
from pprmail.model.subscriber import ConsentKind, EndReason, SubscriberStatus
from pprmail.services.confirming import confirm, look
from pprmail.services.leaving import leave
from pprmail.storage.database import Database
from pprmail.storage.issues import issue_for_change
from pprmail.storage.tables import AuditEntry
from services.signing import (
    ADDRESS,
    DAY,
    WORDING,
    ask,
    asked,
    found,
    kinds,
    mails,
    press,
    sign_ups,
    welcoming,
)


def test_one_press_begins_what_was_asked_for(database: Database) -> None:
    ask(database, ADDRESS, EMPATHY, name="Ada")
    assert press(database, now=NOW + DAY).standing is Standing.DONE
    ada = found(database)
    assert (ada.status, ada.chosen_topics, ada.name) == (SubscriberStatus.ACTIVE, [EMPATHY], "Ada")
    assert not ada.follows_all


def test_a_consent_says_when_where_how_and_to_which_words(database: Database) -> None:
    ask(database)
    press(database, now=NOW + DAY)
    (consent,) = found(database).consents
    assert (consent.at, consent.confirmed_at) == (NOW, NOW + DAY)
    assert consent.how == "sign-up form, confirmed by a link mailed to the address"
    assert consent.page == "https://letter.example.org/subscribe"
    assert (consent.wording, consent.wording_version) == (WORDING, "23c99c4ad3e9")
    assert consent.kind is ConsentKind.EXPRESS


def test_a_second_press_shows_the_same_and_changes_and_mails_nothing(database: Database) -> None:
    ask(database)
    first, second = press(database), press(database, now=NOW + DAY)
    assert first.standing is second.standing is Standing.DONE
    assert len(found(database).consents) == 1
    assert kinds(database) == ["confirmation", "welcome"]


def test_the_beginning_is_noted(database: Database) -> None:
    ask(database)
    press(database)
    with database.read() as session:
        lines = session.scalars(select(AuditEntry).where(AuditEntry.what.contains("confirmed")))
        assert [line.subject for line in lines] == [found(database).public_id]


def test_the_welcome_names_topics_the_next_letter_and_both_links(database: Database) -> None:
    ask(database, ADDRESS, EMPATHY)
    press(database)
    text = mails(database)[-1].text
    reader = found(database).public_id
    for words in (
        "- Empathy",
        "Tuesday 8 December 2026",
        f"/preferences/{reader}.",
        "/unsubscribe/",
    ):
        assert words in text


def test_the_welcome_leads_to_the_newest_letter_that_was_published(database: Database) -> None:
    ask(database)
    for month in ("2026-09", "2026-08"):
        stored(database, a_summary(f"Of {month}?", month=month))
    an_approved_issue(a_newsroom(database), a_summary(month="2026-11"))
    press(database)
    text = " ".join(mails(database)[-1].text.split())
    assert "Read the letter of September 2026 in the meantime" in text
    assert "https://letter.example.org/archive/2026-09" in text
    assert "2026-11" not in text


def test_before_the_first_letter_the_welcome_names_none(database: Database) -> None:
    ask(database)
    press(database)
    assert "in the meantime" not in mails(database)[-1].text


def test_links_of_a_welcome_are_of_the_readers_present_epoch(database: Database) -> None:
    a_reader(database, ADDRESS, status=SubscriberStatus.PENDING)
    ask(database)
    with database.write() as session:
        session.merge(found(database)).void_links()
    press(database)
    assert re.search(r"/preferences/[\w-]{22}\.\d+\.1\.", mails(database)[-1].text)


def test_after_seven_days_the_link_begins_nothing_and_a_fresh_one_does(database: Database) -> None:
    ask(database, ADDRESS, EMPATHY, name="Ada")
    late = NOW + timedelta(days=7, seconds=1)
    assert press(database, now=late).standing is Standing.EXPIRED
    assert found(database).status is SubscriberStatus.PENDING
    assert sign_ups(database).ask_again(asked(database), network="192.0.2.0/24", now=late)
    assert press(database, now=late).standing is Standing.DONE
    assert (found(database).chosen_topics, found(database).name) == ([EMPATHY], "Ada")


def test_until_the_last_moment_it_begins(database: Database) -> None:
    ask(database)
    assert press(database, now=NOW + timedelta(days=7)).standing is Standing.DONE


def test_a_link_that_is_still_good_is_not_mailed_again(database: Database) -> None:
    ask(database)
    later = NOW + 2 * DAY
    assert sign_ups(database).ask_again(asked(database), network="192.0.2.0/24", now=later)
    assert sign_ups(database).ask_again("nobody", network="192.0.2.0/24", now=later)
    assert kinds(database) == ["confirmation"]


def test_of_two_open_links_the_first_press_counts_and_closes_the_other(database: Database) -> None:
    ask(database, ADDRESS, EMPATHY)
    ask(database, ADDRESS, TRAINING, now=NOW + DAY)
    first, second = asked(database, 0), asked(database, 1)
    press(database, second, now=NOW + DAY)
    assert press(database, first, now=NOW + DAY).standing is Standing.DONE
    assert found(database).chosen_topics == [TRAINING]
    assert kinds(database) == ["confirmation", "confirmation", "welcome"]


def test_who_left_is_brought_back_neither_by_a_used_link_nor_by_another_that_is_open(
    database: Database,
) -> None:
    ask(database)
    ask(database, now=NOW + DAY)
    press(database, now=NOW + DAY)
    leave(database, found(database).public_id, how="page", now=NOW + 2 * DAY)
    for number in (0, 1):
        seen = press(database, asked(database, number), now=NOW + 3 * DAY)
        assert seen.standing is Standing.CLOSED
    assert found(database).status is SubscriberStatus.ENDED


def test_who_complains_of_the_very_mail_is_not_brought_back(database: Database) -> None:
    a_reader(database, ADDRESS)
    leave(database, found(database).public_id, how="page", now=NOW - DAY)
    ask(database)
    with database.write() as session:
        session.merge(found(database)).end(EndReason.COMPLAINED, now=NOW + DAY)
    assert press(database, now=NOW + DAY).standing is Standing.CLOSED


def test_a_reader_of_today_who_confirms_chooses_anew_and_is_not_welcomed_twice(
    database: Database,
) -> None:
    a_reader(database, ADDRESS, EMPATHY, status=SubscriberStatus.PENDING)
    ask(database, ADDRESS, TRAINING)
    with database.write() as session:
        session.merge(found(database)).status = SubscriberStatus.ACTIVE
    press(database)
    assert found(database).chosen_topics == [TRAINING]
    assert kinds(database) == ["confirmation"]


def test_looking_changes_nothing(database: Database) -> None:
    ask(database)
    seen = look(database, asked(database), now=NOW)
    assert seen is not None
    assert seen.standing is Standing.OPEN
    assert found(database).status is SubscriberStatus.PENDING
    assert look(database, "nobody", now=NOW) is None


def test_a_topic_that_is_no_longer_listed_is_left_out(database: Database) -> None:
    ask(database, ADDRESS, EMPATHY)
    with database.write() as session:
        session.execute(update(Confirmation).values(topics=[EMPATHY, "vanished"]))
    press(database)
    assert found(database).chosen_topics == [EMPATHY]


def test_a_pause_from_before_does_not_outlast_a_return(database: Database) -> None:
    a_reader(database, ADDRESS)
    with database.write() as session:
        reader = session.merge(found(database))
        reader.paused_until = "2027-03"
        reader.end(EndReason.UNSUBSCRIBED, now=NOW - DAY)
    ask(database)
    press(database)
    assert found(database).paused_until is None


def test_the_next_letter_is_the_next_that_a_new_reader_gets(sqlite: Database) -> None:
    assert welcoming(sqlite).next_letter(now=NOW) == "Tuesday 8 December 2026"
    newsroom = a_newsroom(sqlite)
    name = an_approved_issue(newsroom, a_summary(month="2026-12"))
    assert welcoming(sqlite).next_letter(now=NOW) == "Tuesday 8 December 2026"
    with sqlite.write() as session:
        issue_for_change(session, name).state = IssueState.SENDING
    assert welcoming(sqlite).next_letter(now=NOW) == "Tuesday 12 January 2027"


def test_nobody_confirms_what_nobody_asked_for(sqlite: Database) -> None:
    assert confirm(sqlite, "nobody", welcoming=welcoming(sqlite), now=NOW) is None


def test_of_many_presses_at_once_one_begins(database: Database) -> None:
    ask(database)
    public_id = asked(database)
    with ThreadPoolExecutor(6) as threads:
        seen = list(threads.map(lambda _: press(database, public_id), range(6)))
    assert {each.standing for each in seen} == {Standing.DONE}
    assert len(found(database).consents) == 1
    assert kinds(database) == ["confirmation", "welcome"]


def test_a_change_of_address_is_confirmed_elsewhere(database: Database) -> None:
    ask(database)
    with database.write() as session:
        session.execute(update(Confirmation).values(kind=ConfirmationKind.ADDRESS))
    assert look(database, asked(database), now=NOW) is None
    assert confirm(database, asked(database), welcoming=welcoming(database), now=NOW) is None
    assert found(database).status is SubscriberStatus.PENDING
