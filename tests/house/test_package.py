"""The package: what it needs, what it ships, and that it works where it is installed."""

import os
import re
import subprocess
import sys
import zipfile
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ["requirements.lock", "requirements-dev.lock"]
FLOORS = {
    "starlette": (1, 3, 1),
    "python-multipart": (0, 0, 30),
    "cryptography": (50,),
    "lxml": (6, 1),
    "jinja2": (3, 1, 6),
    "apscheduler": (3, 11, 2),
    "urllib3": (2, 7),
}
"""Versions below which advisories are known."""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


def test_the_wheel_ships_templates_samples_topics_and_migrations(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("templates", "summaries"):
        shipped = {
            p.relative_to(ROOT).as_posix() for p in (ROOT / folder).rglob("*") if p.is_file()
        }
        assert {f"pprmail/_shipped/{name}" for name in shipped} <= names
    assert "pprmail/_shipped/config.example.toml" in names
    assert "pprmail/sources/topics.toml" in names
    assert any(name.startswith("pprmail/storage/migrations/versions/0001") for name in names)
    assert all(name.startswith(("pprmail/", "pprmail-")) for name in names)


def test_what_is_installed_from_the_wheel_plays_the_demo(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    command = [sys.executable, "-m", "pprmail", "demo", "--no-serve", "--subscribers", "20"]
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "pprmail-demo" / "editions" / "index.html").exists()


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_host_and_has_a_hash_for_everything(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert not re.search(r"https?://|index-url|find-links", text)
    packages = re.split(r"\n(?=\S)", text.strip())
    assert all("--hash=sha256:" in package for package in packages)


def test_nothing_is_below_the_version_that_mended_a_known_fault() -> None:
    for package, floor in FLOORS.items():
        assert tuple(int(part) for part in version(package).split(".")[: len(floor)]) >= floor


def test_no_file_names_a_place_of_the_machine_it_was_written_on() -> None:
    home = re.compile(r"/(root|home/\w+|Users/\w+)/|" + re.escape(f"{ROOT}/"))
    for path in _written():
        assert not home.search(path.read_text(encoding="utf-8")), path


def test_the_project_uses_its_own_words() -> None:
    foreign = re.compile(r"\b(campaign|mailing|variant)s?\b", re.IGNORECASE)
    for path in _written():
        if path.is_relative_to(ROOT / "src") or path.is_relative_to(ROOT / "docs"):
            assert not foreign.search(path.read_text(encoding="utf-8")), path


def _written() -> list[Path]:
    kinds = {".py", ".md", ".toml", ".html", ".txt", ".css", ".lock", ".csv", ".mako"}
    folders = ["src", "tests", "bench", "docs", "templates", "summaries", "subscribers", ".ci"]
    below = [path for folder in folders for path in (ROOT / folder).rglob("*")]
    return [p for p in [*below, *ROOT.glob("*")] if p.is_file() and p.suffix in kinds]
