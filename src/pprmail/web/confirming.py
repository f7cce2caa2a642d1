"""Confirming: the page behind the link of a confirmation, with one button."""

from datetime import datetime

from starlette.concurrency import run_in_threadpool
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import Response

from pprmail.bootstrap import App, utc_now
from pprmail.errors import NotFoundError
from pprmail.model.confirmation import Standing
from pprmail.model.link import LinkProblem
from pprmail.services.confirming import Seen, confirm, look
from pprmail.web.answers import app_of, personal_page
from pprmail.web.forms import fields_of
from pprmail.web.signing_up import asked, busy
from pprmail.web.visitors import network_asking

TITLES = {
    Standing.OPEN: "One press, and the letter comes",
    Standing.DONE: "You are subscribed",
    Standing.EXPIRED: "This link is too old",
    Standing.CLOSED: "This link is closed",
}


class Confirming(HTTPEndpoint):
    """The page behind the link that was mailed to the owner of an address."""

    def get(self, request: Request) -> Response:
        """Show the button; looking changes nothing, whoever looks."""
        now = utc_now()
        return _page(request, look(app_of(request).database, _public_id(request), now=now), now)

    async def post(self, request: Request) -> Response:
        """Begin the subscription, or mail a fresh link in the place of one that is too old."""
        sent = await fields_of(request)
        act = _ask_again if sent.get("again") else _confirm
        return await run_in_threadpool(act, request, utc_now())


def _confirm(request: Request, now: datetime) -> Response:
    app, public_id = app_of(request), _public_id(request)
    seen = confirm(app.database, public_id, welcoming=app.welcoming, now=now)
    return _page(request, seen, now)


def _ask_again(request: Request, now: datetime) -> Response:
    app, public_id = app_of(request), _public_id(request)
    seen = look(app.database, public_id, now=now)
    if seen is None or seen.standing is not Standing.EXPIRED:
        return _page(request, seen, now)
    if not app.sign_ups.ask_again(public_id, network=network_asking(request), now=now):
        return busy(request)
    return asked(request, seen.reader.email or "")


def _page(request: Request, seen: Seen | None, now: datetime) -> Response:
    app = app_of(request)
    standing = seen.standing if seen else Standing.CLOSED
    is_gone = standing in {Standing.EXPIRED, Standing.CLOSED}
    return personal_page(
        request,
        "confirm",
        status=410 if is_gone else 200,
        title=TITLES[standing],
        standing=standing,
        topics=app.topics.names(seen.confirmation.topics) if seen else [],
        consent=seen.confirmation.wording if seen else "",
        next_letter=app.welcoming.next_letter(now=now) if standing is Standing.DONE else "",
        preferences_url=_preferences_url(app, seen, now),
    )


def _preferences_url(app: App, seen: Seen | None, now: datetime) -> str:
    if seen is None or not seen.leads_on(now=now):
        return ""
    return app.correspondence.own_links(seen.reader, now=now)["preferences_url"]


def _public_id(request: Request) -> str:
    found = app_of(request).signer.read_confirm(request.path_params["token"])
    if isinstance(found, LinkProblem):
        raise NotFoundError("this link does not open")
    return found
