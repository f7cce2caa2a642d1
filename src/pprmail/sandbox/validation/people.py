"""The rules for people: `{"email", "name"}` wherever it stands."""

import re

from pprmail.sandbox.validation.spot import Check, Spot, check_fields

LONGEST_ADDRESS = 320
MOST_REPLY_ADDRESSES = 1000

# Unquoted and ASCII only: nothing passes here that some mail host on the way might not take.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS = re.compile(rf"(?=[^@]{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+{_LABEL}")


def check_person(spot: Spot) -> None:
    """Demand an address; a name is one line."""
    fields = check_fields(spot, checks=_PERSON)
    if fields is not None and "email" not in fields:
        spot.object_to("The email parameter is required.", at="email")


def _check_address(spot: Spot) -> None:
    address = spot.expect(str)
    if address is None:
        return
    if len(address) > LONGEST_ADDRESS:
        spot.object_to(f"The address exceeds the total length of {LONGEST_ADDRESS} characters.")
    elif not _ADDRESS.fullmatch(address):
        spot.object_to("Does not contain a valid address.")


_PERSON: dict[str, Check] = {"email": _check_address, "name": Spot.expect_line}


def check_people(spot: Spot) -> None:
    """Check each person of an array."""
    for person in spot.children() or ():
        check_person(person)


def check_reply_to_list(spot: Spot) -> None:
    """Demand at most 1000 people, none of them twice."""
    check_people(spot)
    people = spot.value if isinstance(spot.value, list) else []
    if len(people) > MOST_REPLY_ADDRESSES:
        spot.object_to(f"At most {MOST_REPLY_ADDRESSES} addresses may be given.")
    emails = [str(person.get("email")).lower() for person in people if isinstance(person, dict)]
    if len(set(emails)) < len(emails):
        spot.object_to("Each address may be given only once.")
