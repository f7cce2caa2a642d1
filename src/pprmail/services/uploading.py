"""Uploading: a list that an editor's browser sends is shown with all it would do, and then does that."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path, PurePath
from typing import Final
from zoneinfo import ZoneInfo

from pprmail.errors import NotFoundError, SourceError
from pprmail.model.topic import Topics
from pprmail.model.upload import KEPT_FOR, Upload
from pprmail.services.enrolment import Enrolment, Registrar
from pprmail.services.enrolment_rules import NEEDS_DATE, NEEDS_SOURCE
from pprmail.sources.list_file import ListFile, list_file_of
from pprmail.sources.list_header import COLUMNS, JOINED, folded, likely_meant
from pprmail.sources.subscriber_list import (
    Refused,
    SubscriberList,
    Told,
    first_lines,
    subscribers_in,
)
from pprmail.storage.database import Database
from pprmail.storage.uploads import (
    any_upload_over,
    drop_uploads,
    drop_uploads_over,
    keep_upload,
    upload_of,
)

LINES_SHOWN: Final = 3
MOST_LINES: Final = 20_000
"""So many come in while somebody waits for a page; the operator's command takes any number."""

NO_ADDRESS: Final = "None of these columns is taken for the address yet. Say which one holds it."
TWICE: Final = (
    "Two columns are taken for the same. Only names and topics may be put together of several."
)

PLAINLY: Final = {
    NEEDS_SOURCE: "It says that this reader is active, and not where and how this person agreed.",
    NEEDS_DATE: "Implied consent ends two years after it began, and the line does not say when that was.",
}
"""What is said to operators by the names of columns, in words for editors."""


@dataclass(frozen=True)
class Column:
    """A column of a list: its name there, what it is taken for, and what stands in it.

    `key` names it in a form. A column without a name, or with one that another has too, can't be
    given a meaning, and has no key.
    """

    header: str
    key: str
    taken_for: str
    examples: list[str]


@dataclass(frozen=True)
class DryRun:
    """What a list would do. Where its columns are not understood, `problem` says so instead."""

    name: str
    found: str
    columns: Sequence[Column]
    consent: str
    lines: SubscriberList = field(default_factory=lambda: SubscriberList([], []))
    result: Enrolment = field(default_factory=Enrolment)
    refused: Sequence[Refused] = ()
    problem: str = ""

    @property
    def names_consent(self) -> bool:
        """Tell whether the list itself says where its readers agreed."""
        return any(column.taken_for == "consent_source" for column in self.columns)


@dataclass(frozen=True)
class Reception:
    """Where one sign-in's list is taken in; `owner` is a digest of that sign-in.

    The days in a list begin in `zone`.
    """

    registrar: Registrar
    topics: Topics
    zone: ZoneInfo
    owner: str

    @property
    def database(self) -> Database:
        """The rows."""
        return self.registrar.database


def take_in(reception: Reception, name: str, content: bytes, *, now: datetime) -> None:
    """Keep a list for an hour; what is no list at all is an error."""
    shown = _shown_name(name)
    file = list_file_of(content, Path(shown))
    if file.text.count("\n") > MOST_LINES:
        raise SourceError(
            f"the list has more than {MOST_LINES:,} lines",
            remedy="split it, or ask the operator to bring it in",
        )
    columns = _columns(file, Path(shown), {})
    upload = Upload(
        owner=reception.owner,
        name=shown,
        content=content,
        mapping={c.key: likely_meant(c.header) for c in columns if c.key},
        consent="",
        good_until=now + KEPT_FOR,
    )
    with reception.database.write() as session:
        keep_upload(session, upload)


def understand(
    reception: Reception, mapping: Mapping[str, str], consent: str, *, now: datetime
) -> None:
    """Take the columns of the list for what the editor says, whose own words say who agreed where."""
    with reception.database.write() as session:
        upload = upload_of(session, reception.owner, now=now)
        if upload is not None:
            said = {theirs: mapping.get(theirs, "") for theirs in upload.mapping}
            upload.mapping = {t: ours if ours in COLUMNS else "" for t, ours in said.items()}
            upload.consent = " ".join(consent.split())


def dry_run(reception: Reception, *, now: datetime) -> DryRun | None:
    """Say what the list would do; None where there is none, or its hour is over."""
    upload = _upload(reception, now=now)
    if upload is None:
        return None
    path = Path(upload.name)
    file = list_file_of(upload.content, path)
    columns = _columns(file, path, upload.mapping)
    shown = DryRun(upload.name, file.found, columns, upload.consent)
    problem = _misunderstood(columns)
    if problem:
        return replace(shown, problem=problem)
    try:
        lines = _lines(reception, upload, file)
    except SourceError as error:
        return replace(shown, problem=f"{error}")
    result = reception.registrar.rehearse(lines, now=now)
    return replace(shown, lines=lines, result=result, refused=_plainly(result.refused))


def bring_in(reception: Reception, mark: str, *, who: str, now: datetime) -> Enrolment | None:
    """Do what was shown under this mark; None, and nothing is done, if the list would do otherwise now."""
    upload = _upload(reception, now=now)
    if upload is None:
        raise NotFoundError("the list is not kept any more", remedy="choose the file once more")
    lines = _lines(reception, upload, list_file_of(upload.content, Path(upload.name)))
    done = reception.registrar.enrol_as_shown(lines, mark, who=who, now=now)
    if done is not None:
        forget(reception, now=now)
    return done


def forget(reception: Reception, *, now: datetime) -> None:
    """Forget the list."""
    with reception.database.write() as session:
        drop_uploads(session, reception.owner, now=now)


def forget_uploads(database: Database, *, now: datetime) -> None:
    """Forget every list whose hour is over."""
    with database.read() as session:
        if not any_upload_over(session, now=now):
            return
    with database.write() as session:
        drop_uploads_over(session, now=now)


def _plainly(lines: Sequence[Refused]) -> list[Refused]:
    return [Refused(line.where, PLAINLY.get(line.reason, line.reason)) for line in lines]


def _upload(reception: Reception, *, now: datetime) -> Upload | None:
    with reception.database.read() as session:
        return upload_of(session, reception.owner, now=now)


def _lines(reception: Reception, upload: Upload, file: ListFile) -> SubscriberList:
    told = Told(Path(upload.name), reception.zone, upload.mapping, upload.consent)
    return subscribers_in(file, reception.topics, told)


def _columns(file: ListFile, path: Path, mapping: Mapping[str, str]) -> list[Column]:
    headers, *rows = first_lines(file, path, count=LINES_SHOWN + 1) or [[]]
    names = [folded(header) for header in headers]
    return [
        Column(
            header=header.strip(),
            key=names[place] if names[place] and names.count(names[place]) == 1 else "",
            taken_for=mapping.get(names[place], ""),
            examples=[row[place].strip() for row in rows if place < len(row)],
        )
        for place, header in enumerate(headers)
    ]


def _misunderstood(columns: Sequence[Column]) -> str:
    taken = [column.taken_for for column in columns]
    twice = [name for name in COLUMNS if taken.count(name) > 1 and name not in JOINED]
    if "email" not in taken:
        return NO_ADDRESS
    return TWICE if twice else ""


def _shown_name(name: str) -> str:
    last = PurePath(name.replace("\\", "/")).name
    return "".join(c for c in last if c.isprintable())[:100] or "the list"
