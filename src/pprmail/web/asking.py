"""Asking for a link: by an address that is typed, or by a link that was good once."""

from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import Response

from pprmail.errors import NotFoundError
from pprmail.services.fresh_links import mail_link_of, mail_link_to
from pprmail.sources.subscriber_list import checked_address
from pprmail.web.answers import app_of, personal_page
from pprmail.web.forms import fields_of
from pprmail.web.opening import again_after, asked_by

NO_ADDRESS: Final = "Please give an address that mail can go to, like name@example.org."


class Wish(BaseModel):
    """The form: an address, or a link with the wish to make older ones void."""

    model_config = ConfigDict(extra="forbid")
    email: str = Field("", max_length=320)
    token: str = Field("", max_length=200)
    void: str = Field("", max_length=10)


class AskingForLink(HTTPEndpoint):
    """The page for whoever has no link at hand."""

    def get(self, request: Request) -> Response:
        """Show the form."""
        return _page(request)

    async def post(self, request: Request) -> Response:
        """Mail a link to the address on file, if there is one; the answer is always the same."""
        return await run_in_threadpool(_mail, request, await fields_of(request))


def _mail(request: Request, fields: dict[str, Any]) -> Response:
    try:
        wish = Wish.model_validate(fields)
        if wish.token:
            _mail_of(request, wish)
        else:
            _mail_to(request, checked_address(wish.email))
    except (ValidationError, ValueError):
        return _page(request, status=422, problem=NO_ADDRESS)
    return link_mailed(request)


def link_mailed(request: Request) -> Response:
    """Say that a mail is on its way if one may go, and when to ask again."""
    title, again = "Please look into your mailbox", again_after(request)
    return personal_page(request, "link_mailed", title=title, again=again)


def _mail_to(request: Request, address: str) -> None:
    app, asked = app_of(request), asked_by(request)
    mail_link_to(app.database, address, asked=asked, correspondence=app.correspondence)


def _mail_of(request: Request, wish: Wish) -> None:
    # Older links become void on the page that the mail leads to, not here: a stranger with an old
    # letter could otherwise close the owner's links again and again. All he can do is to have the
    # owner get a mail, and that seldom.
    app, asked = app_of(request), asked_by(request, asks_to_void=bool(wish.void))
    opened = app.signer.whose(wish.token)
    if opened is None:
        raise NotFoundError("this link does not open")
    mail_link_of(app.database, opened.public_id, asked=asked, correspondence=app.correspondence)


def _page(request: Request, *, status: int = 200, problem: str = "") -> Response:
    title = "Your choices and your data"
    return personal_page(request, "ask_link", status=status, title=title, problem=problem)
