"""Emails in a browser, as mail programs show them: light, dark, turned dark, or with parts left out."""

import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import Any, Final

from playwright.sync_api import Browser, Page, Route, ViewportSize

from browser.browsing import Scheme
from rendering.specimens import specimens

NARROW, PHONE, DESKTOP = 320, 375, 800
LOGO: Final = "https://letter.example.org/logo.png"
STYLES_AWAY: Final = "document.querySelectorAll('style').forEach(style => style.remove())"

Measure = Callable[[Page], list[Any]]


class Look(Enum):
    """How a mail program may show an email."""

    LIGHT = "light"
    DARK = "dark"
    AUTOMATIC_DARK = "automatic dark"
    """A program turns the light colours dark by itself, whatever the email says about dark."""
    UNSTYLED = "without style"
    """A program drops every style element, and keeps what stands in the elements themselves."""
    UNSTYLED_DARK = "without style, dark"
    WITHOUT_IMAGES = "without images"

    @property
    def scheme(self) -> Scheme:
        """Say what the reader prefers."""
        return "dark" if self in {Look.DARK, Look.UNSTYLED_DARK} else "light"

    @property
    def styled(self) -> bool:
        """Tell whether style elements are kept."""
        return self not in {Look.UNSTYLED, Look.UNSTYLED_DARK}


def faults(
    browser: Browser, measure: Measure | str, *, look: Look = Look.LIGHT, width: int = PHONE
) -> str:
    """Measure every email as it is seen in one way; tell what is wrong, an email a line."""
    with a_mail_program(browser, look, width=width) as opened:
        return told(
            {name: measured(opened(mail.html), measure) for name, mail in specimens().items()}
        )


def told(found: Mapping[str, object]) -> str:
    """Tell what was found, where anything was."""
    return "\n".join(f"{name}: {wrong}" for name, wrong in found.items() if wrong)


def measured(page: Page, measure: Measure | str) -> list[Any]:
    """Ask a function, or a script, what is wrong with a page."""
    return list(page.evaluate(measure) if isinstance(measure, str) else measure(page))


@contextmanager
def a_mail_program(
    browser: Browser, look: Look = Look.LIGHT, *, width: int = PHONE, scale: float = 1
) -> Iterator[Callable[[str], Page]]:
    """Give a function that opens an email, each in the place of the one before."""
    size: ViewportSize = {"width": width, "height": 800}
    with browser.new_context(
        viewport=size, color_scheme=look.scheme, device_scale_factor=scale
    ) as context:
        page = context.new_page()
        page.route("**/*", _nothing if look is Look.WITHOUT_IMAGES else _the_logo_alone)
        if look is Look.AUTOMATIC_DARK:
            override = {"enabled": True}
            context.new_cdp_session(page).send("Emulation.setAutoDarkModeOverride", override)
        yield lambda html: _opened(page, html, look)


def _opened(page: Page, html: str, look: Look) -> Page:
    page.set_content(html)
    if not look.styled:
        page.evaluate(STYLES_AWAY)
    return page


def _nothing(route: Route) -> None:
    route.abort()


def _the_logo_alone(route: Route) -> None:
    if route.request.url == LOGO:
        route.fulfill(body=_a_logo(), content_type="image/png")
    else:
        route.abort()


def _a_logo() -> bytes:
    """Draw dark bars on no ground at all, which are lost on a dark one."""
    bar, gap = b"\x1f\x2a\x2b\xff" * 12, b"\0\0\0\0" * 12
    rows = (b"\0" + (bar + gap) * 10) * 80
    header = struct.pack(">IIBBBBB", 240, 80, 8, 6, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)
