"""Reading the fixed list of topics and types of research."""

import tomllib
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from pprmail.errors import SourceError
from pprmail.model.topic import Topic, Topics, fold
from pprmail.sources.files import read_text

SHIPPED: Final = Path(__file__).parent / "topics.toml"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: str
    aliases: tuple[str, ...] = ()
    retired: bool = False
    merged_into: str | None = None


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid")
    types_of_research: tuple[str, ...] = ()
    groups: dict[str, dict[str, _Entry]]


def read_topics(path: Path = SHIPPED) -> Topics:
    """Read a list of topics; a spelling that means two topics, or a lost merge, is an error."""
    file = _parsed(path)
    listed = tuple(
        Topic(slug=slug, group=group, **entry.model_dump())
        for group, entries in file.groups.items()
        for slug, entry in entries.items()
    )
    _refuse_ambiguity(listed, path)
    _refuse_lost_merges(listed, path)
    return Topics(listed=listed, types_of_research=file.types_of_research)


def _parsed(path: Path) -> _File:
    try:
        return _File.model_validate(tomllib.loads(read_text(path)))
    except tomllib.TOMLDecodeError as error:
        raise SourceError(f"this is not TOML: {error}", where=str(path)) from None
    except ValidationError as error:
        raise SourceError(_first_problem(error), where=str(path)) from None


def _first_problem(error: ValidationError) -> str:
    problem: dict[str, Any] = dict(error.errors()[0])
    return f"{'.'.join(str(part) for part in problem['loc'])}: {problem['msg']}"


def _refuse_ambiguity(listed: tuple[Topic, ...], path: Path) -> None:
    meant: dict[str, Topic] = {}
    for topic in listed:
        for spelling in topic.spellings:
            other = meant.setdefault(fold(spelling), topic)
            if other is not topic:
                raise SourceError(
                    f"“{spelling}” means both {other.slug} and {topic.slug}", where=str(path)
                )


def _refuse_lost_merges(listed: tuple[Topic, ...], path: Path) -> None:
    merges = {topic.slug: topic.merged_into for topic in listed}
    for slug, goal in merges.items():
        seen = {slug}
        while goal is not None:
            if goal not in merges or goal in seen:
                raise SourceError(
                    f"{slug} is merged into {goal}, which leads nowhere", where=str(path)
                )
            seen.add(goal)
            goal = merges[goal]  # noqa: PLW2901 - the merge is followed to its end
