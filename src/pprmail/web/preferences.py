"""Preferences: which topics a reader follows, and what comes in a month without a match."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from pprmail.bootstrap import App, utc_now
from pprmail.errors import NotFoundError
from pprmail.model.audience import NoMatch
from pprmail.model.link import LinkProblem
from pprmail.model.subscriber import Subscriber, SubscriberStatus
from pprmail.services.subscriptions import choose, reader
from pprmail.web.answers import app_of, personal_page


class Choices(BaseModel):
    """The form as it was sent."""

    model_config = ConfigDict(extra="forbid")
    follow: Literal["everything", "topics"]
    topics: list[str] = Field(default_factory=list, max_length=200)
    no_match: NoMatch


def show(request: Request) -> Response:
    """Show the form with what is chosen now."""
    subscriber = _reader(request)
    return _form(request, subscriber, _present(app_of(request), subscriber), saved=False)


async def save(request: Request) -> Response:
    """Save the choices and show them again, or say what is missing beside them."""
    app = app_of(request)
    subscriber = await run_in_threadpool(_reader, request)
    async with request.form(max_files=0, max_fields=300, max_part_size=4096) as form:
        sent = {n: form.getlist(n) if n == "topics" else form[n] for n in form}
    try:
        choices = Choices.model_validate(sent)
    except ValidationError:
        choices = _present(app, subscriber)
        return _form(request, subscriber, choices, problem="Please choose again.")
    if choices.follow == "topics" and not choices.topics:
        problem = "Choose one topic at least, or “Everything”."
        return _form(request, subscriber, choices, problem=problem)
    slugs = _slugs(app, subscriber, choices)
    await run_in_threadpool(
        choose, app.database, subscriber.public_id, slugs, no_match=choices.no_match, now=utc_now()
    )
    return _form(request, subscriber, choices, saved=True)


def _reader(request: Request) -> Subscriber:
    app = app_of(request)
    found = app.signer.read_preferences(request.path_params["token"], now=utc_now())
    subscriber = None if isinstance(found, LinkProblem) else reader(app.database, found)
    if subscriber is None or subscriber.status is SubscriberStatus.ENDED:
        raise NotFoundError("this link does not open")
    return subscriber


def _present(app: App, subscriber: Subscriber) -> Choices:
    followed = [app.topics.find(slug) for slug in subscriber.chosen_topics]
    return Choices(
        follow="everything" if subscriber.follows_all else "topics",
        topics=[topic.slug for topic in followed if topic],
        no_match=subscriber.no_match,
    )


def _slugs(app: App, subscriber: Subscriber, choices: Choices) -> list[str]:
    if choices.follow == "everything":
        return []
    offered = {topic.slug for topic in app.topics.choosable}
    # A topic that the page does not offer, because it was retired, is not given up by saving it.
    kept = [
        s for s in subscriber.chosen_topics if (t := app.topics.find(s)) and t.slug not in offered
    ]
    return [slug for slug in choices.topics if slug in offered] + kept


def _form(
    request: Request,
    subscriber: Subscriber,
    choices: Choices,
    *,
    problem: str = "",
    saved: bool = False,
) -> Response:
    return personal_page(
        request,
        "preferences",
        status=422 if problem else 200,
        title="Your topics",
        reader=subscriber,
        groups=app_of(request).topics.groups(),
        choices=choices,
        problem=problem,
        saved=saved,
    )
