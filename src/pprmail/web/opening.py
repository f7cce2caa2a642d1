"""Opening readers' links: whom a link is for, and what is said where it opens nothing."""

from dataclasses import dataclass
from typing import Final

from starlette.requests import Request

from pprmail.bootstrap import utc_now
from pprmail.errors import NotFoundError
from pprmail.model.calendar import in_words
from pprmail.model.link import LinkProblem, Opened
from pprmail.model.reader import Reader
from pprmail.model.subscriber import SubscriberStatus
from pprmail.services.bounds import REST
from pprmail.services.fresh_links import Asked
from pprmail.services.subscriptions import reader_for_page
from pprmail.web.answers import app_of
from pprmail.web.failing import LinkClosedError
from pprmail.web.visitors import network_asking

EXPIRED: Final = "It was good for thirteen months. The newest letter holds a fresh one."
OWNERS_EXPIRED: Final = "It was good for 24 hours."
VOID: Final = "You made all older links void. The newest letter holds a fresh one."
ENDED: Final = "The subscription has ended: no letters come, and there is nothing to choose."
ERASED: Final = "What was held about you was erased, and no letters come."


@dataclass(frozen=True)
class Visit:
    """Who opened a link, with what it may do."""

    reader: Reader
    token: str
    is_owner: bool


def visit(request: Request, *, owner: bool = False) -> Visit:
    """Open the link of a request; `owner`: only the one that was mailed on request will do."""
    token = request.path_params["token"]
    found = app_of(request).signer.read_preferences(token, now=utc_now())
    if found is LinkProblem.EXPIRED:
        raise LinkClosedError(OWNERS_EXPIRED if token.startswith("o.") else EXPIRED, token=token)
    if isinstance(found, LinkProblem) or (owner and not found.is_owner):
        raise NotFoundError("this link does not open")
    return Visit(_reader(request, found, token), token, found.is_owner)


def asked_by(request: Request, *, asks_to_void: bool = False) -> Asked:
    """Say who asks for a mail: the network, and no more of it than bounds need."""
    network = network_asking(request)
    return Asked(client=network, now=utc_now(), asks_to_void=asks_to_void)


def again_after(request: Request) -> str:
    """Say when one may ask for the same mail again, whatever came of asking now."""
    return in_words(utc_now() + REST, app_of(request).newsroom.masthead.zone)


def _reader(request: Request, found: Opened, token: str) -> Reader:
    subscriber = reader_for_page(app_of(request).database, found.public_id)
    if subscriber is None:
        raise NotFoundError("this link does not open")
    if subscriber.is_erased:
        raise LinkClosedError(ERASED)
    if found.epoch != subscriber.token_epoch:
        raise LinkClosedError(VOID, token=token)
    if subscriber.status is SubscriberStatus.ENDED and not found.is_owner:
        raise LinkClosedError(ENDED, token=token)
    return subscriber
