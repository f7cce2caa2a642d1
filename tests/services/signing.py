"""What the tests of signing up share: the services on a database, and what they left there."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from making import MASTHEAD, NOW, SIGNER, TOPICS, a_newsroom
from pprmail.model.calendar import MonthlyTime
from pprmail.model.confirmation import Confirmation
from pprmail.model.record import Record
from pprmail.model.subscriber import Subscriber
from pprmail.rendering.service_mail import ServiceMails
from pprmail.rendering.shelf import Shelf
from pprmail.services.archive import Archive
from pprmail.services.bounds import Bounds
from pprmail.services.confirming import Seen, confirm
from pprmail.services.correspondence import Correspondence
from pprmail.services.signing_up import SignUps, Wish
from pprmail.services.welcoming import Welcoming
from pprmail.shipped import shipped
from pprmail.storage.audit import installation_id
from pprmail.storage.database import Database
from pprmail.storage.mails import claim_mail
from pprmail.storage.subscribers import subscriber_with_address
from pprmail.storage.tables import ServiceMail

ADDRESS = "ada@example.org"
WORDING = "Yes, send me the letter once a month."
CORRESPONDENCE = Correspondence(
    ServiceMails(Shelf([shipped("templates")]), MASTHEAD), SIGNER, TOPICS
)
DAY = timedelta(days=1)


def sign_ups(database: Database, bounds: Bounds | None = None) -> SignUps:
    with database.write() as session:
        installation_id(session, now=NOW)
    return SignUps(database, CORRESPONDENCE, bounds or Bounds(SIGNER), lambda: WORDING)


def welcoming(database: Database) -> Welcoming:
    archive = Archive(a_newsroom(database), "2026-10")
    return Welcoming(CORRESPONDENCE, archive, MonthlyTime.parse("2nd tue 09:00"))


def ask(
    database: Database,
    address: str = ADDRESS,
    *topics: str,
    now: datetime = NOW,
    network: str = "192.0.2.0/24",
    name: str | None = None,
) -> bool:
    wish = Wish(address, name, topics)
    return sign_ups(database).ask(wish, network=network, now=now)


def asked(database: Database, number: int = -1) -> str:
    """Give the public id of a confirmation, the newest by default."""
    with database.read() as session:
        return list(session.scalars(select(Confirmation.public_id).order_by(Confirmation.id)))[
            number
        ]


def press(database: Database, public_id: str = "", *, now: datetime = NOW) -> Seen:
    seen = confirm(database, public_id or asked(database), welcoming=welcoming(database), now=now)
    assert seen is not None
    return seen


def found(database: Database, address: str = ADDRESS) -> Subscriber:
    with database.read() as session:
        reader = subscriber_with_address(session, address)
        assert reader is not None
        _ = reader.preferences, reader.consents
        return reader


def mails(database: Database) -> list[ServiceMail]:
    with database.read() as session:
        return list(session.scalars(select(ServiceMail).order_by(ServiceMail.id)))


def kinds(database: Database) -> list[str]:
    return [mail.kind for mail in mails(database)]


def sent(database: Database, now: datetime = NOW) -> list[str]:
    """Claim whatever would go out; give the kinds."""
    claimed: list[str] = []
    while True:
        with database.write() as session:
            mail = claim_mail(session, now=now)
            if mail is None:
                return claimed
            claimed.append(mail.kind)


def count(database: Database, table: type[Record]) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0
