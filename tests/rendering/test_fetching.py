import json
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[1]


def test_nothing_is_fetched_or_opened_while_letters_are_rendered() -> None:
    source = TESTS.parent / "src"
    answer = subprocess.run(
        [sys.executable, "-c", "from rendering.watched import main; main()"],
        env={"PYTHONPATH": f"{TESTS}:{source}", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert json.loads(answer.stdout) == {"seen": [], "hook_works": True}
