"""The command that starts a local SendGrid."""

import signal
from pathlib import Path
from typing import Annotated, Final

import typer

from pprmail.cli import show
from pprmail.sandbox import FaultFile, Sandbox, SandboxError, SandboxOptions

SIGNALS: Final = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


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
    faults: Annotated[
        Path | None,
        typer.Option("--faults", metavar="FILE", help="What goes wrong, as TOML or JSON."),
    ] = None,
) -> None:
    """Run a local SendGrid that validates, keeps a ledger and reports; nothing is ever mailed."""
    options = SandboxOptions(ledger_path=ledger, port=port, webhook_url=webhook or None)
    try:
        _run(options, faults=None if faults is None else FaultFile(faults))
    except SandboxError as error:
        show.warning(str(error))
        raise typer.Exit(1) from None


def _run(options: SandboxOptions, *, faults: FaultFile | None) -> None:
    # The system may hand a signal to any thread, and only the main one would act on it, as soon as
    # it wakes: all threads keep them back, therefore, and the main one waits for them.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        with Sandbox(options if faults is None else faults.applied_to(options)) as running:
            _show_start(running, faults=faults)
            while signal.sigwait(SIGNALS) == signal.SIGHUP and faults is not None:
                _read_again(faults, running=running)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _read_again(faults: FaultFile, *, running: Sandbox) -> None:
    try:
        running.misbehave(faults.read_again())
    except SandboxError as error:
        show.warning(f"{error}; what was read before still holds")
    else:
        show.note(faults.summary)


def _show_start(running: Sandbox, *, faults: FaultFile | None) -> None:
    show.line("A local SendGrid is running. In config.toml:")
    show.line('[delivery]\nsender = "sendgrid"\nallowed_recipients = ["*"]')
    show.line(f'[sendgrid]\napi_key = "any"\nhost = "{running.url}"')
    show.line(f'webhook_public_key = "{running.public_key}"')
    show.note(f"Every letter it takes is a line of {running.ledger_path}. Ctrl-C ends.")
    if faults is not None:
        show.note(f"{faults.summary} SIGHUP reads the file again.")
