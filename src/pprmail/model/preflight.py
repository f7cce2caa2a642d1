"""Preflight: what a look at an issue found before it may be approved."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Finding:
    """One thing that was found: its name, a sentence for a person, and where to look."""

    code: str
    message: str
    where: str

    @property
    def name(self) -> str:
        """What it is ticked off and recorded by."""
        return f"{self.code}: {self.where}"

    def as_json(self) -> dict[str, str]:
        """Give the shape that `--json` prints."""
        return {"code": self.code, "message": self.message, "where": self.where}


@dataclass(frozen=True)
class Preflight:
    """What a look at everything found."""

    month: str
    errors: list[Finding] = field(default_factory=list)
    warnings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Tell whether nothing blocks an approval."""
        return not self.errors

    def as_json(self) -> dict[str, Any]:
        """Give the shape that `--json` prints."""
        return {
            "month": self.month,
            "errors": [finding.as_json() for finding in self.errors],
            "warnings": [finding.as_json() for finding in self.warnings],
            "ok": self.ok,
        }
