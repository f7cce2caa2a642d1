"""What is looked at in the bytes of an edition."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from pprmail.model.edition import LARGEST_HTML, Edition, name_of
from pprmail.model.issue import Issue
from pprmail.model.masthead import Masthead
from pprmail.model.personal import PARTS, WORDS, key
from pprmail.model.preflight import Finding
from pprmail.model.subject import LONGEST_SUBJECT
from pprmail.model.summary import Summary
from pprmail.rendering.inspection import code_in, links_in, words_of_links

LARGE_HTML: Final = 60_000
LONGEST_ADDRESS: Final = 512
OUR_OWN: Final = ("#", "https://doi.org/")
"""Links of the contents list and of a study: what an editor can't write otherwise."""

VAGUE: Final = frozenset(
    [
        "",
        "here",
        "click here",
        "click",
        "this",
        "this link",
        "link",
        "more",
        "read more",
        "learn more",
    ]
)
"""What screen readers, which list links without the words around them, read out in vain."""

_LONG_HEX: Final = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)


def edition_errors(edition: Edition, issue: Issue, *, masthead: Masthead) -> Iterator[Finding]:
    """Find what makes an edition impossible to send."""
    place = name_of(edition, issue)
    if not edition.subject.strip():
        yield Finding("empty_subject", "its subject is empty", place)
    if edition.html_bytes > LARGEST_HTML:
        size = f"{edition.html_bytes // 1000} kB of HTML; mail programs cut such a letter off"
        yield Finding("too_large", size, place)
    if not all(key(edition.mark, "leave") in part for part in (edition.html, edition.text)):
        yield Finding("no_unsubscribe", "its readers can't leave", place)
    for address in _bad_links(edition.html, masthead):
        yield Finding("bad_link", f"“{address}” is no https address", f"issue {issue.name}")
    for code in _unresolved(edition, issue):
        yield Finding("unresolved_placeholder", f"“{code}” would be sent as it is", place)
    for word in WORDS:
        if word not in edition.words:
            yield Finding("missing_words", f"words.toml lacks “{word}”", place)


def edition_warnings(edition: Edition, issue: Issue) -> Iterator[Finding]:
    """Find what an editor may want to mend."""
    place = name_of(edition, issue)
    if len(edition.subject) > LONGEST_SUBJECT:
        message = (
            f"its subject has {len(edition.subject)} characters; inboxes show {LONGEST_SUBJECT}"
        )
        yield Finding("long_subject", message, place)
    if LARGE_HTML < edition.html_bytes <= LARGEST_HTML:
        size = (
            f"{edition.html_bytes // 1000} kB of HTML; it loads slowly, and Gmail cuts at about 100"
        )
        yield Finding("large", size, place)
    for message, code in _odd_links(edition.html):
        yield Finding(code, message, f"issue {issue.name}")


def _odd_links(source: str) -> Iterator[tuple[str, str]]:
    told: dict[str, str] = {}
    outward = [link for link in words_of_links(source) if not link[1].startswith(OUR_OWN)]
    for words, address in outward:
        if len(address) >= LONGEST_ADDRESS or _LONG_HEX.search(address):
            yield f"the address behind “{words}” looks like a trick to spam filters", "long_link"
        if words.casefold().strip(" .…»›→") in VAGUE:
            yield f"the link “{words}” does not say where it leads", "vague_link"
        elif told.setdefault(words, address) != address:
            yield f"two links say “{words}” and lead to different places", "same_words"


def _bad_links(source: str, masthead: Masthead) -> list[str]:
    return [address for address in links_in(source) if not _is_good(address, masthead)]


def _is_good(address: str, masthead: Masthead) -> bool:
    is_ours = address.startswith(f"{masthead.base_url}/")
    return is_ours or address.startswith(("https://", "mailto:", "#"))


def _unresolved(edition: Edition, issue: Issue) -> Iterator[str]:
    known = {key(edition.mark, part) for part in PARTS}
    for part in (edition.subject, edition.html, edition.text):
        keys = re.findall(rf"-{edition.mark}\.[a-z_]*-?", part)
        yield from (found for found in keys if found not in known or part is edition.subject)
    written = "\n".join(text for s in issue.summaries for text in _texts(s)) + _issue_text(issue)
    for found in code_in(f"{edition.subject}\n{edition.text}"):
        # What an editor wrote comes out as it was written; SendGrid's own <% %> would not.
        if found.startswith("<%") or " ".join(found.split()) not in " ".join(written.split()):
            yield found


def _texts(summary: Summary) -> list[str]:
    fields: Mapping[str, str | None] = vars(summary)
    return [text for text in fields.values() if isinstance(text, str)]


def _issue_text(issue: Issue) -> str:
    return " ".join(t for t in (issue.subject, issue.introduction, issue.notices) if t)
