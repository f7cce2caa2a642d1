"""Service mails: what the system says to one person, made of the same three files as a letter."""

from dataclasses import dataclass
from typing import Any

from pprmail.model.masthead import Masthead
from pprmail.rendering.inliner import inline
from pprmail.rendering.letter import surroundings, tidy
from pprmail.rendering.shelf import Shelf


@dataclass(frozen=True)
class RenderedMail:
    """One mail's words."""

    subject: str
    html: str
    text: str


@dataclass(frozen=True)
class ServiceMails:
    """Makes service mails: a pure function of kind, data, masthead and templates."""

    shelf: Shelf
    masthead: Masthead

    def render(self, kind: str, data: dict[str, Any]) -> RenderedMail:
        """Render a mail of a kind, which is the name of its folder of templates."""
        known = surroundings(self.masthead) | data
        subject = " ".join(self.shelf.fill(f"email/{kind}/subject.txt", known).split())
        known["subject"] = subject
        return RenderedMail(
            subject=subject,
            html=inline(self.shelf.fill(f"email/{kind}/body.html", known)),
            text=tidy(self.shelf.fill(f"email/{kind}/body.txt", known)),
        )
