"""Several runs as a page."""

from __future__ import annotations

from html.parser import HTMLParser

from msgspec.structs import replace

from forge_emu.report.summary import Advice
from forge_emu.simulate.plan.comparison import ComparedRun, compare
from forge_emu.simulate.plan.comparison_page import comparison_page
from forge_emu.simulate.plan.conditions import evaluate_condition, parse_conditions
from forge_emu.simulate.plan.sweep import Sweep
from forge_emu.simulate.plan.verdicts import condition_verdicts
from tests.simulate.plan.runs import outcome, outcome_with_drops

NASTY = "</style><script>alert(1)</script>"
CONDITIONS = parse_conditions(["dropped>0", "p95>1h"])


class _Words(HTMLParser):
    """The tags of a page, and its texts."""

    def __init__(self, page: bytes) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: list[str] = []
        self.tags: set[str] = set()
        self.feed(page.decode())

    def handle_starttag(self, tag: str, attrs: object) -> None:
        """Open it."""
        self.tags.add(tag)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Each is closed in order."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Keep it."""
        self.texts += [data.strip()] if data.strip() else []


def page_of(*dropped: int, sweep: Sweep | None = None) -> _Words:
    """The page of runs that have dropped so many events."""
    values = sweep.values if sweep else (None,)
    runs = []
    for value in values:
        for seed, count in enumerate(dropped, 1):
            found = outcome_with_drops(count) if count else outcome()
            judged = tuple(evaluate_condition(condition, found) for condition in CONDITIONS)
            runs.append(ComparedRun(value, seed, found, judged))
    comparison = compare(runs, sweep)
    comparison = replace(comparison, conditions=condition_verdicts(CONDITIONS, runs))
    advice = [Advice("kvs_rate", f"Refused {NASTY}", {}, ["src/index.js:3"])]
    command = f"forge-emu simulate app --seeds {len(dropped)}"
    page = _Words(comparison_page(NASTY, command, comparison, advice, "forge-emu again"))
    assert page.open == []
    assert "script" not in page.tags
    return page


def test_what_is_in_the_worst_events_is_folded_below_their_first_line() -> None:
    """Where payloads are kept; an empty list says that there are none."""

    def page(events: list[str] | None) -> _Words:
        comparison = compare([ComparedRun(None, 1, outcome())], None)
        return _Words(comparison_page("app", "command", comparison, [], "again", events))

    found = page([f"event {NASTY}\nbody 7"])
    assert found.texts[-2:] == [f"event {NASTY}", f"event {NASTY}\nbody 7"]
    assert {"details", "summary"} <= found.tags
    assert "It has none of which anything is kept." in page([]).texts
    assert "Events of the worst run" not in page(None).texts


def test_conditions_figures_findings_and_runs_are_there() -> None:
    """Whatever an app is called, or says."""
    texts = page_of(0, 3).texts
    assert "Failed: 1 of 2 conditions" in texts
    assert ": 3 at worst, failed in 1 of 2 runs" in texts
    assert texts.count(f"forge-emu simulate: {NASTY}") == 2
    assert f"Refused {NASTY}" in texts
    assert "src/index.js:3" in texts
    start = texts.index("min")
    assert texts[start : start + 7] == ["min", "median", "max", "dropped", "0", "1.5", "3"]
    assert texts[-2:] == ["The worst run again", "forge-emu again"]
    assert "dropped>0" in texts


def test_values_have_a_column_each() -> None:
    """With what lies around the median."""
    texts = page_of(0, 3, sweep=Sweep("env.X", ("5", "20"))).texts
    start = texts.index("env.X")
    assert texts[start : start + 6] == [
        "env.X",
        "5",
        "20",
        "dropped",
        "1.5 (0 to 3)",
        "1.5 (0 to 3)",
    ]


def test_what_passes_says_so() -> None:
    """At the head of the page."""
    assert "Passed" in page_of(0, 0).texts
