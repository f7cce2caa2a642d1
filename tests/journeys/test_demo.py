"""The demo, as a newcomer runs it."""

import subprocess
import sys
from pathlib import Path

from pprmail.sandbox import read_ledger


def demo(folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    command = [
        sys.executable,
        "-m",
        "pprmail",
        "demo",
        "--dir",
        str(folder),
        "--no-serve",
        *options,
    ]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder.parent)


def test_the_demo_sends_a_month_and_says_who_got_what_and_why(tmp_path: Path) -> None:
    done = demo(tmp_path / "demo", "--subscribers", "60")
    assert done.returncode == 0, done.stderr
    assert "is sent" in done.stdout
    assert "(balanced)" in done.stdout
    assert "because you follow" in " ".join(done.stdout.split())
    ledger = read_ledger(tmp_path / "demo" / "sandbox-ledger.jsonl")
    frozen = int(done.stdout.partition(" frozen = ")[0].rsplit("\n", 1)[-1])
    assert len({a.address for a in ledger.acceptances()}) == frozen
    assert (tmp_path / "demo" / "editions" / "index.html").exists()
    assert "/editor/invitation/" in done.stdout


def test_events_came_back_through_the_webhook(tmp_path: Path) -> None:
    done = demo(tmp_path / "demo", "--subscribers", "200")
    reported = {line.split()[0]: line.split()[-1] for line in done.stdout.splitlines() if line}
    assert int(reported["delivered"]) > 100
    assert int(reported["bounced"]) >= 2
    assert int(reported["complained"]) >= 1


def test_a_demo_makes_room_for_the_next_one_and_for_nothing_else(tmp_path: Path) -> None:
    assert demo(tmp_path / "demo", "--subscribers", "20").returncode == 0
    assert demo(tmp_path / "demo", "--subscribers", "20").returncode == 0
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    refused = demo(tmp_path / "mine")
    assert refused.returncode == 1
    assert "something else than a demo" in refused.stderr
    assert (tmp_path / "mine" / "thesis.txt").read_text() == "years of work"
