"""Everything that is declared is found everywhere, or its name is what the test fails by."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import pytest

from forge_emu import settings as s
from forge_emu.settings import RateSetting, Setting, faults, refusals
from forge_emu.settings.faults import FAULTS, FaultKind
from forge_emu.settings.refusals import REFUSALS, RefusalRule, refusal_names
from tests.conftest import ROOT, Call
from tests.settings import everywhere

N = TypeVar("N", bound=ast.AST)

REFUSING_CODE = [
    *sorted((ROOT / "forge_emu" / "engine").rglob("*.py")),
    *sorted((ROOT / "forge_emu" / "services").rglob("*.py")),
]


@cache
def documentation() -> str:
    """What is written."""
    return everywhere.written_documentation()


@pytest.mark.parametrize("setting", s.all_settings(), ids=lambda each: each.name)
def test_every_setting_is_everywhere(setting: Setting[Any]) -> None:
    """In `limits`, `--set`, completion and documentation; what refuses in `--fail-on` as well."""
    assert everywhere.lacks_setting(setting, documentation()) == []


@pytest.mark.parametrize("setting", s.rates(), ids=lambda each: each.name)
def test_every_rate_is_enforced_and_shown(setting: RateSetting, tmp_path: Path) -> None:
    """In the engine, also after a restart, and in usage, advice, charts and capacity."""
    assert everywhere.lacks_rate(setting, tmp_path) == []


@pytest.mark.parametrize("rule", list(REFUSALS), ids=lambda each: each.name)
def test_every_rule_is_everywhere(rule: RefusalRule) -> None:
    """In `--fail-on`, completion, advice and documentation."""
    assert everywhere.lacks_rule(rule, documentation()) == []


@pytest.mark.parametrize("kind", list(FAULTS), ids=lambda each: each.name)
def test_every_fault_is_everywhere(kind: FaultKind) -> None:
    """In `--fault`, `--fail-on`, their completion and the documentation."""
    assert everywhere.lacks_fault(kind, documentation()) == []


@pytest.mark.parametrize("command", ["run", "simulate"])
def test_the_help_names_every_fault(call: Call, command: str) -> None:
    """With an amount."""
    said = "".join(call(command, "--help").out.split())

    assert [kind.name for kind in FAULTS if f"{kind.name}={kind.example}" not in said] == []


@pytest.mark.parametrize("path", REFUSING_CODE, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_code_spells_what_refuses(path: Path) -> None:
    """It names the constants instead."""
    texts = {
        node.value
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }

    assert texts & {*refusal_names(), *FAULTS.names} == set()


def test_every_rule_and_fault_is_one_of_the_code() -> None:
    """What nothing names would be a promise."""
    constants = {
        declared.name: constant
        for module in (refusals, faults)
        for constant, declared in vars(module).items()
        if isinstance(declared, RefusalRule | FaultKind)
    }
    named = {node.id for node in _nodes(ast.Name)} | {node.attr for node in _nodes(ast.Attribute)}

    assert set(constants) == {*REFUSALS.names, *FAULTS.names}
    assert [name for name, constant in constants.items() if constant not in named] == []


def test_a_setting_refuses_if_code_refuses_by_it() -> None:
    """What is marked as refusing is named by the code that does, and nothing else is."""
    constants = {name: value for name, value in vars(s).items() if isinstance(value, Setting)}
    marked = {name for name, setting in constants.items() if setting.refuses}
    named = {node.attr for node in _nodes(ast.Attribute)}
    rates = {name for name in marked if isinstance(constants[name], RateSetting)}

    assert marked - rates - named == set()
    assert _limits_of_refusals() - marked == set()


def _nodes(kind: type[N]) -> Iterator[N]:
    for path in REFUSING_CODE:
        yield from (n for n in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(n, kind))


def _limits_of_refusals() -> set[str]:
    """The constants whose name is given to a fault as its `limit`, or to what raises one."""
    found = set()
    for node in _nodes(ast.Call):
        called = ast.unparse(node.func)
        given = [each.value for each in node.keywords if each.arg == "limit"]
        if "refuse" in called or called.endswith("Fault"):
            given += node.args
        for each in map(ast.unparse, given):
            if match := re.fullmatch(r"s\.([A-Z_]+)(\.name)?", each):
                found.add(match[1])
    return found
