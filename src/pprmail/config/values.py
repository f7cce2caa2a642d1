"""The kinds of values that settings take, each refused with a sentence that says what to write."""

import re
from ipaddress import ip_network
from typing import Annotated, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from pprmail.model.calendar import MonthlyTime
from pprmail.model.masthead import FONTS, is_on_loopback
from pprmail.model.month import parse_month

SHORTEST_WINDOW: Final = 15
LONGEST_WINDOW: Final = 72 * 60 - 60
GENERIC_FONTS: Final = ("serif", "sans-serif", "monospace")


def _address(value: str) -> str:
    if value and not re.fullmatch(r"[!-?A-~]+@[a-z0-9-]+(\.[a-z0-9-]+)+", value, re.IGNORECASE):
        raise ValueError("this is not a mail address in ASCII")
    return value


def _line(value: str) -> str:
    if any(ord(character) < 32 or ord(character) == 127 for character in value):
        raise ValueError("a line break or another control character can't stand in a header")
    return value.strip()


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.query or parts.fragment or not parts.hostname:
        raise ValueError("write a whole web address such as https://letter.example.org")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_on_loopback(value)):
        raise ValueError("readers need https; plain http is for this machine alone (127.0.0.1)")
    return value.rstrip("/")


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"“{value}” is no time zone; write one such as America/Toronto") from error
    return value


def _monthly(value: str) -> str:
    MonthlyTime.parse(value)
    return value


def _month_or_nothing(value: str) -> str:
    return parse_month(value) if value else value


def _host(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme != "https" and not is_on_loopback(value):
        raise ValueError("the key would travel in the open; write an https address")
    return value.rstrip("/")


def _mail_host(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.-]+|[0-9A-Fa-f:.]+:[0-9A-Fa-f:.]*", value):
        raise ValueError("write the name of a host alone, such as mail.example.org")
    return value


def _logo(value: str) -> str:
    parts = urlsplit(value)
    if re.search(r"\s", value):
        raise ValueError("an address holds no blanks")
    if value and not (parts.scheme == "https" and parts.hostname):
        raise ValueError("mail programs load pictures from whole https addresses alone")
    if parts.path.lower().endswith((".svg", ".svgz", ".webp", ".avif")):
        raise ValueError("many mail programs don’t show this kind of picture; use PNG, JPEG or GIF")
    return value


def _fonts(value: str) -> str:
    names = [name.strip().strip("'\"").strip() for name in value.split(",")]
    for name in names:
        if not re.fullmatch(r"-?[A-Za-z][A-Za-z0-9 -]*", name):
            raise ValueError(f"“{name}” is no name of a font; write a list such as {FONTS}")
    if names[-1] not in GENERIC_FONTS:
        raise ValueError(f"the last font must be one of {', '.join(GENERIC_FONTS)}")
    return ", ".join(f"'{name}'" if " " in name else name for name in names)


def _recall_window(value: int) -> int:
    if value and not SHORTEST_WINDOW <= value <= LONGEST_WINDOW:
        raise ValueError(
            f"write 0 for none, or {SHORTEST_WINDOW} to {LONGEST_WINDOW} minutes: the provider "
            "promises nothing for the last ten, and keeps no letter for more than three days"
        )
    return value


def _recipients(values: list[str]) -> list[str]:
    for value in values:
        if value != "*" and not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
            raise ValueError(f"“{value}” is neither an address, nor *@example.org, nor *")
    return [value.lower() for value in values]


def _networks(values: list[str]) -> list[str]:
    for value in values:
        try:
            ip_network(value, strict=False)
        except ValueError as error:
            raise ValueError(
                f"“{value}” is neither an address nor a network; write 127.0.0.1 or 10.0.0.0/8"
            ) from error
    return values


Line = Annotated[str, AfterValidator(_line)]
Address = Annotated[str, AfterValidator(_address)]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Logo = Annotated[str, AfterValidator(_logo)]
Fonts = Annotated[str, AfterValidator(_fonts)]
WebAddress = Annotated[str, AfterValidator(_web_address)]
Zone = Annotated[str, AfterValidator(_zone)]
Monthly = Annotated[str, AfterValidator(_monthly)]
MonthOrNothing = Annotated[str, AfterValidator(_month_or_nothing)]
Host = Annotated[str, AfterValidator(_host)]
MailHost = Annotated[str, AfterValidator(_mail_host)]
MailPort = Annotated[int, Field(ge=1, le=65535)]
RecallWindow = Annotated[int, AfterValidator(_recall_window)]
Recipients = Annotated[list[str], AfterValidator(_recipients)]
Networks = Annotated[list[str], AfterValidator(_networks)]
