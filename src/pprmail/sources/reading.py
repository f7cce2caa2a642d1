"""Reading whatever was named: Markdown files, folders of them, saved pages of the blog."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from stat import S_ISDIR
from typing import Final, NoReturn

from pprmail.errors import SourceError
from pprmail.model.topic import Topics
from pprmail.sources.blog_page import read_blog_page
from pprmail.sources.entry import Entry, Sources
from pprmail.sources.markdown import known_topics, known_type, read_issue_text, read_summary

ISSUE_TEXT: Final = "issue.md"
MARKDOWN: Final = ".md"
PAGES: Final = frozenset({".txt", ".html", ".htm"})


def read_sources(paths: Iterable[Path], topics: Topics) -> Sources:
    """Read all of it, or raise one error that lists every place that can't be read."""
    sources, problems = Sources(), list[SourceError]()
    for path in paths:
        with _noted_among(problems):
            for file in _files(path):
                with _noted_among(problems):
                    sources += _read(file, topics)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise SourceError(f"{len(problems)} places can't be read; nothing was imported:\n{listed}")
    return sources


def with_additions(sources: Sources, topics: Topics, *, names: list[str], kind: str) -> Sources:
    """Add topics, and a type of research where there is none, to every entry."""
    slugs = known_topics(names, topics, where="--topic")
    type_of_research = known_type(kind, topics, where="--type")
    added = [_with(entry, slugs, type_of_research) for entry in sources.entries]
    return replace(sources, entries=added)


@contextmanager
def _noted_among(problems: list[SourceError]) -> Iterator[None]:
    try:
        yield
    except SourceError as problem:
        problems.append(problem)


def _files(path: Path) -> list[Path]:
    try:
        is_folder = S_ISDIR(path.stat().st_mode)
    except FileNotFoundError:
        raise SourceError("there is no such file or folder", where=str(path)) from None
    except OSError as error:
        _refuse(error)
    if not is_folder:
        return [path]
    files = _markdown_below(path)
    if not files:
        raise SourceError("there is no Markdown file in this folder", where=str(path))
    return files


def _markdown_below(folder: Path) -> list[Path]:
    walk = os.walk(folder, onerror=_refuse)
    files = [Path(place) / name for place, _, names in walk for name in names]
    return sorted(file for file in files if _is_meant(file.relative_to(folder)))


def _refuse(error: OSError) -> NoReturn:
    raise SourceError(f"can't be read: {error.strerror}", where=str(error.filename))


def _is_meant(file: Path) -> bool:
    is_hidden = any(part.startswith(".") for part in file.parts)
    is_about_the_folder = file.stem.lower() == "readme"
    return file.suffix.lower() == MARKDOWN and not is_hidden and not is_about_the_folder


def _read(path: Path, topics: Topics) -> Sources:
    if path.name.lower() == ISSUE_TEXT:
        return Sources(texts=[read_issue_text(path)])
    if path.suffix.lower() == MARKDOWN:
        return Sources(entries=[read_summary(path, topics)])
    if path.suffix.lower() in PAGES:
        return read_blog_page(path, topics)
    raise SourceError(
        "this kind of file can't be read",
        where=str(path),
        remedy="name Markdown files (.md), folders of them, or saved pages (.txt, .html)",
    )


def _with(entry: Entry, slugs: list[str], kind: str | None) -> Entry:
    return replace(
        entry,
        topics=list(dict.fromkeys([*entry.topics, *slugs])),
        type_of_research=entry.type_of_research or kind,
    )
