"""The fields of a manifest in words: what changed, as an editor says it."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

ISSUE_FIELDS: Final = {
    "subject": "the subject",
    "preheader": "the preheader",
    "introduction": "the introduction",
    "notices": "the notices",
    "order": "the choice or the order of the summaries",
    "audience": "the rule of who gets it",
    "month": "the month",
}
SUMMARY_FIELDS: Final = {
    "title": "the title",
    "citation": "the citation",
    "doi": "the DOI",
    "type_of_research": "the type of research",
    "in_brief": "“In brief”",
    "author": "the author",
    "body": "the text",
    "implications": "the Practice Implications",
    "topics": "the topics",
}
_FIELD: Final = re.compile(r"(?P<of>\w+)(?: (?P<slug>[^.]+))?\.(?P<name>.+)")


def changes_in_words(fields: Iterable[str], *, titles: Mapping[str, str]) -> list[str]:
    """Name what changed, each thing once; `titles` are those of the summaries, by slug.

    An edition that reads otherwise is only named when nothing else explains it.
    """
    named = list(fields)
    causes = [field for field in named if not field.startswith("edition ")]
    return list(dict.fromkeys(_in_words(field, titles) for field in causes or named))


def place_in_words(where: str, *, titles: Mapping[str, str]) -> str:
    """Name the place of a finding: a summary by its title, a setting as one."""
    kind, _, name = where.partition(" ")
    if kind == "summary":
        return f"in “{titles.get(name, name)}”"
    return f"a setting of the system: {where}" if where.startswith("[") else where


def _in_words(field: str, titles: Mapping[str, str]) -> str:
    found = _FIELD.fullmatch(field)
    of, name = (found["of"], found["name"]) if found else ("", "")
    if found and found["slug"] and of == "summary":
        what = SUMMARY_FIELDS.get(name, "a detail")
        return f"{what} of “{titles.get(found['slug'], found['slug'])}”"
    if of == "issue":
        return ISSUE_FIELDS.get(name, "a detail of the issue")
    if of == "masthead":
        return "the newsletter’s own particulars (name, sender, address or colours)"
    if of in {"audience", "topics"}:
        return "the list of topics"
    return "a template of the letter" if field.startswith("template ") else "how an edition reads"
