"""Reading whatever was named: Markdown files, folders of them, saved pages of the blog."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final

from pprmail.errors import SourceError
from pprmail.model.topic import Topics
from pprmail.sources.blog_page import read_blog_page
from pprmail.sources.entry import Entry, Sources
from pprmail.sources.markdown import known_topics, known_type, read_issue_text, read_summary

ISSUE_TEXT: Final = "issue.md"
PAGES: Final = frozenset({".txt", ".html", ".htm"})


def read_sources(paths: Iterable[Path], topics: Topics) -> Sources:
    """Read all of it, or raise one error that lists every place that can't be read."""
    sources, problems = Sources(), list[SourceError]()
    for path in paths:
        for file in _files(path):
            try:
                sources += _read(file, topics)
            except SourceError as problem:
                problems.append(problem)
    if len(problems) == 1:
        raise problems[0]
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise SourceError(f"{len(problems)} places can't be read; nothing was imported:\n{listed}")
    return sources


def _files(path: Path) -> list[Path]:
    if not path.exists():
        raise SourceError("there is no such file or folder", where=str(path))
    if not path.is_dir():
        return [path]
    found = sorted(f for f in path.rglob("*.md") if f.name.lower() != "readme.md")
    if not found:
        raise SourceError("there is no Markdown file in this folder", where=str(path))
    return found


def _read(path: Path, topics: Topics) -> Sources:
    if path.name == ISSUE_TEXT:
        return Sources(texts=[read_issue_text(path)])
    if path.suffix.lower() == ".md":
        return Sources(entries=[read_summary(path, topics)])
    if path.suffix.lower() in PAGES:
        return read_blog_page(path, topics)
    raise SourceError(
        "this kind of file can't be read",
        where=str(path),
        remedy="name Markdown files (.md), folders of them, or saved pages (.txt, .html)",
    )


def with_additions(sources: Sources, topics: Topics, *, names: list[str], kind: str) -> Sources:
    """Add topics, and a type of research where there is none, to every entry."""
    slugs = known_topics(names, topics, where="--topic")
    type_of_research = known_type(kind, topics, where="--type")
    added = [_with(entry, slugs, type_of_research) for entry in sources.entries]
    return replace(sources, entries=added)


def _with(entry: Entry, slugs: list[str], kind: str | None) -> Entry:
    topics = list(dict.fromkeys([*entry.topics, *slugs]))
    return replace(entry, topics=topics, type_of_research=entry.type_of_research or kind)
