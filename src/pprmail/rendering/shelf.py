"""The shelf of templates: a workspace's own before the shipped ones, undefined names refused."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from textwrap import TextWrapper
from typing import Any, Final

from jinja2 import (
    BaseLoader,
    ChoiceLoader,
    Environment,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
)

from pprmail.errors import PprmailError

TEXT_WIDTH: Final = 72


class TemplateProblemError(PprmailError):
    """A template can't be used: mend the place that is named, or remove the workspace's copy."""


class Shelf:
    """Finds templates, in this order: the workspace's, then the ones that ship."""

    def __init__(self, folders: Sequence[Path]) -> None:
        loader = ChoiceLoader([FileSystemLoader(folder) for folder in folders])
        self._html = _environment(loader, autoescape=True)
        self._text = _environment(loader, autoescape=False)

    def fill(self, name: str, data: dict[str, Any]) -> str:
        """Fill a template; HTML is escaped, text is not, and a missing name is an error."""
        environment = self._html if name.endswith(".html") else self._text
        try:
            return environment.get_template(name).render(data)
        except TemplateError as error:
            raise TemplateProblemError(_in_words(error), where=f"template {name}") from error

    def source(self, name: str) -> str:
        """Give a file of the shelf as it is."""
        try:
            return self._text.loader.get_source(self._text, name)[0]  # type: ignore[union-attr]
        except TemplateError as error:
            raise TemplateProblemError(_in_words(error), where=f"template {name}") from error

    def digests(self, *folders: str) -> dict[str, str]:
        """Give the SHA-256 of every file in some folders of the shelf."""
        names = [n for n in self._text.list_templates() if n.rpartition("/")[0] in folders]
        return {name: sha256(self.source(name).encode()).hexdigest() for name in names}


def wrap(text: str, *, first: str = "", rest: str = "") -> str:
    """Break a text into lines of at most 72 columns; addresses stay whole."""
    wrapper = TextWrapper(
        width=TEXT_WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return wrapper.fill(" ".join(text.split()))


def _environment(loader: BaseLoader, *, autoescape: bool) -> Environment:
    environment = Environment(
        loader=loader,
        autoescape=autoescape,  # noqa: S701 - off for plain text alone, which is no markup
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["wrap"] = wrap
    return environment


def _in_words(error: TemplateError) -> str:
    line = getattr(error, "lineno", None)
    return f"{error.message or type(error).__name__}{f' (line {line})' if line else ''}"
