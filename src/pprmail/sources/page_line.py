"""A line of a saved page, and what can be told of it by its look alone."""

import re
from dataclasses import dataclass
from typing import Final

from pprmail.sources.citation import parse_citation

LONGEST_TITLE: Final = 300
SHORT: Final = 80
LONG: Final = 160
_SENTENCE_ENDS: Final = tuple(".!?…)]”\"’'»")
_ITEM: Final = re.compile(r"[-*•·]\s+")
_HEADING: Final = re.compile(r"practice implications\s*:?", re.IGNORECASE)
_IN_PRESS: Final = re.compile(r"\( ?in press(?:-[a-z])? ?\)", re.IGNORECASE)
_CONTACT: Final = re.compile(
    r"((corresponding )?author([’']?s?[’']?)? )?e-?mail( address)?\s*:|link to (the )?abstract\s*:",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class PageLine:
    """One line of text with its number."""

    number: int
    text: str

    @property
    def is_implications_heading(self) -> bool:
        """Tell whether the implications begin below this line."""
        return _HEADING.fullmatch(self.text) is not None

    @property
    def is_contact(self) -> bool:
        """Tell whether this is a line that old pages have: the author's address, a link."""
        return len(self.text) < LONG and _CONTACT.match(self.text) is not None

    @property
    def is_citation(self) -> bool:
        """Tell whether this is surely a citation: a dated work, of someone or in some journal.

        Names that can't be told apart are no reason to take the line for the entry's text.
        """
        if "(" not in self.text:
            return False
        reference = parse_citation(self.text)
        is_dated = reference.year is not None or reference.advance_online
        if not is_dated and _IN_PRESS.search(self.text) is None:
            return False
        # “Moss and Fern (2019). They found …” begins many a paragraph, but without initials.
        is_signed = any(author.given for author in reference.authors)
        is_printed = bool(reference.authors) and reference.publisher is not None
        has_title = reference.title is not None and (is_signed or is_printed)
        return has_title or reference.container is not None

    @property
    def is_item(self) -> bool:
        """Tell whether the line is an item of a list."""
        return _ITEM.match(self.text) is not None

    @property
    def item(self) -> str:
        """The line without the mark of a list's item."""
        return _ITEM.sub("", self.text, count=1)

    @property
    def ends_a_sentence(self) -> bool:
        """Tell whether the line ends as a paragraph does."""
        return self.text.endswith(_SENTENCE_ENDS)

    @property
    def is_paragraph(self) -> bool:
        """Tell a paragraph from a title, a button, or the small print of a page's foot."""
        is_long_enough = len(self.text) >= (SHORT if self.ends_a_sentence else LONG)
        return is_long_enough or (self.is_item and self.ends_a_sentence)

    @property
    def may_be_title(self) -> bool:
        """Tell whether the line may be a title among paragraphs."""
        return len(self.text) < LONG and not self.is_item and not self.is_citation
