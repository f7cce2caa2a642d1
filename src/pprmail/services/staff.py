"""The staff: everything about the people at the desk, put together once."""

from dataclasses import dataclass

from pprmail.model.link import Signer
from pprmail.rendering.service_mail import ServiceMails
from pprmail.services.accounts import Accounts
from pprmail.services.attempts import Attempts
from pprmail.services.passwords import Passwords
from pprmail.services.people import People
from pprmail.services.signing_in import SignIns
from pprmail.storage.database import Database


@dataclass(frozen=True)
class Staff:
    """How editors come in, who they are, and what they choose for themselves."""

    sign_ins: SignIns
    people: People
    accounts: Accounts

    @classmethod
    def of(
        cls, database: Database, mails: ServiceMails, signer: Signer, passwords: Passwords
    ) -> "Staff":
        """Put it together."""
        return cls(
            SignIns(database, Attempts(signer), mails, passwords),
            People(database, mails),
            Accounts(database, passwords, mails),
        )
