"""A spot: one place in a request, what stands there, and where objections to it go."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pprmail.sandbox.objection import BAD_REQUEST, Objection

T = TypeVar("T")

MOST_OBJECTIONS = 100
TYPE_NAMES = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
}


class Spot:
    """Knows its value and its way back to the root, so that paths are only spelt on a fault."""

    __slots__ = ("_key", "_parent", "found", "value")

    def __init__(self, value: Any, *, key: str | int = "", parent: "Spot | None" = None) -> None:
        self.value = value
        self._key = key
        self._parent = parent
        self.found: list[Objection] = [] if parent is None else parent.found

    @property
    def path(self) -> str:
        """Spell the place with dots, as SendGrid does in `field`."""
        if self._parent is None:
            return ""
        above = self._parent.path
        return f"{above}.{self._key}" if above else str(self._key)

    @property
    def objections(self) -> tuple[Objection, ...]:
        """List what was found anywhere below the same root; an opaque one hides the rest."""
        return (BAD_REQUEST,) if BAD_REQUEST in self.found else tuple(self.found)

    def child(self, key: str | int) -> "Spot":
        """Go to one value of the object or array that stands here."""
        return Spot(self.value[key], key=key, parent=self)

    def children(self) -> "list[Spot] | None":
        """Go to each value of an array; note an objection if it is none."""
        items = self.expect(list)
        return None if items is None else [self.child(index) for index in range(len(items))]

    def expect(self, kind: type[T]) -> T | None:
        """Give the value if it is exactly of this type: true is no integer."""
        if type(self.value) is kind:
            return self.value
        given = TYPE_NAMES[type(self.value)]
        self.object_to(f"Invalid type. Expected: {TYPE_NAMES[kind]}, given: {given}.")
        return None

    def expect_line(self) -> str | None:
        """Give the text if it fits one header line; a line break would start another header."""
        text = self.expect(str)
        if text is not None and ("\r" in text or "\n" in text):
            self.object_to("Line breaks are not allowed here.")
        return text

    def object_to(self, message: str, *, at: str | None = None) -> None:
        """Note an objection to this place, or to the field of it named by `at`."""
        if len(self.found) < MOST_OBJECTIONS:
            path = self.path if at is None else f"{self.path}.{at}".lstrip(".")
            self.found.append(Objection(message, path or None))

    def object_opaquely(self) -> None:
        """Note what SendGrid answers with a bare `Bad Request`."""
        self.found.append(BAD_REQUEST)


Check = Callable[[Spot], object]


def check_fields(spot: Spot, *, checks: Mapping[str, Check]) -> dict[str, Any] | None:
    """Check each field of an object by its own rule and object to fields without one."""
    fields = spot.expect(dict)
    for key in fields or ():
        check = checks.get(key)
        if check is None:
            spot.object_to("Unknown field.", at=key)
        else:
            check(spot.child(key))
    return fields
