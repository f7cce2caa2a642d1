"""Forms as they were sent: one text a field, and lists where a field may come more than once."""

from collections.abc import Collection
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request


async def fields_of(request: Request, *, lists: Collection[str] = ()) -> dict[str, Any]:
    """Read a form; what can't be read at all has no fields.

    A field that came twice stays a list, which is refused where one value is asked for.
    """
    try:
        async with request.form(max_files=0, max_fields=300, max_part_size=8192) as form:
            given = {name: form.getlist(name) for name in form}
    except HTTPException:
        return {}
    return {n: v if n in lists or len(v) > 1 else v[0] for n, v in given.items()}
