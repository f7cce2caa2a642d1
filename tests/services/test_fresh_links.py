from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from making import EMPATHY, NOW, a_reader
from pprmail.model.audience import NoMatch
from pprmail.model.subscriber import EndReason, Subscriber, SubscriberStatus, new_public_id
from pprmail.services.fresh_links import (
    Asked,
    mail_link_of,
    mail_link_to,
    mail_way_back,
    void_older,
)
from pprmail.services.leaving import leave
from pprmail.storage.database import Database
from pprmail.storage.tables import Confirmation, MailedLink
from services.signing import DAY, WORDING, ask, found, press, sign_ups
from services.test_subscriptions import CORRESPONDENCE, mails, stored

ADDRESS = "ada@example.org"


def test_a_link_goes_to_the_address_on_file_however_it_is_spelled(database: Database) -> None:
    a_reader(database, ADDRESS)
    mail_link_to(database, " ADA@Example.ORG", asked=asked(), correspondence=CORRESPONDENCE)
    (mail,) = mails(database)
    assert (mail.kind, mail.recipient) == ("fresh_link", ADDRESS)
    assert mail.text.count("https://letter.example.org/preferences/") == 2


def test_an_unknown_address_is_counted_alike_and_written_to_by_nobody(database: Database) -> None:
    mail_link_to(database, "nobody@example.org", asked=asked(), correspondence=CORRESPONDENCE)
    assert mails(database) == []
    assert counted(database) == 1


def test_an_address_gets_one_mail_a_day_and_three_in_thirty_days(database: Database) -> None:
    a_reader(database, ADDRESS)
    for hours in (0, 23, 25, 26, 50, 76, 100, 24 * 29):
        mail_link_to(database, ADDRESS, asked=asked(hours), correspondence=CORRESPONDENCE)
    assert len(mails(database)) == 3
    mail_link_to(database, ADDRESS, asked=asked(24 * 31), correspondence=CORRESPONDENCE)
    assert len(mails(database)) == 4


def test_bounds_hold_for_a_key_that_was_replaced(database: Database) -> None:
    old = CORRESPONDENCE.signer.digest("address", ADDRESS)
    with database.write() as session:
        session.add(MailedLink(kind="link", address=old, client="c", at=NOW))
    a_reader(database, ADDRESS)
    mail_link_to(database, ADDRESS, asked=asked(1), correspondence=CORRESPONDENCE)
    assert mails(database) == []


def test_rows_hold_neither_addresses_nor_networks(database: Database) -> None:
    mail_link_to(database, ADDRESS, asked=asked(), correspondence=CORRESPONDENCE)
    with database.read() as session:
        row = session.scalars(select(MailedLink)).one()
    assert "ada" not in row.address
    assert "192.0.2" not in row.client


@pytest.mark.parametrize("reason", EndReason)
def test_who_has_left_may_still_ask_but_for_who_complained(
    database: Database, reason: EndReason
) -> None:
    ada = a_reader(database, ADDRESS)
    with database.write() as session:
        ended = {"status": SubscriberStatus.ENDED, "end_reason": reason, "ended_at": NOW}
        session.execute(update(Subscriber).values(ended))
    mail_link_of(database, ada, asked=asked(), correspondence=CORRESPONDENCE)
    mail_way_back(sign_ups(database), ada, asked=asked(48))
    assert len(mails(database)) == (0 if reason is EndReason.COMPLAINED else 2)
    assert all(mail.reader is None for mail in mails(database))


def test_a_wish_to_make_older_links_void_changes_nothing_by_itself(database: Database) -> None:
    ada = a_reader(database, ADDRESS)
    wish = Asked(client="192.0.2.0/24", now=NOW, asks_to_void=True)
    mail_link_of(database, ada, asked=wish, correspondence=CORRESPONDENCE)
    assert "Make all older links void" in " ".join(mails(database)[0].text.split())
    assert stored(database, ada).token_epoch == 0
    assert void_older(database, ada, now=NOW) == 1
    assert void_older(database, new_public_id(), now=NOW) == 0


def test_the_way_back_stays_shut_until_it_is_confirmed(database: Database) -> None:
    ada = a_reader(database, ADDRESS, EMPATHY)
    leave(database, ada, how="page", now=NOW)
    mail_way_back(sign_ups(database), ada, asked=asked())
    mail_way_back(sign_ups(database), ada, asked=asked(1))
    (mail,) = mails(database)
    assert (mail.kind, mail.recipient) == ("confirmation", ADDRESS)
    assert stored(database, ada).status is SubscriberStatus.ENDED
    with database.read() as session:
        wanted = session.scalars(select(Confirmation)).one()
    assert (wanted.topics, wanted.kind) == ([EMPATHY], "sign_up")


def test_what_was_typed_into_a_form_uses_up_nothing_of_what_an_owner_asks_for(
    database: Database,
) -> None:
    ask(database, ADDRESS)
    press(database)
    ada = found(database, ADDRESS).public_id
    mail_link_to(database, ADDRESS, asked=asked(), correspondence=CORRESPONDENCE)
    mail_link_of(database, ada, asked=asked(), correspondence=CORRESPONDENCE)
    leave(database, ada, how="page", now=NOW)
    mail_way_back(sign_ups(database), ada, asked=asked())
    kinds = ["confirmation", "welcome", "fresh_link", "fresh_link", "confirmation"]
    assert [mail.kind for mail in mails(database)] == kinds


@pytest.mark.parametrize("sort", ["own link", "way back"])
def test_what_an_owner_asks_for_is_mailed_once_a_day_and_three_times_in_thirty(
    database: Database, sort: str
) -> None:
    ada = a_reader(database, ADDRESS)
    if sort == "way back":
        leave(database, ada, how="page", now=NOW)
    went: list[int] = []
    for hour in range(0, 32 * 24, 12):
        if sort == "way back":
            mail_way_back(sign_ups(database), ada, asked=asked(hour))
        else:
            mail_link_of(database, ada, asked=asked(hour), correspondence=CORRESPONDENCE)
        went += [hour // 24] if len(mails(database)) > len(went) else []
    assert went == [0, 1, 2, 30, 31]


def test_who_comes_back_agrees_to_the_words_of_a_sign_up_and_gets_what_was_chosen(
    database: Database,
) -> None:
    ada = a_reader(database, ADDRESS, EMPATHY, no_match=NoMatch.SKIP)
    leave(database, ada, how="page", now=NOW)
    mail_way_back(sign_ups(database), ada, asked=asked(1))
    press(database, now=NOW + DAY)
    back = found(database, ADDRESS)
    assert (back.chosen_topics, back.no_match) == ([EMPATHY], NoMatch.SKIP)
    consent = back.consents[-1]
    assert consent.how.startswith("the reader’s own wish after leaving")
    assert consent.page == "https://letter.example.org/unsubscribe"
    assert (consent.wording, consent.wording_version) == (WORDING, "23c99c4ad3e9")


def test_who_did_not_leave_needs_no_way_back(database: Database) -> None:
    ada = a_reader(database, ADDRESS)
    for name in (ada, new_public_id()):
        mail_way_back(sign_ups(database), name, asked=asked())
    assert mails(database) == []


def asked(hours: int = 0) -> Asked:
    now: datetime = NOW + timedelta(hours=hours)
    return Asked(client="192.0.2.0/24", now=now)


def counted(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(MailedLink)) or 0
