"""Every rule is documented, fires on what breaks it, and on nothing that is sound."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from forge_emu.rules import RULES
from tests.conftest import ROOT
from tests.rules.apps import inspect_example
from tests.rules.examples import CLEAN, EXAMPLES

pytestmark = pytest.mark.node

# Only with the schema of a real @forge/manifest, which these apps do not have.
ELSEWHERE = {"schema"}


@pytest.mark.parametrize("rule", sorted(EXAMPLES))
def test_a_rule_fires_on_its_example(rule: str, tmp_path: Path) -> None:
    """With a place, and with what to do about it."""
    found = [p for p in inspect_example(tmp_path, EXAMPLES[rule]).problems if p.rule == rule]
    assert found, rule
    assert found[0].file
    severity = RULES[rule].severity
    assert severity in (None, found[0].severity)


def test_nothing_fires_on_a_sound_app(tmp_path: Path) -> None:
    """Not even a warning."""
    found = inspect_example(tmp_path, CLEAN)
    assert found.problems == ()
    assert found.code_seen


def test_every_rule_has_an_example() -> None:
    """A rule that was never seen to fire is no rule."""
    assert set(RULES) - ELSEWHERE == set(EXAMPLES)


def test_every_rule_is_documented() -> None:
    """`docs/rules.md` has a heading for each, and for no other."""
    text = (ROOT / "docs" / "rules.md").read_text("utf-8")
    assert re.findall(r"^### `([\w-]+)`$", text, re.MULTILINE) == list(RULES)


def named_rules() -> Iterator[str]:
    """The rules that the package's code names where it makes a finding."""
    for path in (ROOT / "forge_emu").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = getattr(node.func, "attr", getattr(node.func, "id", ""))
            position = {
                "Problem": 6,
                "error": 3,
                "warn": 3,
                "error_at_key": 3,
                "warn_at_key": 3,
                "problem": 0,
            }.get(called)
            given = [k.value for k in node.keywords if k.arg == "rule"]
            if position is not None and len(node.args) > position:
                given.append(node.args[position])
            for value in given:
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield value.value


def test_every_rule_that_the_code_names_is_known() -> None:
    """A finding with a rule that nobody documents would be a riddle."""
    named = set(named_rules())
    assert "handler-format" in named
    assert named <= set(RULES)
