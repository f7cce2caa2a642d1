"""What the pages of writing have in common: who writes, about what, and what there is to say of it."""

from typing import Any, ClassVar, Final

from starlette.requests import Request

from pprmail.bootstrap import utc_now
from pprmail.model.month import Month, month_at
from pprmail.model.topic import Topic, Topics
from pprmail.services.checking import checked
from pprmail.services.proofs import unsaved_summary
from pprmail.services.writing import Writer
from pprmail.web.answers import app_of
from pprmail.web.editor.desk import Desk, newsroom_of, signed_in
from pprmail.web.editor.showing import as_clock, hints_shown
from pprmail.web.editor.summary_form import LARGEST_TEXT, Read, Typed, read_typed

NEW: Final = "new"


class WithForm(Desk):
    """A page that takes the form of a summary."""

    lists: ClassVar[tuple[str, ...]] = ("topics",)
    largest_field: ClassVar[int] = LARGEST_TEXT


def writer_of(request: Request, typed: Typed) -> Writer:
    """Say who writes, in which form."""
    editor = signed_in(request).editor
    return Writer(editor.email, editor.public_id, typed.draft)


def slug_of(request: Request) -> str:
    """Give the slug that the path names."""
    return str(request.path_params.get("slug", NEW))


def about_of(request: Request) -> str:
    """Give the slug that a draft is about; a new summary has none."""
    slug = slug_of(request)
    return "" if slug == NEW else slug


def this_month(request: Request) -> Month:
    """Name the month that the newsletter is in."""
    return month_at(utc_now(), newsroom_of(request).masthead.zone)


def read_now(request: Request, typed: Typed) -> Read:
    """Read what was typed."""
    return read_typed(typed, app_of(request).topics, this_month=this_month(request))


def told(request: Request, typed: Typed, read: Read) -> dict[str, Any]:
    """Give what the templates say of what was typed."""
    found = checked(unsaved_summary(read.entry, now=utc_now()))
    return {
        "typed": typed,
        "checked": found,
        "hints": hints_shown(found.hints, typed),
        "groups": _groups(app_of(request).topics, read.entry.topics),
        "types": app_of(request).topics.types_of_research,
        "chosen": read.entry.topics,
        "names": app_of(request).topics.names(read.entry.topics),
        "clock": lambda moment: as_clock(request, moment),
    }


def _groups(topics: Topics, chosen: list[str]) -> dict[str, list[Topic]]:
    """Give the topics that are offered, and those that a summary carries from before."""
    offered = {topic.slug for topic in topics.choosable}
    found = (topics.find(slug) for slug in chosen if slug not in offered)
    kept = [topic for topic in found if topic is not None]
    return topics.groups() | ({"Not offered any more": kept} if kept else {})
