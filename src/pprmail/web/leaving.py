"""Leaving: a page with one button for a person, one request for a mail program (RFC 8058)."""

from asyncio import wrap_future
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from pprmail.bootstrap import utc_now
from pprmail.errors import NotFoundError
from pprmail.model.link import LinkProblem
from pprmail.model.reader import Reader
from pprmail.model.subscriber import SubscriberStatus
from pprmail.model.topic import Topic
from pprmail.services.fresh_links import mail_way_back
from pprmail.services.subscriptions import (
    give_up,
    reader_for_page,
    tell_why,
    topics_followed,
)
from pprmail.web.answers import PERSONAL, app_of, personal_page
from pprmail.web.asking import link_mailed
from pprmail.web.forms import fields_of
from pprmail.web.opening import asked_by

REASONS: Final = {
    "too_much": "There is too much to read",
    "not_for_me": "The topics are not for my work",
    "not_asked": "I never asked for it",
    "elsewhere": "I read it elsewhere",
    "other": "Something else",
}
FEW_WORDS: Final = "You are unsubscribed.\n"
"""What a mail program is answered, which shows it to nobody."""

NOTHING_TICKED: Final = "Please tick at least one topic, or press “Unsubscribe me”."
NOTHING_LEFT: Final = "No topic would be left. To stop all letters, press “Unsubscribe me”."


class Reason(BaseModel):
    """Why a reader left, if that reader likes to say so, afterwards."""

    model_config = ConfigDict(extra="forbid")
    reason: Literal["too_much", "not_for_me", "not_asked", "elsewhere", "other"]
    words: str = Field("", max_length=300)


class Leaving(HTTPEndpoint):
    """The page behind the leave link, which never expires."""

    def get(self, request: Request) -> Response:
        """Show the button; looking changes nothing, whoever looks."""
        return _page(request, _public_id(request))

    async def post(self, request: Request) -> Response:
        """End the subscription: the same answer, however often it is asked."""
        # The link says it all. The body, in whichever encoding and even if it is spoilt, only
        # tells who pressed the button.
        is_program = b"One-Click" in await request.body()
        await _ended(request, "one click" if is_program else "page")
        if is_program:
            return PlainTextResponse(FEW_WORDS, headers=PERSONAL)
        return await run_in_threadpool(_left, request)


class GivingUp(HTTPEndpoint):
    """Where single topics are given up."""

    async def post(self, request: Request) -> Response:
        """Follow all but these from now on."""
        return await run_in_threadpool(
            _give_up, request, await fields_of(request, lists=("topics",))
        )


class ComingBack(HTTPEndpoint):
    """Where whoever left says that it was a mistake."""

    async def post(self, request: Request) -> Response:
        """Mail a confirmation to the address on file, if there is one."""
        return await run_in_threadpool(_mail_way_back, request)


class Telling(HTTPEndpoint):
    """Where whoever left may say why."""

    async def post(self, request: Request) -> Response:
        """Write it down."""
        return await run_in_threadpool(_tell, request, await fields_of(request))


async def _ended(request: Request, how: str) -> None:
    leavers = app_of(request).leavers
    await wrap_future(leavers.leave(_public_id(request), how=how, now=utc_now()))


def _give_up(request: Request, fields: dict[str, Any]) -> Response:
    app, name = app_of(request), _public_id(request)
    ticked = [slug for slug in fields.get("topics", []) if isinstance(slug, str)]
    if not ticked:
        return _page(request, name, problem=NOTHING_TICKED, status=422)
    left = give_up(app.database, name, ticked, correspondence=app.correspondence, now=utc_now())
    if left == []:
        return _page(request, name, problem=NOTHING_LEFT, status=422)
    names = app.topics.names(left or [])
    return personal_page(request, "given_up", title="You get fewer topics", names=names)


def _mail_way_back(request: Request) -> Response:
    app, name = app_of(request), _public_id(request)
    mail_way_back(app.sign_ups, name, asked=asked_by(request))
    return link_mailed(request)


def _tell(request: Request, fields: dict[str, Any]) -> Response:
    try:
        told = Reason.model_validate(fields)
    except ValidationError:
        return _left(request, problem="Please choose one of the answers.", status=422)
    tell_why(app_of(request).database, _public_id(request), told.reason, told.words, now=utc_now())
    return personal_page(request, "thanks", title="Thank you")


def _page(request: Request, name: str, *, problem: str = "", status: int = 200) -> Response:
    return personal_page(
        request,
        "leave",
        status=status,
        title="Unsubscribe",
        token=request.path_params["token"],
        topics=_topics(request, reader_for_page(app_of(request).database, name)),
        problem=problem,
    )


def _left(request: Request, *, problem: str = "", status: int = 200) -> Response:
    return personal_page(
        request,
        "left",
        status=status,
        title="You are unsubscribed",
        token=request.path_params["token"],
        reasons=REASONS,
        problem=problem,
    )


def _topics(request: Request, subscriber: Reader | None) -> list[Topic]:
    if subscriber is None or subscriber.status is SubscriberStatus.ENDED:
        return []
    listed = app_of(request).topics
    followed = [listed.find(slug) for slug in topics_followed(subscriber, listed)]
    return [topic for topic in followed if topic is not None]


def _public_id(request: Request) -> str:
    found = app_of(request).signer.read_leave(request.path_params["token"])
    if isinstance(found, LinkProblem):
        raise NotFoundError("this link does not open")
    return found
