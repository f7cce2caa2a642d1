"""The journal between real processes: who lives, who is gone, and what is surely on the disk."""

import errno
import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from making import NOW
from pprmail.errors import OutputError
from pprmail.sending.journal import Journal, accepted_according_to, intents, is_abandoned

TESTS = Path(__file__).parents[1]
ENVIRONMENT = {"PYTHONPATH": f"{TESTS}:{TESTS.parent / 'src'}"}

WORKER = """
import sys
from pathlib import Path
from making import NOW
from pprmail.sending.journal import Journal

journal = Journal(Path(sys.argv[1]), "installation")
{}
print(journal.worker, flush=True)
sys.stdin.read()
"""


def test_a_journal_that_finds_no_space_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("pprmail.sending.journal.os.fsync", full)
    with pytest.raises(OutputError, match="free some space"):
        Journal(tmp_path, "installation").open()


def test_a_worker_lives_as_long_as_its_process(tmp_path: Path) -> None:
    with worker(tmp_path, "journal.open()") as (process, name):
        assert not is_abandoned(tmp_path, name)
        process.kill()
        process.wait()
        assert is_abandoned(tmp_path, name)


def test_many_workers_have_a_file_each_and_end_each_on_its_own(tmp_path: Path) -> None:
    with (
        worker(tmp_path, "journal.open()") as (one, first),
        worker(tmp_path, "journal.open()") as (_, second),
    ):
        assert first != second
        one.send_signal(signal.SIGKILL)
        one.wait()
        assert [is_abandoned(tmp_path, name) for name in (first, second)] == [True, False]


def test_a_line_is_there_when_its_writer_is_killed_right_after(tmp_path: Path) -> None:
    lines = 'journal.write("r1", "intent", at=NOW)\njournal.write("r1", "accepted", at=NOW)'
    with worker(tmp_path, lines) as (process, name):
        process.kill()
        process.wait()
        assert accepted_according_to(tmp_path, name, "r1")
        assert [line["what"] for line in lines_in(tmp_path, name)] == ["intent", "accepted"]


def test_every_line_is_synced_before_its_writing_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: dict[int, int] = {}
    real = os.fsync

    def watching(handle: int) -> None:
        synced[os.fstat(handle).st_ino] = os.fstat(handle).st_size
        real(handle)

    monkeypatch.setattr(os, "fsync", watching)
    journal = Journal(tmp_path, "installation")
    path = tmp_path / f"{journal.worker}.journal"
    for request in ("r1", "r2"):
        journal.write(request, "intent", at=NOW)
        assert synced[path.stat().st_ino] == path.stat().st_size
    assert tmp_path.stat().st_ino in synced
    journal.close()


