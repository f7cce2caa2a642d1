"""The measures of the code: a file is a few screens, a function a few lines."""

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
LONGEST_FILE = 300
LONGEST_FUNCTION = 26
USUAL_FUNCTION = 10
NO_DRAWERS = {"utils", "helpers", "common", "manager", "base", "misc"}


def sources() -> list[Path]:
    return sorted((ROOT / "src").rglob("*.py"))


def functions() -> Iterator[tuple[str, int]]:
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                body = node.body[1:] if ast.get_docstring(node) else node.body
                lines = body[-1].end_lineno - body[0].lineno + 1 if body else 0  # type: ignore[operator]
                yield f"{path.relative_to(ROOT)}:{node.lineno} {node.name}", lines


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    long = {str(p): n for p in sources() if (n := len(p.read_text().splitlines())) > LONGEST_FILE}
    assert long == {}


def test_no_function_is_longer_than_a_screen_and_most_are_under_ten_lines() -> None:
    found = dict(functions())
    migrations = {name for name in found if "/migrations/" in name}
    long = {n: lines for n, lines in found.items() if lines > LONGEST_FUNCTION}
    assert long.keys() <= migrations
    assert median(found.values()) <= USUAL_FUNCTION / 2
    assert sum(lines <= USUAL_FUNCTION for lines in found.values()) > 0.85 * len(found)


def test_no_module_is_a_drawer_for_whatever_has_no_place() -> None:
    assert {path.stem for path in sources()}.isdisjoint(NO_DRAWERS)
