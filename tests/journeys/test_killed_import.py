"""An import that is killed in the middle leaves nothing behind, on either engine."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import func, select

from pprmail.storage.database import Database
from pprmail.storage.tables import AuditEntry, Subscriber

PROGRAM = """
import sys, time
from datetime import datetime, UTC
from pathlib import Path
from making import MASTHEAD, SIGNER, TOPICS
from pprmail.services.enrolment import Registrar
from pprmail.sources.subscriber_list import Told, read_subscribers
from pprmail.storage.database import Database

def watch(done, total):
    # The last part is written, and the transaction still open.
    if done == total:
        print("written", flush=True)
        time.sleep(60)

database = Database.at(sys.argv[1], beside=Path("/"))
lines = read_subscribers(Told(Path(sys.argv[2]), MASTHEAD.zone), TOPICS)
Registrar(database, SIGNER, watch).enrol(lines, who="test", now=datetime.now(UTC))
"""


def test_a_killed_import_leaves_nothing_behind(
    database: Database, database_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "readers.csv"
    path.write_text("email\n" + "".join(f"r{number}@example.org\n" for number in range(1200)))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", PROGRAM, database_url, str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        process.send_signal(signal.SIGKILL)
    for _ in range(50):
        if _count(database) == (0, 0):
            break
        time.sleep(0.1)
    assert _count(database) == (0, 0)


def _count(database: Database) -> tuple[int, ...]:
    with database.read() as session:
        return tuple(
            session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Subscriber, AuditEntry)
        )
