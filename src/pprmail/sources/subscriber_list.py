"""Reading a list of subscribers: a CSV file with named columns, every line checked on its own."""

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass as plain_dataclass
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from io import StringIO
from pathlib import Path
from sys import intern
from typing import Annotated, Any, Final
from zoneinfo import ZoneInfo

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    TypeAdapter,
    ValidationError,
    ValidationInfo,
)
from pydantic.dataclasses import dataclass

from pprmail.errors import SourceError
from pprmail.model.audience import NoMatch
from pprmail.model.subscriber import ConsentKind, EndReason, SubscriberStatus, address_key
from pprmail.model.topic import Topics
from pprmail.sources.addresses import checked_address
from pprmail.sources.list_file import ListFile, read_list_file
from pprmail.sources.list_header import COLUMNS, Header, header_of
from pprmail.sources.list_words import OWN, standing
from pprmail.sources.markdown import known_topics

__all__ = ["COLUMNS", "checked_address"]

EARLIEST_YEAR: Final = 1970
MOVED_AFTER: Final = 1_000

Watch = Callable[[int, int], None]


def unwatched(done: int, total: int) -> None:
    """Take no notice of progress."""


def _printable(text: str) -> str:
    name = " ".join(text.split())
    if not name.isprintable():
        raise ValueError("a name can't hold control characters")
    return name


def _in_the_zone(text: str, info: ValidationInfo) -> datetime | None:
    return _moment(text, info.context)


@lru_cache(maxsize=10_000)
def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"“{text}” is no date; write 2026-11-23 or 2026-11-23T09:00+00:00"
        ) from None
    if moment.year < EARLIEST_YEAR:
        raise ValueError(f"“{text}” is too long ago to be true")
    # A day begins where the newsletter is; in UTC, pages would show the day before.
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _as_it_is(slugs: list[str]) -> list[str]:
    # Lines with the same topics share one list of them: a list of readers is long.
    return slugs


class Origin(StrEnum):
    """Who says what a line says: a list, the operator by a command, or an editor by a form."""

    LIST = "list"
    OPERATOR = "operator"
    EDITOR = "editor"


@dataclass(config=ConfigDict(extra="forbid"), slots=True)
class SubscriberLine:
    """One line, checked; `status` and `topics` are None where the file says nothing of them.

    `topics` are slugs.
    """

    email: Annotated[str, AfterValidator(checked_address)]
    name: Annotated[str, Field(max_length=200), AfterValidator(_printable)] | None = None
    topics: Annotated[list[str], PlainValidator(_as_it_is)] | None = None
    no_match: NoMatch | None = None
    status: SubscriberStatus | None = None
    end_reason: EndReason | None = None
    consent_source: Annotated[str, AfterValidator(intern)] | None = None
    consent_at: Annotated[datetime | None, BeforeValidator(_in_the_zone)] = None
    consent_kind: ConsentKind | None = None
    origin: Origin = Origin.LIST

    key: str = field(init=False, default="")

    def __post_init__(self) -> None:
        """Fold the address into the key under which it is known."""
        self.key = address_key(self.email)


_LINE: Final = TypeAdapter(SubscriberLine)


@plain_dataclass(frozen=True)
class Refused:
    """A line that can't be taken, or not as it is, and why."""

    where: str
    reason: str


@plain_dataclass(frozen=True)
class SubscriberList:
    """What a file holds: good lines with their place, and refused ones.

    `found` says how the file is written, `ignored` names the columns that were not read, and
    `words` counts the words of other systems, each with what it was taken for.
    """

    lines: list[tuple[str, SubscriberLine]]
    refused: list[Refused]
    found: str = ""
    ignored: list[str] = field(default_factory=list)
    words: Counter[tuple[str, str]] = field(default_factory=Counter)


@plain_dataclass(frozen=True)
class Told:
    """What is known of a list beside its bytes: its name, and what its columns hold.

    `zone` is where its days begin. Where `mapping` says what columns of other names hold, those that
    it does not name are ignored. `consent` is where and how those agreed of whom a line says nothing,
    as an editor states it.
    """

    path: Path
    zone: ZoneInfo
    mapping: Mapping[str, str] = field(default_factory=dict)
    consent: str = ""


def read_subscribers(told: Told, topics: Topics, *, watch: Watch = unwatched) -> SubscriberList:
    """Read a list; a bad line is refused with its reason, a bad header is an error."""
    return subscribers_in(read_list_file(told.path), topics, told, watch)


