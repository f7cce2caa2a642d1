"""Preferences: which topics a reader follows, and what comes in a month without a match."""

from dataclasses import dataclass
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.endpoints import HTTPEndpoint
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from pprmail.bootstrap import utc_now
from pprmail.errors import NotFoundError
from pprmail.model.audience import NoMatch
from pprmail.model.link import LinkProblem
from pprmail.model.subscriber import Subscriber, SubscriberStatus
from pprmail.model.topic import Topic, Topics
from pprmail.services.subscriptions import Choice, choose, reader
from pprmail.web.answers import app_of, personal_page
from pprmail.web.failing import LinkClosedError

EXPIRED: Final = "It was good for thirteen months. The newest letter holds a fresh one."
VOID: Final = "You made all older links void. The newest letter holds a fresh one."
ENDED: Final = "The subscription has ended: no letters come, and there is nothing to choose."
NOT_OFFERED_ANY_MORE: Final = "No longer in use"
UNREADABLE: Final = "Something in this form was not understood. Please choose again."
NO_TOPIC: Final = "Please choose at least one topic, or “Everything”."


class Choices(BaseModel):
    """The form as it was sent; what the page has no field for is refused."""

    model_config = ConfigDict(extra="forbid")
    follow: Literal["everything", "topics"]
    topics: list[str] = []
    no_match: NoMatch


@dataclass(frozen=True)
class Form:
    """What the page offers to one reader, and what is chosen in it."""

    groups: dict[str, list[Topic]]
    choices: Choices

    def problem_with(self, choices: Choices) -> str:
        """Say why choices can't be saved, or nothing."""
        offered = {topic.slug for topics in self.groups.values() for topic in topics}
        if not offered.issuperset(choices.topics):
            return UNREADABLE
        return NO_TOPIC if choices.follow == "topics" and not choices.topics else ""


class Preferences(HTTPEndpoint):
    """The page behind the preferences link, which lasts thirteen months."""

    def get(self, request: Request) -> Response:
        """Show the form with what is chosen now."""
        form = _form(app_of(request).topics, _reader(request))
        return _page(request, form, form.choices)

    async def post(self, request: Request) -> Response:
        """Save the choices and show them again, or say what is missing beside them."""
        return await run_in_threadpool(_save, request, await _sent(request))


async def _sent(request: Request) -> dict[str, Any]:
    try:
        async with request.form(max_files=0, max_fields=300, max_part_size=4096) as form:
            lists = {name: form.getlist(name) for name in form}
    except HTTPException:
        return {}
    # A field that came twice stays a list, which is refused where one value is asked for.
    return {n: v if n == "topics" or len(v) > 1 else v[0] for n, v in lists.items()}


def _save(request: Request, sent: dict[str, Any]) -> Response:
    app, subscriber = app_of(request), _reader(request)
    form = _form(app.topics, subscriber)
    try:
        choices = Choices.model_validate(sent)
    except ValidationError:
        return _page(request, form, form.choices, problem=UNREADABLE)
    problem = form.problem_with(choices)
    if problem:
        return _page(request, form, choices, problem=problem)
    topics = choices.topics if choices.follow == "topics" else []
    saved = choose(
        app.database,
        subscriber.public_id,
        Choice(tuple(topics), choices.no_match),
        correspondence=app.correspondence,
        now=utc_now(),
    )
    if not saved:
        raise LinkClosedError(ENDED)
    return _page(request, form, choices.model_copy(update={"topics": topics}), saved=True)


def _reader(request: Request) -> Subscriber:
    app = app_of(request)
    found = app.signer.read_preferences(request.path_params["token"], now=utc_now())
    if found is LinkProblem.EXPIRED:
        raise LinkClosedError(EXPIRED)
    subscriber = None if isinstance(found, LinkProblem) else reader(app.database, found.public_id)
    if subscriber is None or isinstance(found, LinkProblem):
        raise NotFoundError("this link does not open")
    if found.epoch != subscriber.token_epoch:
        raise LinkClosedError(VOID)
    if subscriber.status is SubscriberStatus.ENDED:
        raise LinkClosedError(ENDED)
    return subscriber


def _form(listed: Topics, subscriber: Subscriber) -> Form:
    chosen = dict.fromkeys(topic for s in subscriber.chosen_topics if (topic := listed.find(s)))
    # A topic that was retired is given up by the reader alone, who must see it for that.
    retired = [topic for topic in chosen if topic.retired]
    return Form(
        groups=listed.groups() | ({NOT_OFFERED_ANY_MORE: retired} if retired else {}),
        choices=Choices(
            follow="everything" if subscriber.follows_all else "topics",
            topics=[topic.slug for topic in chosen],
            no_match=subscriber.no_match,
        ),
    )


def _page(
    request: Request, form: Form, choices: Choices, *, problem: str = "", saved: bool = False
) -> Response:
    return personal_page(
        request,
        "preferences",
        status=422 if problem else 200,
        title="Your topics",
        groups=form.groups,
        choices=choices,
        problem=problem,
        saved=saved,
    )
