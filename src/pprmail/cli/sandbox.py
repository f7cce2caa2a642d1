"""The command that starts a local SendGrid."""

import signal
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from pprmail.cli import show
from pprmail.sandbox import Sandbox, SandboxError, SandboxOptions


def sandbox(
    *,
    port: Annotated[int, typer.Option("--port", help="0 takes a free one.")] = 8025,
    ledger: Annotated[Path, typer.Option("--ledger", metavar="FILE")] = Path(
        "sandbox-ledger.jsonl"
    ),
    webhook: Annotated[
        str,
        typer.Option("--webhook", metavar="URL", help="Where signed events go; “” for nowhere."),
    ] = "http://127.0.0.1:8000/hooks/sendgrid",
) -> None:
    """Run a local SendGrid that validates, keeps a ledger and reports; nothing is ever mailed."""
    ended = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    options = SandboxOptions(ledger_path=ledger, port=port, webhook_url=webhook or None)
    try:
        with Sandbox(options) as running:
            _show_start(running, ledger)
            ended.wait()
    except SandboxError as error:
        show.warning(str(error))
        raise typer.Exit(1) from None


def _show_start(running: Sandbox, ledger: Path) -> None:
    show.line("A local SendGrid is running. In config.toml:")
    show.line('[delivery]\nsender = "sendgrid"\nallowed_recipients = ["*"]')
    show.line(f'[sendgrid]\napi_key = "any"\nhost = "{running.url}"')
    show.line(f'webhook_public_key = "{running.public_key}"')
    show.note(f"Every letter it takes is a line of {ledger}. Ctrl-C ends.")
