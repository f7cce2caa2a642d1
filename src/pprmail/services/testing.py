"""Test letters: an edition to addresses of the editors' own, on a path that knows no list.

A test is no delivery: it carries nothing that the provider could report on as the issue, leaves the
issue as it is, and what is reported of it belongs to nobody.
"""

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from pprmail.errors import GuardError, NotFoundError, StateError
from pprmail.model.edition import Edition, name_of
from pprmail.model.issue import Issue
from pprmail.model.letter_test import LetterTest, LetterTestState, marked
from pprmail.model.subscriber import address_key
from pprmail.sending.envelope import Answer, Envelope, Receipt, Sender
from pprmail.sending.outbox import Outbox
from pprmail.services.dispatch.postroom import Postroom
from pprmail.services.given_reader import GivenReader
from pprmail.services.inert import inert_letter
from pprmail.services.newsroom import Newsroom
from pprmail.services.review import refresh_editions
from pprmail.sources.addresses import checked_address
from pprmail.storage.audit import note
from pprmail.storage.issues import issue_named, present_editions
from pprmail.storage.letter_tests import count_tests, last_tests

MOST_AT_ONCE: Final = 5
MOST_AN_HOUR: Final = 30
HOUR: Final = timedelta(hours=1)
SHOWN: Final = 20

CATEGORY: Final = "test"
"""What the provider files a test under, so that its own statistics of the letters stay true."""


@dataclass(frozen=True)
class Trial:
    """What is to be tested, and to whom; without a selection it is the fullest edition.

    `own` are the addresses of the editors themselves.
    """

    addresses: Sequence[str]
    own: Collection[str] = ()
    selection: int | None = None
    given: GivenReader | None = None


def send_test(postroom: Postroom, name: str, order: Trial, *, who: str) -> list[LetterTest]:
    """Send a test to each address, and say what became of each."""
    now = postroom.clock()
    addresses = allowed(postroom, order)
    if order.given and order.given.why_not:
        raise StateError(f"this reader gets no letter: {order.given.why_not}")
    refresh_editions(postroom.newsroom, name, now=now)
    with postroom.database.write() as session:
        issue = issue_named(session, name)
        edition = _edition(order, issue, present_editions(session, issue))
        if count_tests(session, since=now - HOUR) + len(addresses) > MOST_AN_HOUR:
            raise GuardError(
                f"more than {MOST_AN_HOUR} tests within an hour are not sent",
                remedy="wait an hour; the preview shows every edition without sending anything",
            )
        tests = [_under_way(issue, edition, address, who, now) for address in addresses]
        session.add_all(tests)
        told = {"edition": name_of(edition, issue), "addresses": len(tests)}
        note(session, "test sent", name, who=who, now=now, after=told)
    envelope = _envelope(postroom, issue, edition, order.given)
    with ThreadPoolExecutor(len(tests)) as hands:
        return list(hands.map(lambda test: _sent(postroom, test, envelope), tests))


def trials_so_far(newsroom: Newsroom, name: str) -> Sequence[LetterTest]:
    """Give the last tests of an issue, the newest first."""
    with newsroom.database.read() as session:
        return last_tests(session, issue_named(session, name), limit=SHOWN)


def allowed(postroom: Postroom, order: Trial) -> list[str]:
    """Give the addresses of an order, if each may be tested with; otherwise say which may not.

    That everybody may be written to makes nobody an editor: `*` in allowed_recipients names no one.
    """
    addresses = _written(order.addresses)
    if not 0 < len(addresses) <= MOST_AT_ONCE:
        raise GuardError(f"give one address, or up to {MOST_AT_ONCE}")
    own = {address_key(address) for address in order.own if address}
    foreign = [
        address
        for address in addresses
        if address_key(address) not in own and not postroom.rules.names(address)
    ]
    if foreign and not postroom.is_rehearsal:
        raise GuardError(
            f"tests go to the editors’ own addresses alone, not to {', '.join(foreign)}",
            remedy="take one of yours, or have it named in [delivery] allowed_recipients",
        )
    return addresses


def _written(addresses: Sequence[str]) -> list[str]:
    try:
        return list({address_key(each): checked_address(each) for each in addresses}.values())
    except ValueError as error:
        raise GuardError(str(error)) from None


def _edition(order: Trial, issue: Issue, editions: Sequence[Edition]) -> Edition:
    given = order.given
    wanted = given.reader.selection if given and given.reader else order.selection
    for edition in editions:
        if wanted is None or edition.selection == wanted:
            return edition
    raise NotFoundError(f"the issue of {issue.name} has no such edition")


def _envelope(
    postroom: Postroom, issue: Issue, edition: Edition, given: GivenReader | None
) -> Envelope:
    reader = given.reader if given else None
    letter = inert_letter(postroom, issue, edition, reader, now=postroom.clock())
    return replace(
        letter.envelope,
        subject=marked(letter.envelope.subject),
        recipients=[replace(letter.recipient, name=None)],
        categories=(CATEGORY,),
    )


def _under_way(issue: Issue, edition: Edition, address: str, who: str, now: datetime) -> LetterTest:
    return LetterTest(
        issue_id=issue.id,
        edition=name_of(edition, issue),
        fingerprint=edition.fingerprint,
        recipient=address,
        who=who,
        state=LetterTestState.UNDER_WAY,
        at=now,
    )


def _sent(postroom: Postroom, test: LetterTest, envelope: Envelope) -> LetterTest:
    recipient = replace(envelope.recipients[0], email=test.recipient)
    sender = _sender_for(postroom, test)
    receipt = sender.send(replace(envelope, recipients=[recipient]))
    state = _state(receipt, is_file=isinstance(sender, Outbox))
    with postroom.database.write() as session:
        kept = session.get_one(LetterTest, test.id)
        kept.state, kept.detail, kept.finished_at = state, receipt.detail, postroom.clock()
    return kept


def _sender_for(postroom: Postroom, test: LetterTest) -> Sender:
    if postroom.is_rehearsal or not postroom.rules.allows(test.recipient):
        return Outbox(postroom.outbox.folder / "tests" / str(test.id), postroom.clock)
    return postroom.sender


def _state(receipt: Receipt, *, is_file: bool) -> LetterTestState:
    if receipt.answer is Answer.ACCEPTED:
        return LetterTestState.WRITTEN if is_file else LetterTestState.ACCEPTED
    return LetterTestState.IN_DOUBT if receipt.answer is Answer.UNKNOWN else LetterTestState.REFUSED
