"""What docs/fidelity.md promises to have proved, and where it says the numbers come from."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from docs.generate import source
from forge_emu.settings import EMULATOR_CHOICE, all_settings
from tests.conftest import ROOT
from tests.docs.pages import page

TESTS = ROOT / "tests"
PAGE = page("docs/fidelity.md")
COLUMNS = ("rule", "number", "setting", "source and date", "test")
SETTINGS = {setting.name: setting for setting in all_settings()}


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
    """The rows of the tables of what is emulated: the rule, and the tests named for it."""
    return [(cells[0], re.findall(r"`([^`]+)`", cells[-1])) for cells in PAGE.rows(*COLUMNS)]


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
    assert [rule for rule, named in rows if not named] == []
    assert {rule: lacks for rule, named in rows if (lacks := missing(named))} == {}


def test_a_test_that_does_not_exist_is_found() -> None:
    """Neither a file nor a test may be made up, nor a test of another file."""
    assert missing(["engine/test_nothing.py"]) == "engine/test_nothing.py"
    assert missing(["nothing_of_the_kind"]) == "nothing_of_the_kind"
    this = "a_test_that_does_not_exist_is_found"
    assert missing(["docs/test_fidelity.py", this]) is None
    assert missing(["engine/delivery/test_jobs.py", this]) == this


def test_every_number_with_a_source_has_a_row() -> None:
    """What the platform publishes is here, not only in the list of settings."""
    named = {name for cells in PAGE.rows(*COLUMNS) for name in re.findall(r"`([^`]+)`", cells[2])}
    sourced = {name for name, s in SETTINGS.items() if s.source != EMULATOR_CHOICE}

    assert sourced - named == set()
    assert named - set(SETTINGS) == set()


def test_sources_and_dates_are_those_of_the_settings() -> None:
    """The page and the day, wherever the setting of a row has one."""
    wrong = {}
    for rule, _, settings, sources, _ in PAGE.rows(*COLUMNS):
        for name in re.findall(r"`([^`]+)`", settings):
            if SETTINGS[name].source != EMULATOR_CHOICE and source(SETTINGS[name]) not in sources:
                wrong[rule] = source(SETTINGS[name])

    assert wrong == {}
