import stat
import subprocess
import sys
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from making import NOW
from pprmail.errors import OutputError
from pprmail.sending.envelope import Answer
from pprmail.sending.outbox import Outbox, emptied
from sending.wire import a_recipient, an_envelope

HOSTILE = [
    "../../etc/passwd@example.org",
    "/etc/passwd@example.org",
    "..@example.org",
    "a\x00b@example.org",
    "a\nb@example.org",
    "~root@example.org",
    "-rf@example.org",
    "con.txt:stream@example.org",
    "a%2fb@example.org",
    "a b*?[x]@example.org",
    "ünï@example.org",
    f"{'l' * 300}@example.org",
    f"{'ü' * 64}@{'d' * 60}.example.org",
    "",
]


def test_every_letter_is_a_file_named_after_its_address(tmp_path: Path) -> None:
    receipt = outbox(tmp_path).send(an_envelope("Reader+tag@example.org", "b@example.org"))
    assert receipt.answer is Answer.ACCEPTED
    assert str(tmp_path) in receipt.detail
    assert names(tmp_path) == ["b@example.org.eml", "reader+tag@example.org.eml"]
    for path in tmp_path.iterdir():
        letter = message_from_bytes(path.read_bytes(), policy=policy.default)
        assert letter["To"].addresses[0].addr_spec.lower() == path.name.removesuffix(".eml")


def test_letters_are_for_their_owner_s_eyes(tmp_path: Path) -> None:
    outbox(tmp_path).send(an_envelope("a@example.org"))
    (path,) = tmp_path.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("address", HOSTILE)
def test_no_address_leads_out_of_the_folder(address: str, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "outbox"
    assert outbox(folder).write(an_envelope(), a_recipient(address, 1)).parent == folder
    assert all(each.is_dir() or each.parent == folder for each in tmp_path.rglob("*"))
    assert all(each.name.endswith(".eml") and each.name.isprintable() for each in folder.glob("*"))


def test_long_addresses_that_differ_at_the_end_are_two_files(tmp_path: Path) -> None:
    for end in "ab":
        outbox(tmp_path).write(an_envelope(), a_recipient(f"{'ü' * 60}{end}@example.org", 1))
    assert len(names(tmp_path)) == 2


def test_a_letter_written_again_takes_the_place_of_the_first(tmp_path: Path) -> None:
    for text in ("first", "second"):
        outbox(tmp_path).send(an_envelope("a@example.org", text=text))
    (path,) = tmp_path.iterdir()
    assert b"second" in path.read_bytes()


def test_emptying_takes_letters_and_nothing_else(tmp_path: Path) -> None:
    kept = ["notes.txt", "a.eml.bak", "eml", "deeper/b@example.org.eml", "folder.eml/c.txt"]
    for name in [*kept, "a@example.org.eml", "b.eml"]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    assert emptied(tmp_path) == tmp_path
    assert sorted(
        str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()
    ) == sorted(kept)


def test_emptying_a_folder_that_is_not_there_is_nothing(tmp_path: Path) -> None:
    assert emptied(tmp_path / "gone") == tmp_path / "gone"


def test_a_folder_that_can_t_be_made_is_an_error_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError) as problem:
        outbox(tmp_path / "file" / "outbox").send(an_envelope("a@example.org"))
    assert str(tmp_path / "file") in problem.value.where


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from making import NOW
from pprmail.errors import OutputError
from pprmail.sending.outbox import Outbox
from sending.wire import an_envelope

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
try:
    Outbox(Path(sys.argv[1]), lambda: NOW).send(an_envelope("a@example.org", html="x" * 9000))
except OutputError as error:
    print(error)
"""


def test_a_full_disk_leaves_no_half_letter_and_the_old_one_as_it_was(tmp_path: Path) -> None:
    outbox(tmp_path).send(an_envelope("a@example.org", html="old"))
    before = (tmp_path / "a@example.org.eml").read_bytes()
    tests = Path(__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)],
        env={"PYTHONPATH": f"{tests}:{tests.parent / 'src'}"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.startswith(f"{tmp_path / 'a@example.org.eml'}: can't be written: File too")
    assert names(tmp_path) == ["a@example.org.eml"]
    assert (tmp_path / "a@example.org.eml").read_bytes() == before


def outbox(folder: Path) -> Outbox:
    return Outbox(folder, lambda: NOW)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())
