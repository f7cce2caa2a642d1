"""The fields that an approval signs, in the words of a person who asks what has changed."""

from collections.abc import Iterable, Mapping
from typing import Final

ISSUE: Final = {
    "subject": "the subject",
    "preheader": "the preheader",
    "introduction": "the introduction",
    "notices": "the notices",
    "order": "the order of the summaries, or which they are",
    "audience": "who gets it",
}
SUMMARY: Final = {
    "title": "the title",
    "citation": "the citation",
    "doi": "the DOI",
    "type_of_research": "the type of research",
    "topics": "the topics",
    "in_brief": "“In brief”",
    "body": "the text",
    "implications": "the Practice Implications",
}


def in_words(fields: Iterable[str], titles: Mapping[str, str] | None = None) -> list[str]:
    """Say each thing once, in the order given; that editions changed goes without saying.

    `titles` are those of the summaries, by their slugs.
    """
    said = (_in_words(field, titles or {}) for field in fields)
    return list(dict.fromkeys(filter(None, said)))


def _in_words(field: str, titles: Mapping[str, str]) -> str:
    kind, _, name = field.partition(".")
    if kind == "issue":
        return ISSUE.get(name, name.replace("_", " "))
    if kind.startswith("summary "):
        slug, _, column = field.removeprefix("summary ").rpartition(".")
        return f"{SUMMARY.get(column, column.replace('_', ' '))} of “{titles.get(slug, slug)}”"
    if kind == "masthead":
        return f"the newsletter’s {name.replace('_', ' ').replace('.', ' ')}"
    if kind == "audience":
        return "which topics lead to which summaries"
    if kind == "topics":
        return "the names of topics"
    return "" if kind.startswith("edition ") else "the letter’s templates"
