"""Service mails: what the system says to one person, made of the same three files as a letter."""

from dataclasses import dataclass

from pprmail.model.masthead import Masthead
from pprmail.model.occasion import Occasion
from pprmail.rendering.mail import RenderedMail, rendered, surroundings
from pprmail.rendering.shelf import Shelf


@dataclass(frozen=True)
class WrittenMail:
    """One mail, and what it was written for."""

    kind: str
    words: RenderedMail


@dataclass(frozen=True)
class ServiceMails:
    """Makes service mails: a pure function of occasion, masthead and templates."""

    shelf: Shelf
    masthead: Masthead

    def write(self, occasion: Occasion) -> WrittenMail:
        """Write the mail of an occasion, whose kind is the name of its folder of templates."""
        data = surroundings(self.masthead) | vars(occasion)
        return WrittenMail(occasion.kind, rendered(self.shelf, f"email/{occasion.kind}", data))
