"""The fault file: a script and a clock, written in TOML or JSON by a developer."""

import json
import tomllib
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pprmail.sandbox.errors import SandboxError
from pprmail.sandbox.fault_checks import check_faults, is_seconds
from pprmail.sandbox.faults import Fault
from pprmail.sandbox.options import SandboxOptions, utc_now

_TOP = ("clock_offset_seconds", "faults")
_PARTS = tuple(part.name for part in fields(Fault))


@dataclass(frozen=True, slots=True)
class FaultScript:
    """What a fault file says."""

    faults: tuple[Fault, ...] = ()
    clock_offset: timedelta = timedelta()


class FaultFile:
    """A fault file and the clock that it sets; it can be read again while the sandbox runs."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._script = read_fault_script(path)

    def applied_to(self, options: SandboxOptions) -> SandboxOptions:
        """Give a sandbox the faults and the clock of the file."""
        return replace(options, faults=self._script.faults, clock=self.clock)

    def read_again(self) -> tuple[Fault, ...]:
        """Set the clock anew and give the faults; on SandboxError nothing has changed."""
        self._script = read_fault_script(self._path)
        return self._script.faults

    def clock(self) -> datetime:
        """Tell the real time, moved by what the file says."""
        return utc_now() + self._script.clock_offset

    @property
    def summary(self) -> str:
        """One sentence of what was read."""
        offset = self._script.clock_offset.total_seconds()
        clock = f"; its clock is {offset:+.0f} seconds off" if offset else ""
        return f"It fails as {self._path} says (faults: {len(self._script.faults)}{clock})."


def read_fault_script(path: Path) -> FaultScript:
    """Read a fault file; raise SandboxError with the place and the remedy of what is wrong."""
    try:
        return _script(_content(path))
    except OSError as error:
        raise SandboxError(f"can't read {path}: {error.strerror}") from error
    except (ValueError, RecursionError, SandboxError) as error:
        raise SandboxError(f"{path}: {error}") from error


def _content(path: Path) -> dict[str, Any]:
    if path.suffix == ".toml":
        return tomllib.loads(path.read_text(encoding="utf-8"))
    if path.suffix != ".json":
        raise SandboxError("a fault file is TOML or JSON: name it .toml or .json")
    content = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_each_once)
    if not isinstance(content, dict):
        raise SandboxError('an object is expected, such as {"faults": [{"answer": 503}]}')
    return content


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # The last one of two would count, and the first would be believed.
    names = [name for name, _ in pairs]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise SandboxError(f"`{twice}` stands twice in one object: leave one out")
    return dict(pairs)


def _script(content: dict[str, Any]) -> FaultScript:
    _refuse_unknown(content, known=_TOP, where="")
    offset = content.get("clock_offset_seconds", 0)
    if not is_seconds(offset):
        raise SandboxError(f"`clock_offset_seconds` must be a number of seconds, not {offset!r}")
    faults = _faults(content.get("faults", []))
    check_faults(faults)
    return FaultScript(faults, timedelta(seconds=offset))


def _faults(tables: Any) -> tuple[Fault, ...]:
    if not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise SandboxError("`faults` must be a list of tables: begin each with [[faults]]")
    for number, table in enumerate(tables, 1):
        _refuse_unknown(table, known=_PARTS, where=f"fault {number}: ")
    return tuple(Fault(**table) for table in tables)


def _refuse_unknown(table: dict[str, Any], *, known: tuple[str, ...], where: str) -> None:
    for name in table:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            remedy = f"did you mean `{near[0]}`?" if near else f"there are {', '.join(known)}"
            raise SandboxError(f"{where}there is no `{name}`: {remedy}")
