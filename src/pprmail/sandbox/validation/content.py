"""The rules for what a message says: subject, contents, attachments, categories."""

import base64
import binascii
import re
from typing import Any

from pprmail.sandbox.validation.spot import Spot, check_fields

MOST_CATEGORIES = 10
LONGEST_CATEGORY = 255
CONTENT_ORDER = {"text/plain": 0, "text/html": 1}
_UNFIT_FOR_TYPE = re.compile(r"[;,\r\n]")


def check_subject(spot: Spot) -> None:
    """Demand one line that says something."""
    if spot.expect_line() == "":
        spot.object_to("The subject must be at least one character long.")


def check_contents(spot: Spot) -> None:
    """Demand at least one part, text before HTML before anything else."""
    parts = spot.children()
    if parts == []:
        spot.object_to("There must be at least one content block.")
    for part in parts or ():
        _check_part(part, checks={"type": _check_type, "value": _check_filled})
    _check_order(spot)


def _check_order(spot: Spot) -> None:
    parts = spot.value if isinstance(spot.value, list) else []
    types = [str(part.get("type")) for part in parts if isinstance(part, dict)]
    ranks = [CONTENT_ORDER.get(each, len(CONTENT_ORDER)) for each in types]
    if ranks != sorted(ranks):
        spot.object_to("text/plain must come first, then text/html, then any other content.")


def check_attachments(spot: Spot) -> None:
    """Demand base64 and a file name of each attachment."""
    for attachment in spot.children() or ():
        _check_part(attachment, checks=_ATTACHMENT, required=("content", "filename"))


def _check_part(
    spot: Spot, *, checks: dict[str, Any], required: tuple[str, ...] = ("type", "value")
) -> None:
    fields = check_fields(spot, checks=checks)
    for name in required:
        if fields is not None and name not in fields:
            spot.object_to(f"The {name} parameter is required.", at=name)


def _check_type(spot: Spot) -> None:
    kind = _check_filled(spot)
    if kind and _UNFIT_FOR_TYPE.search(kind):
        spot.object_to("Cannot contain ';', ',' or line breaks.")


def _check_filled(spot: Spot) -> str | None:
    text = spot.expect(str)
    if text == "":
        spot.object_to("Must be a string at least one character in length.")
    return text


def _check_base64(spot: Spot) -> None:
    text = _check_filled(spot)
    try:
        base64.b64decode(text or "", validate=True)
    except (binascii.Error, ValueError):
        spot.object_to("The attachment content must be base64 encoded.")


def _check_file_name(spot: Spot) -> None:
    name = spot.expect(str)
    if name and _UNFIT_FOR_TYPE.search(name):
        spot.object_to("Cannot contain ';', ',' or line breaks.")


def _check_disposition(spot: Spot) -> None:
    if spot.expect(str) not in {None, "inline", "attachment"}:
        spot.object_to('The disposition is either "inline" or "attachment".')


_ATTACHMENT = {
    "content": _check_base64,
    "type": _check_type,
    "filename": _check_file_name,
    "disposition": _check_disposition,
    "content_id": _check_file_name,
}


def check_categories(spot: Spot) -> None:
    """Demand at most ten different names of up to 255 ASCII characters."""
    names = [_check_category(each) for each in spot.children() or ()]
    if len(names) > MOST_CATEGORIES:
        spot.object_to(f"There is a limit of {MOST_CATEGORIES} categories.")
    if len(set(names)) < len(names):
        spot.object_to("The categories must be a unique list.")


def _check_category(spot: Spot) -> str | None:
    name = spot.expect(str)
    if name is not None and not name.isascii():
        spot.object_to("Categories cannot contain non-ASCII characters.")
    if name is not None and len(name) > LONGEST_CATEGORY:
        spot.object_to(f"A category must not be longer than {LONGEST_CATEGORY} characters.")
    return name
