"""Preferences: which topics a reader follows, when letters rest, and what bare months bring."""

from dataclasses import replace
from functools import partial
from typing import Any

from markupsafe import Markup
from pydantic import ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.endpoints import HTTPEndpoint
from starlette.requests import Request
from starlette.responses import Response

from pprmail.bootstrap import App, utc_now
from pprmail.model.masking import masked
from pprmail.model.month import month_in_words, parse_month
from pprmail.model.reader import Reader
from pprmail.model.subscriber import SubscriberStatus
from pprmail.rendering.blanks import Often, mark
from pprmail.services.looking_back import looked_back
from pprmail.services.subscriptions import Choice, choose
from pprmail.web.answers import PUBLIC, app_of, personal_html, personal_page
from pprmail.web.choices import NO_TOPIC, UNREADABLE, Choices, Form
from pprmail.web.failing import LinkClosedError
from pprmail.web.forms import fields_of
from pprmail.web.opening import ENDED, Visit, visit
from pprmail.web.security import WITH_SCRIPT
from pprmail.web.threads import in_a_thread


class Preferences(HTTPEndpoint):
    """The page behind the preferences link, which lasts thirteen months."""

    async def get(self, request: Request) -> Response:
        """Show the form with what is chosen now."""
        return await in_a_thread(_show, request)

    async def post(self, request: Request) -> Response:
        """Save the choices, or only say what they mean, and show them again."""
        return await run_in_threadpool(
            _answer, request, await fields_of(request, lists=("topics",))
        )


def script(request: Request) -> Response:
    """Give the page's script, without which everything works, too."""
    return Response(app_of(request).pages.script(), media_type="text/javascript", headers=PUBLIC)


def _show(request: Request) -> Response:
    opened = visit(request)
    if opened.reader.status is SubscriberStatus.ENDED:
        return personal_page(request, "your_data", title="Your data", visit=opened, problem="")
    form = Form.of(app_of(request), opened.reader, now=utc_now())
    return _looked_at(request, opened, form)


def _answer(request: Request, fields: dict[str, Any]) -> Response:
    opened, app = visit(request), app_of(request)
    if opened.reader.status is SubscriberStatus.ENDED:
        raise LinkClosedError(ENDED)
    form = Form.of(app, opened.reader, now=utc_now())
    try:
        choices = Choices.model_validate(fields)
    except ValidationError:
        return _page(request, opened, form, form.choices, problems={"form": UNREADABLE})
    problems = form.problems_with(choices)
    if "form" in problems:
        return _page(request, opened, form, form.choices, problems=problems)
    if problems:
        return _page(request, opened, form, choices, problems=problems)
    return _taken(request, opened, form, choices)


def _taken(request: Request, opened: Visit, form: Form, choices: Choices) -> Response:
    app, now = app_of(request), utc_now()
    month = app.correspondence.month_at(now)
    wanted = choices.choice.settled(opened.reader, app.topics, month=month)
    if choices.follow == "topics" and not wanted.topics:
        return _page(request, opened, form, choices, problems={"topics": NO_TOPIC})
    if choices.do == "show":
        past = looked_back(app.archive, wanted, now=now)
        return _page(request, opened, form, choices, past=past)
    name, who = opened.reader.public_id, app.correspondence
    if not choose(app.database, name, choices.choice, correspondence=who, now=now):
        raise LinkClosedError(ENDED)
    shown = choices.model_copy(update={"topics": list(choices.choice.topics)})
    return _page(request, opened, form, shown, saved=_effect(app, opened.reader, wanted))


def _effect(app: App, reader: Reader, wanted: Choice) -> str:
    """Say what saving these choices brings about."""
    if reader.status is SubscriberStatus.PENDING:
        return "Saved. Letters come once you have confirmed your subscription."
    if wanted.paused_until:
        until = month_in_words(parse_month(wanted.paused_until))
        return f"Saved. Your letters rest; the next one is planned for {until}."
    planned = app.welcoming.next_letter(now=utc_now())
    return f"Saved. Your next letter is planned for {planned}." if planned else "Saved."


def _looked_at(request: Request, opened: Visit, form: Form) -> Response:
    """Show the page to one who has only come to look, as most have, and as quickly as can be."""
    if opened.is_owner or form.has_retired:
        return _page(request, opened, form, form.choices)
    pages, choices = app_of(request).pages, form.choices
    boxes = (topic for topics in form.groups.values() for topic in topics)
    values: dict[str, str] = {
        t.slug: pages.box(t, is_chosen=t.slug in choices.topics) for t in boxes
    }
    values |= {"_name": choices.name or "", "_masked": masked(opened.reader.email or "")}
    key = (choices.follow, choices.no_match, choices.paused_until, *form.months)
    often = Often(
        "preferences", key, partial(_marked, opened, form), values | {"_token": opened.token}
    )
    response = personal_html(pages.often(often))
    response.headers.update(WITH_SCRIPT)
    return response


def _marked(opened: Visit, form: Form) -> dict[str, Any]:
    return _told(
        replace(opened, token=mark("_token")),
        form,
        form.choices.model_copy(update={"name": mark("_name")}),
        masked=mark("_masked"),
        boxes=lambda topics, _: Markup("").join(mark(topic.slug) for topic in topics),
    )


def _page(
    request: Request,
    opened: Visit,
    form: Form,
    choices: Choices,
    *,
    problems: dict[str, str] | None = None,
    **more: Any,
) -> Response:
    told = _told(opened, form, choices, problems=problems or {}, **more)
    response = personal_page(request, "preferences", status=422 if problems else 200, **told)
    response.headers.update(WITH_SCRIPT)
    return response


def _told(opened: Visit, form: Form, choices: Choices, **more: Any) -> dict[str, Any]:
    return {
        "title": "Your topics and your data" if opened.is_owner else "Your topics",
        "visit": opened,
        "masked": masked(opened.reader.email or ""),
        "form": form,
        "choices": choices,
        "problems": {},
        "past": None,
        "saved": "",
    } | more
