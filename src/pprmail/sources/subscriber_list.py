"""Reading a list of subscribers: a CSV file with named columns, every line checked on its own."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Annotated, Any, Final

from email_validator import EmailNotValidError, validate_email
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from pprmail.errors import SourceError
from pprmail.model.audience import NoMatch
from pprmail.model.subscriber import ConsentKind, SubscriberStatus, address_key
from pprmail.model.topic import Topics
from pprmail.sources.files import read_text
from pprmail.sources.markdown import known_topics

COLUMNS: Final = (
    "email",
    "name",
    "topics",
    "no_match",
    "status",
    "consent_source",
    "consent_at",
    "consent_kind",
)
LARGEST_LIST: Final = 60_000_000


def checked_address(text: str) -> str:
    """Give an address as it was written, if a provider takes it; otherwise a ValueError.

    Quoted and non-ASCII local parts are refused: providers do not take them.
    """
    address = text.strip()
    try:
        validate_email(address, check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError as error:
        raise ValueError(f"“{address}” is no address a letter can go to: {error}") from None
    return address


def _printable(text: str) -> str:
    name = " ".join(text.split())
    if not name.isprintable():
        raise ValueError("a name can't hold control characters")
    return name


def _moment(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"“{text}” is no date; write 2026-11-23 or 2026-11-23T09:00+00:00"
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _listed(text: str) -> list[str]:
    return [name.strip() for name in text.split(";") if name.strip()]


def _or_none(text: str) -> str | None:
    return text or None


class SubscriberLine(BaseModel):
    """One line, checked; `status` and `topics` are None where the file says nothing of them."""

    model_config = ConfigDict(extra="forbid")
    email: Annotated[str, AfterValidator(checked_address)]
    name: Annotated[str, Field(max_length=200), AfterValidator(_printable)] | None = None
    topics: Annotated[list[str], BeforeValidator(_listed)] | None = None
    no_match: NoMatch | None = None
    status: SubscriberStatus | None = None
    consent_source: str | None = None
    consent_at: Annotated[datetime | None, BeforeValidator(_moment)] = None
    consent_kind: ConsentKind | None = None

    @property
    def key(self) -> str:
        """The key under which its address is known."""
        return address_key(self.email)


@dataclass(frozen=True)
class Refused:
    """A line that can't be taken, and why."""

    where: str
    reason: str


@dataclass(frozen=True)
class SubscriberList:
    """What a file holds: good lines with their place, and refused ones."""

    lines: list[tuple[str, SubscriberLine]]
    refused: list[Refused]


def read_subscribers(path: Path, topics: Topics) -> SubscriberList:
    """Read a list; a bad line is refused with its reason, a bad header is an error."""
    rows = csv.reader(StringIO(read_text(path, largest=LARGEST_LIST)), strict=True)
    good: list[tuple[str, SubscriberLine]] = []
    refused: list[Refused] = []
    first_line_of: dict[str, str] = {}
    header = _header(rows, path)
    for place, values in _numbered(rows, path):
        try:
            line = _line(header, values, topics, place)
            first = first_line_of.setdefault(line.key, place)
            if first != place:
                raise ValueError(f"the same address stands in {first.rpartition(':')[2]} already")
        except ValueError as reason:
            refused.append(Refused(place, str(reason)))
        else:
            good.append((place, line))
    return SubscriberList(good, refused)


def one_subscriber(given: dict[str, str], topics: Topics) -> SubscriberList:
    """Check one subscriber that was given by hand, as a line of a list is checked."""
    place = "the address given"
    try:
        line = _line(list(given), list(given.values()), topics, place)
    except ValueError as reason:
        return SubscriberList([], [Refused(place, str(reason))])
    return SubscriberList([(place, line)], [])


def _header(rows: Any, path: Path) -> list[str]:
    header = [name.strip().lower() for name in next(rows, [])]
    unknown = [name for name in header if name not in COLUMNS]
    if "email" not in header or unknown or len(set(header)) < len(header):
        wrong = f"unknown: {', '.join(unknown)}" if unknown else "each at most once, email at least"
        raise SourceError(
            f"the first line does not name the columns ({wrong})",
            where=f"{path}:1",
            remedy=f"the columns are {','.join(COLUMNS)}, parted by commas",
        )
    return header


def _numbered(rows: Any, path: Path) -> Iterator[tuple[str, list[str]]]:
    try:
        for values in rows:
            if any(value.strip() for value in values):
                yield f"{path}:line {rows.line_num}", values
    except csv.Error as error:
        raise SourceError(f"this is not CSV: {error}", where=f"{path}:{rows.line_num}") from None


def _line(header: list[str], values: list[str], topics: Topics, place: str) -> SubscriberLine:
    if len(values) != len(header):
        raise ValueError(f"it has {len(values)} columns, the first line has {len(header)}")
    given = {
        n: v.strip() for n, v in zip(header, values, strict=True) if v.strip() or n == "topics"
    }
    try:
        line = SubscriberLine.model_validate(given)
    except ValidationError as error:
        raise ValueError(_first_problem(error)) from None
    try:
        slugs = known_topics(line.topics or [], topics, where=place)
    except SourceError as error:
        raise ValueError(f"{error.message} ({error.remedy})") from None
    return line.model_copy(update={"topics": slugs if line.topics is not None else None})


def _first_problem(error: ValidationError) -> str:
    problem: dict[str, Any] = dict(error.errors()[0])
    column = str(problem["loc"][0])
    message = str(problem["msg"]).removeprefix("Value error, ")
    return message if column == "email" else f"{column}: {message}"
