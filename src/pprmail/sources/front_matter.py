"""Front matter: the YAML between two lines of dashes at the head of a Markdown file."""

import re
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from yaml.constructor import ConstructorError

from pprmail.errors import SourceError
from pprmail.sources.files import read_text

LARGEST_FRONT_MATTER: Final = 20_000
_DOCUMENT: Final = re.compile(
    r"\s*^---[ \t]*\n(?P<head>.*?)^---[ \t]*$\n?(?P<text>.*)", re.DOTALL | re.MULTILINE
)
_COMPLAINTS: Final = {
    "missing": "“{key}” is missing",
    "extra_forbidden": "“{key}” is no key here",
    "list_type": "“{key}” is a list; write [One, Another]",
    "string_type": "“{key}” can't hold a list or keys of its own here",
    "too_short": "“{key}” is empty",
    "too_long": "“{key}” is far too long",
}
Values = TypeVar("Values", bound=BaseModel)


@dataclass(frozen=True)
class Document:
    """A Markdown file taken apart; `first_line` is the number of its front matter's first line."""

    path: Path
    head: str
    text: str
    first_line: int = 1

    def values(self, model: type[Values]) -> Values:
        """Check the front matter; the error names the line and the key that was meant."""
        try:
            return model.model_validate(self._mapping())
        except ValidationError as error:
            raise self._problem(error, model) from None

    def place(self, key: object) -> str:
        """Name the file, and the line where a key of its front matter stands."""
        written = re.compile(rf"[\"']?{re.escape(str(key))}[\"']?\s*:")
        lines = self.head.split("\n")
        found = (n for n, line in enumerate(lines, self.first_line) if written.match(line))
        return f"{self.path}:{next(found, 1)}"

    def _mapping(self) -> dict[str, Any]:
        try:
            values = yaml.load(self.head, Loader=_Texts)  # noqa: S506 - it makes nothing but texts
        except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
            raise self._no_yaml(error) from None
        if not isinstance(values, dict | None):
            raise SourceError(
                "the front matter is no list of “key: value” lines", where=f"{self.path}:1"
            )
        return values or {}

    def _no_yaml(self, error: Exception) -> SourceError:
        mark = getattr(error, "problem_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "reason", None)
        is_deep = isinstance(error, RecursionError)
        told = problem or ("it is nested too deeply" if is_deep else "it holds no such character")
        return SourceError(
            f"the front matter is not YAML: {told}",
            where=f"{self.path}:{self.first_line + mark.line if mark else 1}",
            remedy="write “key: value” lines without tabs, and quote a value that holds a colon",
        )

    def _problem(self, error: ValidationError, model: type[BaseModel]) -> SourceError:
        # A misspelt key is the reason why another one is missing.
        problems: list[dict[str, Any]] = [dict(problem) for problem in error.errors()]
        problem = min(problems, key=lambda one: one["type"] != "extra_forbidden")
        key = str(problem["loc"][0])
        complaint = _COMPLAINTS.get(problem["type"], f"{{key}}: {_plain(problem['msg'])}")
        return SourceError(
            complaint.replace("{key}", key),
            where=self.place(key),
            remedy=_advice(problem["type"], key, list(model.model_fields)),
        )


def read_document(path: Path) -> Document:
    """Read a Markdown file; without front matter, all of it is text."""
    whole = read_text(path)
    found = _DOCUMENT.match(whole)
    if found is None:
        if whole.lstrip().startswith("---"):
            raise SourceError(
                "the front matter has no end", where=f"{path}:1", remedy="add a line of ---"
            )
        return Document(path, "", whole)
    if len(found["head"]) > LARGEST_FRONT_MATTER:
        raise SourceError(
            "the front matter is far too long",
            where=f"{path}:1",
            remedy="end it with a line of --- before the text",
        )
    first_line = whole.count("\n", 0, found.start("head")) + 1
    return Document(path, found["head"], found["text"], first_line)


class _Texts(yaml.BaseLoader):
    """Reads every value as the text that was written: 2026-11 is no date, and 10.1 no number."""

    def construct_scalar(self, node: yaml.ScalarNode) -> str:
        is_nothing = node.style is None and node.value.lower() in {"~", "null"}
        return "" if is_nothing else str(super().construct_scalar(node))

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:  # noqa: FBT001, FBT002 - the library's
        keys = [key.value for key, _ in node.value]
        for place, (key, _) in enumerate(node.value):
            if key.value in keys[:place]:
                raise ConstructorError(None, None, f"“{key.value}” stands twice", key.start_mark)
        return super().construct_mapping(node, deep)


def _advice(kind: str, key: str, keys: list[str]) -> str:
    close = get_close_matches(key, keys, n=1) if kind == "extra_forbidden" else []
    if close:
        return f"did you mean {close[0]}?"
    return f"the keys are {', '.join(keys)}" if kind in {"missing", "extra_forbidden"} else ""


def _plain(message: str) -> str:
    return message.removeprefix("Value error, ")
