"""Exporting: every summary as a Markdown file that can be imported again."""

import json
import re
from pathlib import Path
from typing import Final

from pprmail.files import write_whole
from pprmail.model.summary import Summary, TextFormat
from pprmail.model.topic import Topics
from pprmail.services.archive import listed
from pprmail.services.newsroom import Newsroom

_MARKUP: Final = re.compile(r"([\\`*_\[\]<>&|~])|^(#+|[+-]+|=+|\d+[.)])(?=\s|$)", re.MULTILINE)


def export_summaries(newsroom: Newsroom, folder: Path) -> list[Path]:
    """Write all summaries, each into the folder of its month."""
    return [
        write_whole(folder / s.month / f"{s.slug}.md", markdown_of(s, newsroom.topics))
        for s in listed(newsroom)
    ]


def markdown_of(summary: Summary, topics: Topics) -> str:
    """Write a summary as its file would be written by hand."""
    head = {
        "title": summary.title,
        "month": summary.month,
        "citation": summary.citation or "",
        "doi": summary.doi,
        "type_of_research": summary.type_of_research,
        "topics": topics.names(summary.topics),
        "in_brief": summary.in_brief,
        "author": summary.author,
    }
    # JSON is YAML, and quotes whatever YAML would take for something else.
    lines = [f"{k}: {json.dumps(v, ensure_ascii=False)}" for k, v in head.items() if v is not None]
    front = "\n".join(["---", *lines, "---"])
    body, implications = (_markdown(summary, text) for text in (summary.body, summary.implications))
    return f"{front}\n\n{body}\n\n## Practice Implications\n\n{implications}\n"


def _markdown(summary: Summary, text: str) -> str:
    if summary.text_format is TextFormat.MARKDOWN:
        return text
    # Spaces at either end of a line say nothing in a plain text, and much in Markdown.
    lines = "\n".join(line.strip() for line in text.split("\n"))
    return _MARKUP.sub(_escaped, lines)


def _escaped(found: re.Match[str]) -> str:
    if found[1]:
        return f"\\{found[1]}"
    # "1." is escaped before its point, "##" and "---" before their last.
    return f"{found[2][:-1]}\\{found[2][-1]}"
