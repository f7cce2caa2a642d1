"""The rules for personalizations: who gets a message, when, and with which words."""

from collections.abc import Iterator, Mapping
from typing import Any

from pprmail.sandbox.mail import RECIPIENT_FIELDS
from pprmail.sandbox.validation.arguments import (
    check_custom_args,
    check_headers,
    check_substitutions,
)
from pprmail.sandbox.validation.content import check_subject
from pprmail.sandbox.validation.people import check_people, check_person
from pprmail.sandbox.validation.spot import Check, Spot, check_fields

MOST_PERSONALIZATIONS = 1000
MOST_RECIPIENTS = 1000


def check_personalizations(spot: Spot, *, check_send_at: Check) -> None:
    """Demand 1 to 1000 of them, with at most 1000 recipients, each only once."""
    items = spot.children()
    if items is None:
        return
    if not 1 <= len(items) <= MOST_PERSONALIZATIONS:
        spot.object_to(f"There must be 1 to {MOST_PERSONALIZATIONS} personalizations.")
    checks = _CHECKS | {"send_at": check_send_at}
    for item in items[:MOST_PERSONALIZATIONS]:
        _check_personalization(item, checks=checks)
    _check_recipients(spot, items=items)


def _check_personalization(spot: Spot, *, checks: Mapping[str, Check]) -> None:
    fields = check_fields(spot, checks=checks)
    if fields is not None and fields.get("to", []) == []:
        spot.object_to("The to array is required, with at least one address.", at="to")


def _check_dynamic_data(spot: Spot) -> None:
    spot.expect(dict)


_CHECKS: dict[str, Check] = {
    "from": check_person,
    "to": check_people,
    "cc": check_people,
    "bcc": check_people,
    "subject": check_subject,
    "headers": check_headers,
    "substitutions": check_substitutions,
    "custom_args": check_custom_args,
    "dynamic_template_data": _check_dynamic_data,
}


def _check_recipients(spot: Spot, *, items: list[Spot]) -> None:
    recipients = [list(_recipients(item.value)) for item in items]
    if sum(map(len, recipients)) > MOST_RECIPIENTS:
        spot.object_to(f"There is a limit of {MOST_RECIPIENTS} recipients (to + cc + bcc).")
    seen: set[str] = set()
    for item, emails in zip(items, recipients, strict=True):
        _check_unique(item, emails=emails, seen=seen)


def _check_unique(item: Spot, *, emails: list[tuple[str, str]], seen: set[str]) -> None:
    here: set[str] = set()
    for place, email in emails:
        key = email.lower()
        if key in here:
            item.object_to(f"Each address must be unique between to, cc, bcc: [{email}].")
        elif key in seen:
            item.object_to(f"Each address may be included only once: [{email}].", at=place)
        here.add(key)
    seen |= here


def _recipients(personalization: Any) -> Iterator[tuple[str, str]]:
    fields = personalization if isinstance(personalization, dict) else {}
    for name in RECIPIENT_FIELDS:
        people = fields.get(name)
        for index, person in enumerate(people if isinstance(people, list) else ()):
            if isinstance(person, dict) and isinstance(person.get("email"), str):
                yield f"{name}.{index}.email", person["email"]
