"""The rules of the advice and their documentation do not drift apart; a good run has none."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from forge_emu import report
from tests.report.advice.runs import advice_of
from tests.timeline.stream import Stream

DOCUMENT = Path(__file__).parents[3] / "docs" / "advice.md"


def _rules_in_code() -> set[str]:
    """The first argument of every `Advice(...)` of the package."""
    found = set()
    for path in Path(report.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "Advice":
                assert isinstance(node.args[0], ast.Constant)
                found.add(str(node.args[0].value))
    return found


def test_every_rule_is_documented() -> None:
    """One row each, with when it speaks and its threshold."""
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|", DOCUMENT.read_text("utf-8"), re.M)

    assert {rule for rule, *_ in rows} == _rules_in_code()
    assert len(rows) == len({rule for rule, *_ in rows})
    assert all(when and threshold for _, when, threshold in rows)


def test_a_good_run_has_noadvice_of() -> None:
    """Silence is the best finding."""

    def play(stream: Stream) -> None:
        stream.loaded()
        stream.sent(0, "p")
        stream.pushed(1, "e", by=stream.triggered(0, "p"))
        stream.product_succeeded(5, "p")
        stream.succeeded(500, "e")

    assert advice_of(play) == {}
