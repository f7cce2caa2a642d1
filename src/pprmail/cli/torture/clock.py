"""One clock for several processes: it goes on when any of them sleeps, and nobody has to wait."""

import struct
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from mmap import mmap
from pathlib import Path
from typing import Final

OFFSET: Final = struct.Struct("d")
A_MOMENT: Final = 0.002
"""Real seconds that a sleep takes."""

FASTER: Final = 10.0
"""How much more time passes than is slept: nothing may rest on a sleep being short."""


@dataclass(frozen=True)
class Clock:
    """The real time, and more than everybody has slept."""

    path: Path

    def __post_init__(self) -> None:
        """Make the file that holds how far this clock is ahead."""
        if not self.path.exists():
            self.path.write_bytes(OFFSET.pack(0.0))

    def __call__(self) -> datetime:
        """Look at the clock."""
        return datetime.now(UTC) + timedelta(seconds=self._ahead())

    def sleep(self, seconds: float) -> None:
        """Let the time pass for everybody, and others have their turn."""
        self.go_on(seconds * FASTER)
        time.sleep(A_MOMENT)

    def go_on(self, seconds: float) -> None:
        """Let exactly so much time pass."""
        with self.path.open("r+b") as file, mmap(file.fileno(), OFFSET.size) as shared:
            shared[:] = OFFSET.pack(OFFSET.unpack(shared[:])[0] + seconds)

    def _ahead(self) -> float:
        return float(OFFSET.unpack(self.path.read_bytes())[0])