def test_half_a_line_that_cannot_be_taken_back_swallows_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    def half(handle: int, data: bytes) -> int:
        real(handle, data[: len(data) // 2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    real, journal = os.write, Journal(tmp_path, "installation")
    with monkeypatch.context() as broken:
        broken.setattr("pprmail.sending.journal.os.write", half)
        broken.setattr("pprmail.sending.journal.os.ftruncate", refused)
        with pytest.raises(OutputError, match="free some space"):
            journal.write("r1", "intent", at=NOW, issue="2026-11", size=1)
    journal.write("r2", "intent", at=NOW, issue="2026-11", size=1)
    journal.close()
    assert [intent.request for intent in intents(tmp_path, "installation")] == ["r2"]


def test_a_worker_that_stopped_for_a_while_is_not_taken_for_gone(tmp_path: Path) -> None:
    with worker(tmp_path, "journal.open()") as (process, name):
        process.send_signal(signal.SIGSTOP)
        assert not is_abandoned(tmp_path, name)
        process.send_signal(signal.SIGCONT)


def test_this_process_s_own_worker_lives_until_it_is_closed(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "installation")
    journal.open()
    journal.open()
    assert not is_abandoned(tmp_path, journal.worker)
    journal.close()
    journal.close()
    assert is_abandoned(tmp_path, journal.worker)


def test_two_who_ask_at_once_both_see_that_a_worker_is_gone(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "installation")
    journal.open()
    journal.close()
    with (tmp_path / f"{journal.worker}.journal").open() as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        assert is_abandoned(tmp_path, journal.worker)


def test_of_another_machine_s_worker_nothing_is_certain(tmp_path: Path) -> None:
    assert not is_abandoned(tmp_path, "another-host.abcdef")
    (tmp_path / "another-host.abcdef.journal").touch()
    assert not is_abandoned(tmp_path, "another-host.abcdef")


def test_a_worker_of_this_machine_without_a_file_is_gone(tmp_path: Path) -> None:
    name = Journal(tmp_path, "installation").worker
    assert is_abandoned(tmp_path, name)
    assert is_abandoned(tmp_path / "no such folder", name)


def test_a_file_that_can_t_be_read_makes_nothing_certain(tmp_path: Path) -> None:
    name = Journal(tmp_path, "installation").worker
    (tmp_path / f"{name}.journal").symlink_to(f"{name}.journal")
    assert not is_abandoned(tmp_path, name)
    assert not accepted_according_to(tmp_path, name, "r1")


def test_a_host_s_name_with_dots_and_slashes_is_still_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "mail.example/org")
    journal = Journal(tmp_path, "installation")
    journal.open()
    assert not is_abandoned(tmp_path, journal.worker)
    journal.close()
    assert is_abandoned(tmp_path, journal.worker)
    assert len(list(tmp_path.iterdir())) == 1


def test_only_an_acceptance_of_that_request_by_that_worker_counts(tmp_path: Path) -> None:
    one, other = (Journal(tmp_path, "installation") for _ in range(2))
    one.write("r1", "intent", at=NOW)
    one.write("r2", "accepted", at=NOW, message_id="x")
    one.write("r3", "unknown", at=NOW)
    other.write("r4", "accepted", at=NOW)
    found = [
        r for r in ("r1", "r2", "r3", "r4", "r") if accepted_according_to(tmp_path, one.worker, r)
    ]
    assert found == ["r2"]
    assert not accepted_according_to(tmp_path, "nobody.at-all", "r2")
    one.close()
    other.close()


@pytest.mark.parametrize("torn", [b'{"request": "r2", "wh', b"\xff\xfe", b"[1]\n", b"7\n", b"\n\n"])
def test_a_torn_or_foreign_line_hides_no_other(tmp_path: Path, torn: bytes) -> None:
    journal = Journal(tmp_path, "installation")
    path = tmp_path / f"{journal.worker}.journal"
    journal.write("r1", "accepted", at=NOW)
    journal.close()
    path.write_bytes(path.read_bytes() + torn)
    assert accepted_according_to(tmp_path, journal.worker, "r1")
    assert not accepted_according_to(tmp_path, journal.worker, "r2")


def test_facts_of_any_kind_stay_on_their_line(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "installation")
    journal.write("r1", "accepted", at=NOW, message_id="a\u2028b\nc\x85d\ud800")
    journal.close()
    (line,) = lines_in(tmp_path, journal.worker)
    assert line == {
        "installation": "installation",
        "request": "r1",
        "what": "accepted",
        "at": "2026-11-23T14:00:00+00:00",
        "message_id": "a\u2028b\nc\x85d\ud800",
    }
    assert accepted_according_to(tmp_path, journal.worker, "r1")


def test_threads_write_whole_lines(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "installation")

    def write(number: int) -> None:
        for _ in range(20):
            journal.write(f"r{number}", "intent", at=NOW, padding=str(number) * 5000)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    journal.close()
    assert len(lines_in(tmp_path, journal.worker)) == 160
    assert len(list(tmp_path.iterdir())) == 1


def test_journal_and_folder_are_for_their_owner_s_eyes(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal", "installation")
    journal.write("r1", "intent", at=NOW)
    journal.close()
    assert (tmp_path / "journal").stat().st_mode & 0o777 == 0o700
    assert next((tmp_path / "journal").iterdir()).stat().st_mode & 0o777 == 0o600


def test_a_folder_that_can_t_be_made_is_an_error_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    journal = Journal(tmp_path / "file" / "journal", "installation")
    with pytest.raises(OutputError) as at_first:
        journal.open()
    with pytest.raises(OutputError) as later:
        journal.write("r1", "intent", at=NOW)
    assert at_first.value.where == later.value.where == str(tmp_path / "file" / "journal")


def test_a_lock_that_another_holds_is_an_error_each_time(tmp_path: Path) -> None:
    first = Journal(tmp_path, "installation")
    first.open()
    second = Journal(tmp_path, "installation", worker=first.worker)
    for _ in range(2):
        with pytest.raises(OutputError):
            second.open()
    first.close()
    second.open()
    assert not is_abandoned(tmp_path, second.worker)
    second.close()


FULL_DISK = """
import resource, signal
from pprmail.errors import OutputError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal.write("r1", "intent", at=NOW)
resource.setrlimit(resource.RLIMIT_FSIZE, (300, 4000))
try:
    journal.write("r2", "intent", at=NOW, padding="x" * 1000)
except OutputError as error:
    assert "nothing was sent without it" in str(error)
else:
    raise SystemExit("it was written")
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
journal.write("r3", "accepted", at=NOW)
"""


def test_a_disk_that_was_full_leaves_no_half_line_in_the_way_of_the_next(tmp_path: Path) -> None:
    with worker(tmp_path, FULL_DISK) as (_, name):
        assert [line["request"] for line in lines_in(tmp_path, name)] == ["r1", "r3"]
        assert accepted_according_to(tmp_path, name, "r3")


@contextmanager
def worker(folder: Path, does: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run a worker in a process of its own until the block ends; give it and its name."""
    with subprocess.Popen(
        [sys.executable, "-c", WORKER.format(does), str(folder)],
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout
        name = process.stdout.readline().strip()
        assert name
        try:
            yield process, name
        finally:
            process.kill()


def lines_in(folder: Path, name: str) -> list[dict[str, str]]:
    """Read a worker's file: every line must be whole."""
    data = (folder / f"{name}.journal").read_bytes()
    assert data.endswith(b"\n")
    return [json.loads(line) for line in data.split(b"\n")[:-1]]
