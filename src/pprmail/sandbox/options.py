"""What a sandbox can be told when it is made."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pprmail.sandbox.faults import Fault
from pprmail.sandbox.mail import AcceptedRequest

Clock = Callable[[], datetime]
OnAccept = Callable[[AcceptedRequest], None]


def utc_now() -> datetime:
    """Tell the real time, with its zone."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class SandboxOptions:
    """Everything that can be chosen; only the place of the ledger has no default.

    Without `api_key` any key opens the door, as long as there is one. Without
    `webhook_url` events are made and go nowhere. `retry_seconds` are the waits after
    a first, second, ... refused post; the last one repeats until a day has passed.
    `faults` are what goes wrong. `on_accept` is called when a request is in the ledger and
    nothing of it has been answered; the answer waits until it returns.
    """

    ledger_path: Path
    api_key: str | None = field(default=None, repr=False)
    host: str = "127.0.0.1"
    port: int = 0
    webhook_url: str | None = field(default=None, repr=False)
    any_webhook_host: bool = False
    webhook_timeout: float = 10.0
    events_per_post: int = 1000
    flush_seconds: float = 0.1
    retry_seconds: tuple[float, ...] = (10, 30, 60, 300, 900, 3600)
    clock: Clock = utc_now
    faults: Sequence[Fault] = ()
    on_accept: OnAccept | None = None
