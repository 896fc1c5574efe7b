"""Findings as SARIF 2.1.0, which code hosts show beside the code.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from urllib.parse import quote

from forge_emu.errors import Problem
from forge_emu.rules.catalogue import RULES, Rule

_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


def sarif_log(problems: Sequence[Problem], version: str, prefix: str = "") -> dict[str, Any]:
    """A log of one run. `prefix` is the app's folder relative to the repository (`apps/a/`)."""
    names = sorted({problem.rule for problem in problems})
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "forge-emu",
                        "semanticVersion": version,
                        "rules": [_rule(name) for name in names],
                    }
                },
                "columnKind": "utf16CodeUnits",
                "results": [_result(problem, names, prefix) for problem in problems],
            }
        ],
    }


def _rule(name: str) -> dict[str, Any]:
    rule = RULES.get(name) or Rule(name, name)
    return {
        "id": name,
        "shortDescription": {"text": rule.about},
        "defaultConfiguration": {"level": rule.severity or "warning"},
    }


def _result(problem: Problem, names: Sequence[str], prefix: str) -> dict[str, Any]:
    text = problem.message + (f"\n{problem.hint}" if problem.hint else "")
    place: dict[str, Any] = {"artifactLocation": {"uri": quote(prefix + problem.file)}}
    if problem.line:
        place["region"] = {"startLine": problem.line}
        if problem.column:
            place["region"]["startColumn"] = problem.column
    return {
        "ruleId": problem.rule,
        "ruleIndex": names.index(problem.rule),
        "level": problem.severity,
        "message": {"text": text},
        "locations": [{"physicalLocation": place}],
    }
