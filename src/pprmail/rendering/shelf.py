"""The shelf of templates: a workspace's own before the shipped ones, undefined names refused."""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from traceback import extract_tb
from typing import Any, Final

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
)
from jinja2.meta import find_referenced_templates

from pprmail.errors import PprmailError
from pprmail.rendering.lines import printable, underlined, wrap

SUFFIXES: Final = (".html", ".txt", ".toml")
"""What a template's name ends with; an editing program's own files beside it are none."""

FAILURES: Final = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What a template can come to grief by: it is a small program, in a file of any kind."""


class TemplateProblemError(PprmailError):
    """A template can't be used: mend the place that is named, or remove the workspace's copy."""


class Shelf:
    """Finds templates, in this order: the workspace's, then the ones that ship."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = [str(folder) for folder in folders]
        loader = ChoiceLoader([FileSystemLoader(folder) for folder in folders])
        self._html = _environment(loader, autoescape=True)
        self._text = _environment(loader, autoescape=False)

    def fill(self, name: str, data: dict[str, Any]) -> str:
        """Fill a template; HTML is escaped, text is not, and a missing name is an error."""
        environment = self._html if name.endswith(".html") else self._text
        try:
            return printable(environment.get_template(name).render(data))
        except FAILURES as error:
            raise self._problem(error, name) from error

    def present(self, *names: str) -> tuple[object, ...]:
        """Stand for pages' templates as they are now: others, once one of their files has changed."""
        try:
            return tuple(self._html.get_template(name) for name in names)
        except FAILURES as error:
            raise self._problem(error, " and ".join(names)) from error

    def source(self, name: str) -> str:
        """Give a file of the shelf as it is."""
        try:
            return self._text.loader.get_source(self._text, name)[0]  # type: ignore[union-attr]
        except FAILURES as error:
            raise self._problem(error, name) from error

    def digests(self, folder: str) -> dict[str, str]:
        """Give the SHA-256 of every template that a folder's are made with.

        Those are the ones in or below it, right in the folders above it, and whatever these extend,
        include or import.
        """
        known = self._text.list_templates()
        sources = {name: self.source(name) for name in known if _is_of(name, folder)}
        names = list(sources)
        for name in names:
            new = [n for n in _referenced(sources[name]) if n in known and n not in sources]
            sources |= {each: self.source(each) for each in new}
            names += new
        return {name: sha256(sources[name].encode()).hexdigest() for name in sorted(names)}

    def _problem(self, error: Exception, name: str) -> TemplateProblemError:
        message = error.message if isinstance(error, TemplateError) else str(error)
        # What fails may be a template that this one extends or includes: the last line of any
        # template that was reached is the place to mend.
        lines = extract_tb(error.__traceback__)
        reached = [line for line in lines if line.filename.startswith(tuple(self._folders))]
        where = f"{reached[-1].filename}:{reached[-1].lineno}" if reached else f"template {name}"
        return TemplateProblemError(message or type(error).__name__, where=where)


@lru_cache(maxsize=200)
def _referenced(source: str) -> tuple[str, ...]:
    # Pages ask often what letters are made with, and templates change seldom.
    try:
        named = list(find_referenced_templates(Environment(autoescape=True).parse(source)))
    except TemplateError:
        return ()  # It can't be rendered either, and is named there.
    return tuple(name for name in named if name)


def _is_of(name: str, folder: str) -> bool:
    place, _, file = name.rpartition("/")
    is_near = f"{place}/".startswith(f"{folder}/") or folder.startswith(f"{place}/")
    return is_near and file.endswith(SUFFIXES) and not file.startswith(".")


def _environment(loader: BaseLoader, *, autoescape: bool) -> Environment:
    environment = Environment(
        loader=loader,
        autoescape=autoescape,  # noqa: S701 - off for plain text alone, which is no markup
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"wrap": wrap, "underlined": underlined}
    return environment