def subscribers_in(
    file: ListFile, topics: Topics, told: Told, watch: Watch = unwatched
) -> SubscriberList:
    """Read a list whose file is read already."""
    rows = _numbered(file, told.path)
    first, cells = next(rows, (1, []))
    header = header_of(cells, told.mapping, where=f"{told.path}:{first}")
    read = SubscriberList([], [], file.found, header.ignored)
    reading, total = _Reading(header, topics, told, read), file.text.count("\n")
    for number, values in rows:
        reading.take(number, values)
        if len(reading.first_line_of) % MOVED_AFTER == 0:
            watch(min(number, total), total)
    watch(total, total)
    return read


def one_subscriber(
    given: dict[str, str], topics: Topics, *, zone: ZoneInfo, origin: Origin
) -> SubscriberList:
    """Check one subscriber that was given by hand, as a line of a list is checked."""
    place = "the address given"
    try:
        slugs = _slugs(given["topics"], topics, place) if "topics" in given else None
        line = _checked(given | {"origin": origin}, slugs, zone)
    except ValueError as reason:
        return SubscriberList([], [Refused(place, str(reason))])
    return SubscriberList([(place, line)], [])


@plain_dataclass(frozen=True)
class _Reading:
    header: Header
    topics: Topics
    told: Told
    read: SubscriberList
    first_line_of: dict[str, int] = field(default_factory=dict)
    slugs_of: dict[str, list[str]] = field(default_factory=dict)

    def take(self, number: int, values: list[str]) -> None:
        """Add a line to those that are good, or to those that are refused."""
        place = f"{self.told.path}:line {number}"
        try:
            line = self._line(number, values, place)
        except ValueError as reason:
            self.read.refused.append(Refused(place, str(reason)))
        else:
            self.read.lines.append((place, line))

    def _line(self, number: int, values: list[str], place: str) -> SubscriberLine:
        given = self.header.given(values)
        word = given.get("status", "")
        if word:
            meant = standing(word)
            given |= {"status": meant.status, "end_reason": meant.end_reason or ""}
        is_silent = not given.get("consent_source")
        if self.told.consent and is_silent and given.get("status", "active") in {"", "active"}:
            given |= {"consent_source": self.told.consent, "origin": Origin.EDITOR}
        slugs = self._slugs(given.get("topics"), place)
        line = _checked(given, slugs, self.told.zone)
        first = self.first_line_of.setdefault(line.key, number)
        if first != number:
            raise ValueError(f"the same address stands in line {first} already")
        if word and word.lower() not in OWN:
            self.read.words[word, meant.in_words] += 1
        return line

    def _slugs(self, cell: str | None, place: str) -> list[str] | None:
        if cell is None:
            return None
        if cell not in self.slugs_of:
            self.slugs_of[cell] = _slugs(cell, self.topics, place)
        return self.slugs_of[cell]


def first_lines(file: ListFile, path: Path, *, count: int) -> list[list[str]]:
    """Give the first lines of a list, cell by cell; the first of them should name the columns."""
    return [cells for _, (_, cells) in zip(range(count), _numbered(file, path), strict=False)]


def _numbered(file: ListFile, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Give the lines that are not blank, each with the number of the file's line it ends in."""
    text = StringIO(file.text, newline="")
    rows = csv.reader(text, delimiter=file.separator, strict=True)
    begun = 1
    try:
        for values in rows:
            if any(value.strip() for value in values):
                yield rows.line_num, values
            begun = rows.line_num + 1
    except csv.Error as error:
        raise SourceError(
            f"this is not CSV: {error}",
            where=f"{path}:{begun}",
            remedy='a cell that holds a quotation mark is written "like ""this"" one"',
        ) from None


def _checked(given: Mapping[str, str], slugs: list[str] | None, zone: ZoneInfo) -> SubscriberLine:
    kept: dict[str, Any] = {name: text for name, text in given.items() if text.strip()}
    if slugs is not None:
        kept["topics"] = slugs
    try:
        return _LINE.validate_python(kept, context=zone)
    except ValidationError as error:
        raise ValueError(_first_problem(error)) from None


def _slugs(cell: str, topics: Topics, place: str) -> list[str]:
    names = [name.strip() for name in cell.split(";") if name.strip()]
    try:
        return known_topics(names, topics, where=place)
    except SourceError as error:
        raise ValueError(f"{error.message} ({error.remedy})") from None


def _first_problem(error: ValidationError) -> str:
    problem: dict[str, Any] = dict(error.errors()[0])
    column = str(problem["loc"][0])
    message = str(problem["msg"]).removeprefix("Value error, ")
    return message if column == "email" else f"{column}: {message}"
