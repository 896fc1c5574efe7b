"""Each module that decides something has a test file of its name, at the mirrored place."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PACKAGE = TESTS.parent / "forge_emu"

MIRRORED = ("emulator", "engine", "run", "services", "simulate")
"""The folders of `forge_emu` whose modules are looked at, with the folders in them."""

WITHOUT_DECISIONS = {
    "engine/delivery/kind.py": "abstract: every kind has its own file, test_third_kind.py adds one",
    "engine/kvs/requests.py": "calls and answers as data",
    "run/options.py": "the options of a command as data",
    "services/remote_api/messages.py": "requests as data",
    "simulate/begun.py": "what has been checked, as data",
}
"""Modules that decide nothing, and why. `__init__.py` is one everywhere: it only names things."""


def modules() -> list[Path]:
    """The modules that are looked at, within `forge_emu`."""
    found = (
        path.relative_to(PACKAGE) for each in MIRRORED for path in (PACKAGE / each).rglob("*.py")
    )
    return sorted(path for path in found if path.name != "__init__.py")


def mirrored_tests(module: Path) -> Path:
    """Where the tests of a module are, whether they exist or not."""
    return TESTS / module.with_name(f"test_{module.name}")


def names_of_tests(file: Path) -> list[str]:
    """The names of the tests in a file; none where there is no such file."""
    if not file.exists():
        return []
    tree = ast.parse(file.read_text("utf-8"))
    functions = (
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return [function.name for function in functions if function.name.startswith("test_")]


@pytest.mark.parametrize("module", modules(), ids=str)
def test_a_module_has_tests_of_its_name(module: Path) -> None:
    """Unless it is one of those that decide nothing, which then has none."""
    assert bool(names_of_tests(mirrored_tests(module))) is (
        module.as_posix() not in WITHOUT_DECISIONS
    )


def test_every_exception_is_a_module_with_a_reason() -> None:
    """One that was renamed or removed would stand there for ever."""
    assert [name for name in MIRRORED if not (PACKAGE / name).is_dir()] == []
    assert {Path(name) for name in WITHOUT_DECISIONS} <= set(modules())
    assert all(WITHOUT_DECISIONS.values())


def test_the_file_of_a_package_only_names_things() -> None:
    """So it needs no tests: a docstring, imports and `__all__`."""
    deciding = []
    for each in MIRRORED:
        for path in (PACKAGE / each).rglob("__init__.py"):
            body = ast.parse(path.read_text("utf-8")).body
            if not all(
                isinstance(n, ast.Expr | ast.Import | ast.ImportFrom | ast.Assign) for n in body
            ):
                deciding.append(str(path.relative_to(PACKAGE)))

    assert deciding == []
