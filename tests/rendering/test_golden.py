import pytest

from rendering.golden import FOLDER, files


@pytest.mark.parametrize("name", files())
def test_an_email_looks_as_it_did_when_somebody_last_looked_at_it(name: str) -> None:
    kept = (FOLDER / name).read_text(encoding="utf-8")
    # Line by line, so that a difference is shown where it is.
    assert files()[name].splitlines() == kept.splitlines(), "look at it, then run: make golden"


def test_there_is_a_golden_file_for_every_email_and_no_other() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(files())
