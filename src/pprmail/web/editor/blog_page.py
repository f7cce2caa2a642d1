"""Importing a page of the blog: pasted or uploaded, looked at, and then as much of it as is chosen."""

from pathlib import Path
from typing import Any, ClassVar, Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from pprmail.bootstrap import utc_now
from pprmail.errors import SourceError
from pprmail.services.pasted import Page, import_chosen, look_at, place_of
from pprmail.sources.files import text_in
from pprmail.web.answers import app_of
from pprmail.web.editor.desk import Desk, desk_page, go, signed_in
from pprmail.web.editor.showing import NAMES, all_is_well
from pprmail.web.forms import Upload

LARGEST_PAGE: Final = 1_900_000
"""Bytes; a form as a whole may have two million."""

PASTED: Final = "pasted.txt"
KINDS: Final = frozenset({".txt", ".html", ".htm"})


def routes(prefix: str) -> list[Route]:
    """List the routes of this part."""
    return [Route(f"{prefix}/editor/blog-page", BlogPage)]


class BlogPage(Desk):
    """The page on which a page of the blog is taken apart."""

    lists: ClassVar[tuple[str, ...]] = ("take",)
    files: ClassVar[tuple[str, ...]] = ("file",)
    largest_field: ClassVar[int] = LARGEST_PAGE

    def get(self, request: Request) -> Response:
        """Ask for it."""
        return _asked(request, Page("", PASTED))

    def post(self, request: Request, fields: dict[str, Any]) -> Response:
        """Show what it holds, or import what was chosen of it."""
        page = Page("", PASTED)
        try:
            page = _given(fields)
            if fields.get("do") == "import":
                return _import(request, page, fields)
            looked = look_at(app_of(request).newsroom, page)
        except SourceError as problem:
            return _asked(request, page, status=422, problem=_sentence(problem))
        return _show(request, page, looked=looked)


def _import(request: Request, page: Page, fields: dict[str, Any]) -> Response:
    given = fields.get("take", [])
    chosen = {one for one in given if isinstance(one, str)}
    if not chosen:
        looked = look_at(app_of(request).newsroom, page)
        none = "Nothing is chosen. Tick what is to come in."
        return _show(request, page, status=422, looked=looked, problem=none)
    who = signed_in(request).email
    imported = import_chosen(app_of(request).newsroom, page, chosen, who=who, now=utc_now())
    said = f"Imported: {len(imported.added)} new, {len(imported.replaced)} replaced."
    return go(request, "summaries", " ".join([said, *all_is_well(imported.notes)]))


def _given(fields: dict[str, Any]) -> Page:
    file, text = fields.get("file"), fields.get("page", "")
    name = fields.get("name", PASTED)
    name = name if isinstance(name, str) and Path(name).suffix.lower() in KINDS else PASTED
    if isinstance(file, Upload):
        name = Path(file.name).name
        if Path(name).suffix.lower() not in KINDS:
            raise SourceError(
                "this kind of file can't be read",
                where=name,
                remedy="save the page as text (.txt) or as a web page (.html)",
            )
        text = text_in(file.body, Path(name))
    if not isinstance(text, str) or not text.strip():
        raise SourceError("there is no page yet; paste its text, or choose a file")
    topic, kind = fields.get("topic", ""), fields.get("type_of_research", "")
    topics = [topic] if isinstance(topic, str) and topic else []
    return Page(text.replace("\r\n", "\n"), name, topics, kind if isinstance(kind, str) else "")


def _show(
    request: Request, page: Page, *, status: int = 200, looked: Any, problem: str = ""
) -> Response:
    return desk_page(
        request,
        "blog_page_read",
        status=status,
        title="What the page holds",
        page=page,
        looked=looked,
        names=NAMES,
        place_of=place_of,
        problem=problem,
        sentence=_sentence,
    )


def _asked(request: Request, page: Page, *, status: int = 200, problem: str = "") -> Response:
    topics = app_of(request).topics
    return desk_page(
        request,
        "blog_page",
        status=status,
        title="Import a page of the blog",
        page=page,
        problem=problem,
        groups=topics.groups(),
        types=topics.types_of_research,
    )


def _sentence(problem: SourceError) -> str:
    line = problem.where.rpartition(":")[2]
    place = f"Line {line}: " if line.isdigit() else ""
    advice = f"; {problem.remedy}" if problem.remedy else ""
    told = f"{problem.message}{advice}."
    return f"{place}{told}" if place else f"{told[:1].upper()}{told[1:]}"
