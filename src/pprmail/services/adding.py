"""Adding: an editor writes down one reader, who has agreed, or is asked by mail to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pprmail.model.subscriber import SubscriberStatus, address_key
from pprmail.model.topic import Topics
from pprmail.services.enrolment import Registrar
from pprmail.services.inviting import Asking, invite_reader
from pprmail.services.signing_up import SignUps
from pprmail.sources.addresses import checked_address
from pprmail.sources.subscriber_list import Origin, one_subscriber
from pprmail.storage.database import Database
from pprmail.storage.subscribers import subscriber_with_key


@dataclass(frozen=True)
class Added:
    """Who was added; or, where nobody was, why not. `known` is who has this address already."""

    public_id: str = ""
    known: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Front:
    """What adding works with."""

    registrar: Registrar
    sign_ups: SignUps
    topics: Topics

    @property
    def database(self) -> Database:
        """The rows."""
        return self.registrar.database

    @property
    def zone(self) -> ZoneInfo:
        """Where the days of the newsletter begin."""
        return self.sign_ups.correspondence.mails.masthead.zone


def add_reader(front: Front, given: Mapping[str, str], *, who: str, now: datetime) -> Added:
    """Add a reader who is not known yet, or add to what is known of one who waits.

    `given` has the columns of a list. Without a consent_source, no letter goes there yet.
    """
    try:
        key = address_key(checked_address(given.get("email", "")))
    except ValueError:
        return Added(problem="Please write a whole email address, such as name@example.org.")
    found = _public_id(front.database, key)
    if found and found[1] is not SubscriberStatus.PENDING:
        return Added(known=found[0], problem="This address is known already.")
    filled = {column: text for column, text in given.items() if text}
    line = one_subscriber(filled, front.topics, zone=front.zone, origin=Origin.EDITOR)
    result = front.registrar.enrol(line, who=who, now=now) if line.lines else None
    refused = result.refused if result else line.refused
    if refused:
        return Added(problem=_sentence(refused[0].reason))
    added = _public_id(front.database, key)
    return Added(public_id=added[0] if added else "")


def add_and_invite(
    front: Front, given: Mapping[str, str], asking: Asking, *, now: datetime
) -> Added:
    """Add a reader and mail the link by which this person agrees."""
    added = add_reader(front, given, who=asking.who, now=now)
    if added.public_id:
        invite_reader(front.sign_ups, added.public_id, asking, now=now)
    return added


def _public_id(database: Database, key: str) -> tuple[str, SubscriberStatus] | None:
    with database.read() as session:
        found = subscriber_with_key(session, key)
        return (found.public_id, found.status) if found else None


def _sentence(reason: str) -> str:
    return f"{reason[:1].upper()}{reason[1:]}."
