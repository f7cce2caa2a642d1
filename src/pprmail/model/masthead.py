"""The masthead: who sends the letter, from where, and how it looks."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_NO_REPLY: Final = re.compile(r"(no|not|do-?not)[-_.]?reply")
FONTS: Final = "Georgia, 'Times New Roman', serif"


@dataclass(frozen=True)
class Brand:
    """Colours as #rrggbb, the address of a logo or nothing, and a stack of fonts as CSS has it."""

    accent: str
    text: str
    background: str
    logo_url: str
    fonts: str = FONTS


@dataclass(frozen=True)
class Masthead:
    """The newsletter's own particulars, the same for every issue."""

    name: str
    from_name: str
    from_email: str
    reply_to: str
    postal_address: str
    base_url: str
    zone: ZoneInfo
    list_id: str
    brand: Brand

    def url(self, path: str) -> str:
        """Give the public address of a page; `base_url` may hold a path of its own."""
        return f"{self.base_url.rstrip('/')}/{path.lstrip('/')}"

    @property
    def sender_line(self) -> dict[str, str]:
        """What stands in the header of every letter; an approval signs it."""
        return {
            "from_name": self.from_name,
            "from_email": self.from_email,
            "reply_to": self.reply_to,
            "list_id": self.list_id,
        }

    @property
    def takes_replies(self) -> bool:
        """Tell whether somebody reads what readers answer."""
        local = self.reply_to.partition("@")[0].lower()
        says_no = _NO_REPLY.search(local) is not None
        return bool(local) and not (says_no and self.reply_to == self.from_email)

    @property
    def is_on_loopback(self) -> bool:
        """Tell whether its pages are on this machine alone."""
        return is_on_loopback(self.base_url)


def is_on_loopback(url: str) -> bool:
    """Tell whether an address leads to this machine."""
    return urlsplit(url).hostname in LOOPBACK
