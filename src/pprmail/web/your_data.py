"""Your data: what only the owner of an address may do, with a link that was mailed on request."""

import json
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import Response

from pprmail.bootstrap import utc_now
from pprmail.errors import NotFoundError
from pprmail.model.link import LinkProblem
from pprmail.services.changing_address import (
    Change,
    address_asked_for,
    ask_address,
    confirm_address,
)
from pprmail.services.fresh_links import void_older
from pprmail.services.rights import erase, held
from pprmail.web.answers import PERSONAL, app_of, personal_page
from pprmail.web.failing import LinkClosedError
from pprmail.web.forms import fields_of
from pprmail.web.opening import again_after, asked_by, visit

FILE_NAME: Final = "what-we-hold-about-you.json"
NO_ADDRESS: Final = "Please give an address that mail can go to, like name@example.org."
CLOSED: Final = "It was used already, or is older than seven days."
TAKEN: Final = "This address gets the letter already, by a subscription of its own."


class NewAddress(BaseModel):
    """The form for another address."""

    model_config = ConfigDict(extra="forbid")
    email: str = Field(max_length=320)


def data(request: Request) -> Response:
    """Give everything that is held, as a file that programs read."""
    told = held(app_of(request).database, visit(request, owner=True).reader.public_id)
    headers = PERSONAL | {"Content-Disposition": f'attachment; filename="{FILE_NAME}"'}
    body = json.dumps(told, ensure_ascii=False, indent=2)
    return Response(body, media_type="application/json", headers=headers)


class Address(HTTPEndpoint):
    """Where a new address is asked for."""

    async def post(self, request: Request) -> Response:
        """Mail the new address what its owner is to confirm."""
        return await run_in_threadpool(_ask, request, await fields_of(request))


class OlderLinks(HTTPEndpoint):
    """Where all older links are made void."""

    async def post(self, request: Request) -> Response:
        """Make them void, and show the one that opens."""
        return await run_in_threadpool(_void, request)


class Erasure(HTTPEndpoint):
    """Where everything is erased."""

    def get(self, request: Request) -> Response:
        """Say what will happen."""
        opened = visit(request, owner=True)
        return personal_page(request, "erase", title="Erase my data", visit=opened)

    async def post(self, request: Request) -> Response:
        """Erase it."""
        return await run_in_threadpool(_erase, request)


class NewAddressConfirmed(HTTPEndpoint):
    """The page behind the link that was mailed to a new address."""

    def get(self, request: Request) -> Response:
        """Show the button; looking changes nothing."""
        asked = address_asked_for(app_of(request).database, _confirmation(request), now=utc_now())
        if asked is None:
            raise LinkClosedError(CLOSED)
        title = "Confirm your new address"
        return personal_page(request, "confirm_address", title=title, asked=asked)

    async def post(self, request: Request) -> Response:
        """Let letters go there from now on."""
        return await run_in_threadpool(_confirm, request)


def _ask(request: Request, fields: dict[str, Any]) -> Response:
    opened, app = visit(request, owner=True), app_of(request)
    try:
        wanted = NewAddress.model_validate(fields)
        name = opened.reader.public_id
        ask_address(app.sign_ups, name, wanted.email, asked=asked_by(request))
    except (ValidationError, ValueError):
        shown = {"title": "Your data", "visit": opened, "problem": NO_ADDRESS}
        return personal_page(request, "your_data", status=422, **shown)
    title, again = "Please look into your new mailbox", again_after(request)
    return personal_page(request, "address_asked", title=title, again=again)


def _void(request: Request) -> Response:
    opened, app = visit(request, owner=True), app_of(request)
    name, now = opened.reader.public_id, utc_now()
    epoch = void_older(app.database, name, now=now)
    fresh = app.signer.preferences_token(name, now=now, epoch=epoch)
    return personal_page(request, "void", title="Older links are void", token=fresh)


def _erase(request: Request) -> Response:
    opened, app = visit(request, owner=True), app_of(request)
    name = opened.reader.public_id
    erase(app.database, name, who="reader", signer=app.signer, now=utc_now())
    return personal_page(request, "erased", title="Your data is erased")


def _confirm(request: Request) -> Response:
    app, name = app_of(request), _confirmation(request)
    change = confirm_address(app.database, name, correspondence=app.correspondence, now=utc_now())
    if change is not Change.DONE:
        raise LinkClosedError(TAKEN if change is Change.TAKEN else CLOSED)
    return personal_page(request, "address_confirmed", title="Your address has changed")


def _confirmation(request: Request) -> str:
    found = app_of(request).signer.read_confirm(request.path_params["token"])
    if isinstance(found, LinkProblem):
        raise NotFoundError("this link does not open")
    return found
