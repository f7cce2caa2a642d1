"""Signing up: a form, and after it one answer that is the same for every address."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import Response

from pprmail.bootstrap import App, utc_now
from pprmail.model.link import LinkProblem
from pprmail.model.mistyped import likely_meant
from pprmail.services.signing_up import Wish
from pprmail.sources.subscriber_list import checked_address
from pprmail.web.answers import app_of, page, personal_page
from pprmail.web.forms import fields_of
from pprmail.web.naming import LONG_NAME, LONGEST_FIELD, one_line, problem_of_name
from pprmail.web.opening import again_after
from pprmail.web.visitors import network_asking

SOONEST: Final = timedelta(seconds=2)
LATEST: Final = timedelta(hours=24)

NO_ADDRESS: Final = "Please write a whole email address, such as name@example.org."
NO_TOPICS: Final = "One of these topics was not understood. Please choose again."
UNREADABLE: Final = "Something in this form was not understood. Please fill it in again."
TOO_SOON: Final = "That was very quick. Please look at what you typed, and press the button again."
TOO_OLD: Final = (
    "This page was open for too long. What you typed is still here: press the button again."
)


class SignUpForm(BaseModel):
    """The form as it was sent; what the page has no field for is refused.

    `website` is a field that no person sees: whoever fills it is a program.
    """

    model_config = ConfigDict(extra="forbid")
    email: str = Field(default="", max_length=254)
    name: str = Field(default="", max_length=LONGEST_FIELD)
    topics: list[str] = []
    page: Literal["", "subscribe"] = "subscribe"
    form: str = ""
    website: str = ""


@dataclass
class Shown:
    """What the page shows: what was typed, and what is wrong with it, by field."""

    typed: SignUpForm = field(default_factory=SignUpForm)
    token: str = ""
    wrong: dict[str, str] = field(default_factory=dict)


class Subscribing(HTTPEndpoint):
    """The page with the form."""

    def get(self, request: Request) -> Response:
        """Show the form; nothing in the address of the page fills it."""
        return _form(request, Shown())

    async def post(self, request: Request) -> Response:
        """Take a wish, or say beside the fields what is missing."""
        sent = await fields_of(request, lists={"topics"})
        return await run_in_threadpool(_take, request, sent, utc_now())


class Starting(HTTPEndpoint):
    """Where forms of other sites lead: it only shows our own form with the address in it."""

    def get(self, request: Request) -> Response:
        """Show the form, to who comes back to this page."""
        return _form(request, Shown())

    async def post(self, request: Request) -> Response:
        """Show the form with what was typed elsewhere; nothing is kept and nothing is mailed."""
        sent = await fields_of(request)
        typed = SignUpForm.model_construct(**_texts(sent))
        return await run_in_threadpool(_form, request, Shown(typed))


def _take(request: Request, sent: dict[str, Any], now: datetime) -> Response:
    app = app_of(request)
    try:
        typed = SignUpForm.model_validate(sent)
    except ValidationError as error:
        return _form(request, _unreadable(sent, error))
    wrong = _wrong_with(app, typed)
    late = "" if wrong else _timing(app, typed.form, now)
    if wrong or late:
        # A token that is only too young ripens while its form is looked at again.
        token = typed.form if late == TOO_SOON else ""
        return _form(request, Shown(typed, token, wrong or {"form": late}))
    wish = Wish(typed.email.strip(), one_line(typed.name) or None, tuple(typed.topics), typed.page)
    if not typed.website and not app.sign_ups.ask(wish, network=network_asking(request), now=now):
        return busy(request)
    return asked(request, typed.email.strip())


def asked(request: Request, address: str) -> Response:
    """Say that a mail is on its way, whatever is known of the address."""
    return personal_page(
        request,
        "asked",
        title="Look into your mailbox",
        address=address,
        meant=likely_meant(address),
        again=again_after(request),
    )


def busy(request: Request) -> Response:
    """Say that too many have asked; it has nothing to do with the address."""
    answer = page(request, "busy", status=429, title="Please try again in an hour")
    answer.headers["Retry-After"] = "3600"
    return answer


def _unreadable(sent: dict[str, Any], error: ValidationError) -> Shown:
    """Show again what can be shown; the sentence stands beside the field, if there is one."""
    said = {"email": NO_ADDRESS, "name": LONG_NAME, "topics": NO_TOPICS}
    fields = {str(problem["loc"][0]) for problem in error.errors()}
    wrong = {name: said[name] for name in said if name in fields} or {"form": UNREADABLE}
    return Shown(SignUpForm.model_construct(**_texts(sent)), wrong=wrong)


def _texts(sent: dict[str, Any]) -> dict[str, Any]:
    given = {name: sent.get(name) for name in ("email", "name")}
    return {name: one_line(text) for name, text in given.items() if isinstance(text, str)}


def _wrong_with(app: App, typed: SignUpForm) -> dict[str, str]:
    wrong = {}
    try:
        checked_address(typed.email)
    except ValueError:
        wrong["email"] = NO_ADDRESS
    if problem := problem_of_name(typed.name):
        wrong["name"] = problem
    if not {topic.slug for topic in app.topics.choosable}.issuperset(typed.topics):
        wrong["topics"] = NO_TOPICS
    return wrong


def _timing(app: App, token: str, now: datetime) -> str:
    shown = app.signer.read_form(token)
    if isinstance(shown, LinkProblem) or now > shown + LATEST:
        return TOO_OLD
    return TOO_SOON if now < shown + SOONEST else ""


def _form(request: Request, shown: Shown) -> Response:
    app = app_of(request)
    return personal_page(
        request,
        "subscribe",
        status=422 if shown.wrong else 200,
        title="Get the letter",
        typed=shown.typed,
        wrong=shown.wrong,
        form_token=shown.token or app.signer.form_token(utc_now()),
        consent=app.pages.consent(),
        groups=app.topics.groups(),
    )
