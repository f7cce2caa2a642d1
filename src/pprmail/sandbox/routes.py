"""The routes: which path and method leads to which endpoint."""

from pprmail.sandbox.account import Account
from pprmail.sandbox.api import Routes
from pprmail.sandbox.batches import Batches
from pprmail.sandbox.mail_send import MailSend
from pprmail.sandbox.suppressions import LISTS, Suppressions

MAIL_SEND = "/v3/mail/send"

_BATCH = "/v3/mail/batch"
_SCHEDULED = "/v3/user/scheduled_sends"
_SIGNED = "/v3/user/webhooks/event/settings/signed"
_ONE = "/([^/]+)"


def mail_routes(mail: MailSend, *, batches: Batches) -> Routes:
    """Lead to what sends, schedules and cancels."""
    held = {"GET": batches.look_up, "PATCH": batches.change, "DELETE": batches.release}
    return {
        MAIL_SEND: {"POST": mail.post},
        _BATCH: {"POST": batches.create},
        _BATCH + _ONE: {"GET": batches.validate},
        _SCHEDULED: {"GET": batches.list_held, "POST": batches.hold},
        _SCHEDULED + _ONE: held,
    }


def account_routes(account: Account, *, suppressions: Suppressions) -> Routes:
    """Lead to what only tells."""
    return {
        f"/v3/suppression/({'|'.join(LISTS)})": {"GET": suppressions.get},
        _SIGNED: {"GET": account.signed_webhook},
        _SIGNED + _ONE: {"GET": account.signed_webhook},
        "/v3/scopes": {"GET": account.scopes},
    }
