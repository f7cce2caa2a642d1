"""The rules for objects of texts: custom_args, substitutions, headers."""

import re
from typing import Any

from pprmail.sandbox.validation.spot import Spot

# The page "Substitution Tags" says 50,000 by now; the published specification says 10,000.
MOST_SUBSTITUTION_BYTES = 10_000
MOST_ARGUMENT_BYTES = 10_000
RESERVED_HEADERS = frozenset(
    "x-sg-id x-sg-eid received dkim-signature content-type content-transfer-encoding "
    "to from subject reply-to cc bcc".split()
)
_HEADER_NAME = re.compile(r"[!-9;-~]+")


def check_custom_args(spot: Spot) -> None:
    """Demand texts, at least one; the size counts after merging, in `check_merged_arguments`."""
    if _expect_texts(spot) == {}:
        spot.object_to("custom_args cannot be empty.")


def check_substitutions(spot: Spot) -> None:
    """Demand texts that make up 10,000 bytes at most, names and values together."""
    texts = _expect_texts(spot)
    if texts is not None and _size(texts) > MOST_SUBSTITUTION_BYTES:
        spot.object_to(f"Substitutions may not exceed {MOST_SUBSTITUTION_BYTES:,} bytes.")


def check_headers(spot: Spot) -> None:
    """Demand texts of one line under free ASCII names, each name once whatever its case."""
    texts = _expect_texts(spot)
    if texts is None:
        return
    if len({name.lower() for name in texts}) < len(texts):
        spot.object_to("The headers cannot contain duplicate keys.")
    for name, value in texts.items():
        _check_header(spot, name=name, value=value)


def _check_header(spot: Spot, *, name: str, value: str) -> None:
    if not _HEADER_NAME.fullmatch(name):
        spot.object_to("A header's key is ASCII without blanks.", at=name)
    elif name.lower() in RESERVED_HEADERS:
        spot.object_to("A header cannot have one of the reserved keys.", at=name)
    if "\r" in value or "\n" in value:
        spot.object_to("Line breaks are not allowed here.", at=name)


def check_merged_arguments(root: Spot) -> None:
    """Demand less than 10,000 bytes of custom_args in each personalization, global ones merged."""
    shared = _texts_in(root.value)
    for index, each in enumerate(root.value.get("personalizations") or ()):
        if _size(shared | _texts_in(each)) >= MOST_ARGUMENT_BYTES:
            root.object_to(
                f"Merged custom_args must stay under {MOST_ARGUMENT_BYTES:,} bytes.",
                at=f"personalizations.{index}.custom_args",
            )


def _texts_in(holder: Any) -> dict[str, str]:
    texts = holder.get("custom_args") if isinstance(holder, dict) else None
    return texts if isinstance(texts, dict) and _all_texts(texts) else {}


def _expect_texts(spot: Spot) -> dict[str, str] | None:
    texts = spot.expect(dict)
    if texts is not None and not _all_texts(texts):
        spot.object_opaquely()
        return None
    return texts


def _all_texts(values: dict[str, Any]) -> bool:
    return set(map(type, values.values())) <= {str}


def _size(texts: dict[str, str]) -> int:
    return len("".join([*texts, *texts.values()]).encode("utf-8", "surrogatepass"))
