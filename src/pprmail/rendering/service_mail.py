"""Service mails: what the system says to one person, made of the same three files as a letter."""

from dataclasses import dataclass
from typing import Any

from pprmail.model.masthead import Masthead
from pprmail.rendering.mail import RenderedMail, rendered, surroundings
from pprmail.rendering.shelf import Shelf


@dataclass(frozen=True)
class ServiceMails:
    """Makes service mails: a pure function of kind, data, masthead and templates."""

    shelf: Shelf
    masthead: Masthead

    def render(self, kind: str, data: dict[str, Any]) -> RenderedMail:
        """Render a mail of a kind, which is the name of its folder of templates."""
        return rendered(self.shelf, f"email/{kind}", surroundings(self.masthead) | data)
