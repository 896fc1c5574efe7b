"""What README promises to have proved."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
README = TESTS.parent / "README.md"


@cache
def names_in(path: Path) -> frozenset[str]:
    """The names of a file's test functions."""
    tree = ast.parse(path.read_text("utf-8"))
    return frozenset(
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


def proofs() -> list[tuple[str, list[str]]]:
    """The rows of the table of what is emulated: the behaviour, and the tests named for it."""
    _, _, rest = README.read_text("utf-8").partition("| proved by |")
    table, _, _ = rest.partition("\n\n")
    rows = [row.strip("|").split("|") for row in table.splitlines() if row.startswith("| ")]
    return [(cells[0].strip(), re.findall(r"`([^`]+)`", cells[-1])) for cells in rows]


def missing(named: list[str]) -> str | None:
    """Which of the named files and tests of one row does not exist."""
    files = list(TESTS.rglob("test_*.py"))
    for name in named:
        if name.endswith(".py"):
            files = list(TESTS.glob(name))
            if not any(names_in(file) for file in files):
                return name
        elif not any(f"test_{name}" in names_in(file) for file in files):
            return name
    return None


def test_every_row_names_tests_that_exist() -> None:
    """A file with tests in it, a test's name, or a file and a test in it."""
    rows = proofs()

    assert len(rows) > 20
    assert [behaviour for behaviour, named in rows if not named] == []
    assert {behaviour: lacks for behaviour, named in rows if (lacks := missing(named))} == {}


def test_a_test_that_does_not_exist_is_found() -> None:
    """Neither a file nor a test may be made up, nor a test of another file."""
    assert missing(["engine/test_nothing.py"]) == "engine/test_nothing.py"
    assert missing(["nothing_of_the_kind"]) == "nothing_of_the_kind"
    this = "a_test_that_does_not_exist_is_found"
    assert missing(["test_readme.py", this]) is None
    assert missing(["engine/test_jobs.py", this]) == this
