"""The demo: a whole month in one go, on the sample summaries and fictional readers."""

import secrets
import shutil
import socket
from pathlib import Path
from threading import Event
from time import monotonic
from typing import Annotated, Final

import typer

from pprmail.bootstrap import App, open_app
from pprmail.cli import show
from pprmail.cli.demo_readers import fictional_readers
from pprmail.cli.demo_shown import Played, show_played
from pprmail.cli.door import failures_shown, now
from pprmail.cli.serve import log_to_stderr, served
from pprmail.errors import OutputError, PprmailError
from pprmail.files import write_whole
from pprmail.model.editor import Role
from pprmail.model.month import parse_month
from pprmail.sandbox import Sandbox, SandboxOptions
from pprmail.scheduler import start_ticking
from pprmail.services import reports, review
from pprmail.services.assembly import assemble
from pprmail.services.dispatch.run import Run, send
from pprmail.services.enrolment import Registrar
from pprmail.services.importing import bring_in
from pprmail.services.people import Act
from pprmail.services.preview import write_preview
from pprmail.services.workspace import make_workspace
from pprmail.shipped import shipped
from pprmail.sources.reading import read_sources
from pprmail.sources.subscriber_list import Told, read_subscribers

MARK: Final = ".pprmail-demo"
USUAL_PORT: Final = 8000
EDITOR: Final = "editor@example.org"
WHO: Final = "demo"
PATIENCE: Final = 30.0
"""Seconds that the sandbox's reports are waited for; they take one or two."""


def demo(
    *,
    folder: Annotated[
        Path,
        typer.Option("--dir", metavar="DIR", help="The workspace; an older demo's is replaced."),
    ] = Path("pprmail-demo"),
    subscribers: Annotated[
        int, typer.Option("--subscribers", metavar="N", min=1, max=100_000)
    ] = 200,
    no_serve: Annotated[
        bool, typer.Option("--no-serve", help="End instead of leaving the pages running.")
    ] = False,
) -> None:
    """Send the sample month to fictional readers: through the real SDK, to a local SendGrid."""
    with failures_shown():
        _clear_stage(folder)
        log_to_stderr()
        port, key = _free_port(), f"SG.demo.{secrets.token_urlsafe(16)}"
        with Sandbox(_sandbox_options(folder, port, key)) as sandbox:
            app = open_app(_workspace(folder, port, sandbox, key=key))
            with served(app):
                played = _play(app, folder, subscribers, sandbox)
                show_played(app, played)
                if not no_serve:
                    _keep_running(app)
            app.close()


def _clear_stage(folder: Path) -> None:
    if (folder / MARK).exists():
        shutil.rmtree(folder)
    if folder.exists() and any(folder.iterdir()):
        raise OutputError(
            "this folder holds something else than a demo",
            where=str(folder),
            remedy="name another one with --dir",
        )
    write_whole(folder / MARK, "This workspace is made anew by every “pprmail demo”.\n")


def _free_port() -> int:
    for port in (USUAL_PORT, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise PprmailError("no port is free on 127.0.0.1")


def _sandbox_options(folder: Path, port: int, key: str) -> SandboxOptions:
    return SandboxOptions(
        ledger_path=folder / "sandbox-ledger.jsonl",
        api_key=key,
        webhook_url=f"http://127.0.0.1:{port}/hooks/sendgrid",
    )


def _workspace(folder: Path, port: int, sandbox: Sandbox, *, key: str) -> Path:
    months = sorted(path.name for path in shipped("summaries").iterdir() if path.is_dir())
    settings: dict[tuple[str, str], str | int | list[str]] = {
        ("newsletter", "from_email"): "letter@example.org",
        ("newsletter", "reply_to"): EDITOR,
        ("newsletter", "postal_address"): "Practice Research Network\n1 Example Street\nOttawa ON",
        ("newsletter", "base_url"): f"http://127.0.0.1:{port}",
        ("operator", "email"): EDITOR,
        ("delivery", "sender"): "sendgrid",
        ("delivery", "allowed_recipients"): ["*@example.org"],
        # Whoever tries it out wants to see at once what became of the letters.
        ("delivery", "recall_window_minutes"): 0,
        ("sendgrid", "api_key"): key,
        ("sendgrid", "host"): sandbox.url,
        ("sendgrid", "webhook_public_key"): sandbox.public_key,
        ("web", "port"): port,
    }
    return make_workspace(folder, parse_month(months[-1]), settings)


def _play(app: App, folder: Path, readers: int, sandbox: Sandbox) -> Played:
    started, month = monotonic(), parse_month(app.settings.schedule.first_month)
    sources = read_sources([shipped("summaries")], app.topics)
    bring_in(app.newsroom, sources, who=WHO, now=now())
    show.note(f"{len(sources.entries)} summaries imported")
    people = folder / "subscribers" / "fictional.csv"
    write_whole(people, fictional_readers(readers, app.topics), mode=0o600)
    registrar = Registrar(app.database, app.signer)
    told = Told(people, app.newsroom.masthead.zone)
    registrar.enrol(read_subscribers(told, app.topics), who=WHO, now=now())
    show.note(f"{readers} fictional readers enrolled")
    assemble(app.newsroom, month, who=WHO, now=now())
    preflight = review.check(app.newsroom, month, now=now())
    seen = review.see(app.newsroom, month, now=now())
    index = write_preview(app.postroom, app.pages, seen, folder / "editions")
    approval = review.approve(app.newsroom, month, by=EDITOR, now=now())
    show.note(f"{len(seen.editions)} editions rendered, looked at and approved")
    with show.progress("sending") as watch:
        send(app.postroom, month, who=WHO, run=Run(watch=watch))
    if not sandbox.wait_for_events(PATIENCE):
        show.warning("the sandbox's reports have not all come back yet")
    report = reports.report(app.newsroom, month, now=now())
    desk = app.staff.people.invite_anew(EDITOR, Role.ADMIN, act=Act(WHO, "", now())).url
    return Played(folder, index, desk, preflight, approval, report, monotonic() - started)


def _keep_running(app: App) -> None:
    ticking = start_ticking(app.clockwork)
    show.line(f"\nThe pages are running at {app.newsroom.masthead.base_url}; Ctrl-C ends.")
    try:
        Event().wait()
    except KeyboardInterrupt:
        show.note("The demo has ended; its workspace stays.")
    finally:
        ticking.stop()
