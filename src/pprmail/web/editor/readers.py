"""Readers: looked for, listed and counted."""

from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.model.sealed import Seal
from pprmail.services.reader_search import SHORTEST, Look, Standing, look_for
from pprmail.web.answers import app_of
from pprmail.web.editor.desk import Desk, desk_page, go, text_of
from pprmail.web.editor.paths import query_of

TOO_SHORT: Final = f"Please write {SHORTEST} letters at least: fewer are in nearly every address."
TOO_LONG: Final = "Please write 200 letters at most."
OVER: Final = "That search was too long ago. Please search again."


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    return [
        Route(f"{prefix}/editor/subscribers", Readers),
        Route(f"{prefix}/editor/subscribers/figures", Figures),
    ]


class Readers(Desk):
    """The list of readers. What is looked for may name somebody: in the address it is sealed."""

    def get(self, request: Request) -> Response:
        """Show a page of it."""
        asked, now = request.query_params, utc_now()
        sealed = asked.get("find", "")
        part = _seal(request).opened(sealed, now=now) if sealed else ""
        topic = app_of(request).topics.find(asked.get("topic", ""))
        look = Look(
            part=part or "",
            standing=_standing(asked.get("standing", "")),
            topic=topic.slug if topic else "",
            after=asked.get("after", "")[:100],
        )
        return _page(request, look, now, sealed=sealed, problem=OVER if part is None else "")

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Lead to what is looked for."""
        part = " ".join(text_of(fields, "part").split())
        standing, topic = text_of(fields, "standing"), text_of(fields, "topic")
        problem = TOO_SHORT if 0 < len(part) < SHORTEST else TOO_LONG if len(part) > 200 else ""
        now = utc_now()
        if problem:
            found = app_of(request).topics.find(topic)
            look = Look(part[:200], _standing(standing), found.slug if found else "")
            return _page(request, look, now, problem=problem)
        sealed = _seal(request).closed(part, now=now) if part else ""
        return go(request, f"subscribers{query_of(find=sealed, standing=standing, topic=topic)}")


class Figures(Desk):
    """What readers chose, and how many came and went."""

    def get(self, request: Request) -> Response:
        """Show it."""
        figures, now = app_of(request).reader_figures, utc_now()
        return desk_page(
            request,
            "readers_figures",
            title="Topics and growth",
            choices=figures.choices(now=now),
            growth=figures.growth(now=now),
        )


def _page(
    request: Request, look: Look, now: datetime, *, sealed: str = "", problem: str = ""
) -> Response:
    app = app_of(request)
    known = {"find": sealed, "standing": look.standing or "", "topic": look.topic}
    rows = None if problem else look_for(app.newsroom, look, now=now)
    return desk_page(
        request,
        "readers",
        status=422 if problem else 200,
        title="Readers",
        look=look,
        problem=problem,
        rows=rows,
        heads=app.reader_figures.heads(now=now),
        groups=app.topics.groups(),
        topic_name=app.topics.name(look.topic) if look.topic else "",
        standings=list(Standing),
        first=query_of(**known),
        onwards=query_of(**known, after=rows.go_on_after) if rows and rows.go_on_after else "",
    )


def _standing(word: str) -> Standing | None:
    return Standing(word) if word in set(Standing) else None


def _seal(request: Request) -> Seal:
    return Seal.of(app_of(request).signer)
