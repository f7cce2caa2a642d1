"""Front matter: the YAML between two lines of dashes at the head of a Markdown file."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from pprmail.errors import SourceError
from pprmail.sources.files import read_text

_DOCUMENT: Final = re.compile(
    r"---[ \t]*\n(?P<yaml>.*?)^---[ \t]*$\n?(?P<text>.*)", re.DOTALL | re.MULTILINE
)
LARGEST_FRONT_MATTER: Final = 20_000
Values = TypeVar("Values", bound=BaseModel)


@dataclass(frozen=True)
class Document:
    """A Markdown file taken apart; `place` gives a key's file and line."""

    path: Path
    head: str
    text: str

    def place(self, key: object = None) -> str:
        """Name the file, and the line where a key of its front matter stands."""
        for number, line in enumerate(self.head.splitlines(), start=2):
            if key is not None and re.match(rf"{re.escape(str(key))}\s*:", line):
                return f"{self.path}:{number}"
        return f"{self.path}:1"

    def values(self, model: type[Values]) -> Values:
        """Check the front matter; the error names the line and the key that was meant."""
        try:
            return model.model_validate(self._mapping())
        except ValidationError as error:
            raise self._first_problem(error, model) from None

    def _mapping(self) -> dict[str, Any]:
        try:
            # Every value stays the text that was written: 2026-11 is no date, 10.1 no number.
            values = yaml.load(self.head, Loader=yaml.BaseLoader)  # noqa: S506 - it makes only texts
        except (yaml.YAMLError, RecursionError) as error:
            raise SourceError(_yaml_problem(error), where=self.place()) from None
        if not isinstance(values, dict):
            raise SourceError(
                "the front matter is no list of “key: value” lines", where=self.place()
            )
        return values

    def _first_problem(self, error: ValidationError, model: type[BaseModel]) -> SourceError:
        problem: dict[str, Any] = dict(error.errors()[0])
        key = problem["loc"][0] if problem["loc"] else None
        messages = {"missing": f"“{key}” is missing", "extra_forbidden": f"“{key}” is no key here"}
        message = messages.get(problem["type"]) or f"{key}: {_plain(problem['msg'])}"
        close = get_close_matches(str(key), model.model_fields, n=1)
        meant = (
            f"did you mean {close[0]}?" if problem["type"] == "extra_forbidden" and close else ""
        )
        keys = f"the keys are {', '.join(model.model_fields)}"
        return SourceError(message, where=self.place(key), remedy=meant or keys)


def read_document(path: Path) -> Document:
    """Read a Markdown file; without front matter, all of it is text."""
    whole = read_text(path)
    found = _DOCUMENT.match(whole)
    if not found:
        if whole.startswith("---"):
            raise SourceError(
                "the front matter has no end", where=f"{path}:1", remedy="add a line of ---"
            )
        return Document(path, "", whole)
    if len(found["yaml"]) > LARGEST_FRONT_MATTER:
        raise SourceError("the front matter is far too long", where=f"{path}:1")
    return Document(path, found["yaml"], found["text"])


def _yaml_problem(error: Exception) -> str:
    mark = getattr(error, "problem_mark", None)
    line = f" in line {mark.line + 2}" if mark is not None else ""
    problem = getattr(error, "problem", None) or "it is nested too deeply"
    return f"the front matter is not YAML{line}: {problem} (quote values that hold a colon)"


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")
