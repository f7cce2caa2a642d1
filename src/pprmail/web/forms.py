"""Forms as they were sent: one text a field, and lists where a field may come more than once."""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Final

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request

LARGEST_FIELD: Final = 8192


@dataclass(frozen=True)
class Upload:
    """A file that was sent with a form."""

    name: str
    body: bytes


@dataclass(frozen=True)
class Shape:
    """What a form may hold: fields that come more than once, files, and how many bytes a text has."""

    lists: Collection[str] = field(default_factory=tuple)
    files: Collection[str] = field(default_factory=tuple)
    largest: int = LARGEST_FIELD


async def fields_of(request: Request, *, lists: Collection[str] = ()) -> dict[str, Any]:
    """Read a form; what can't be read at all has no fields.

    A field that came twice stays a list, which is refused where one value is asked for.
    """
    try:
        return await form_of(request, Shape(lists=lists))
    except HTTPException:
        return {}


async def form_of(request: Request, shape: Shape) -> dict[str, Any]:
    """Read a form of a shape, its files as `Upload` or None; HTTPException if it has another."""
    limits = {"max_files": len(shape.files), "max_fields": 300, "max_part_size": shape.largest}
    async with request.form(**limits) as form:
        given = {name: [await _read(v) for v in form.getlist(name)] for name in form}
    # A field for a file that was left empty comes as an empty text.
    given |= {name: [v or None for v in given.get(name, [None])] for name in shape.files}
    return {n: v if n in shape.lists or len(v) > 1 else v[0] for n, v in given.items()}


async def _read(value: UploadFile | str) -> Upload | str | None:
    if isinstance(value, str):
        return value
    if not value.filename:
        return None
    return Upload(value.filename, await value.read())
