"""Annotations and the summary of a job, in the form that GitHub reads."""

from __future__ import annotations

import pytest

from forge_emu.errors import Problem
from forge_emu.report.summary import Advice, ConditionVerdict, ErrorFigure
from forge_emu.simulate.plan.comparison import ComparedRun, compare
from forge_emu.simulate.plan.sweep import Sweep
from forge_emu.simulate.plan.workflow_commands import (
    MOST_ANNOTATIONS,
    Annotation,
    annotation_at,
    annotations_of_findings,
    annotations_of_problems,
    job_summary,
    shown_annotations,
    workflow_command,
)
from tests.simulate.plan.runs import outcome, outcome_with_drops


@pytest.mark.parametrize(
    ("annotation", "file", "command"),
    [
        (
            Annotation("error", "a: b, c", "50%\nof it", "x", 3),
            "app/x",
            "::error file=app/x,line=3,title=a%3A b%2C c::50%25%0Aof it",
        ),
        (Annotation("warning", "t", "m", "x"), "x", "::warning file=x,title=t::m"),
        (Annotation("error", "t", "::m", line=3), "", "::error title=t::::m"),
    ],
    ids=["line", "file", "no place"],
)
def test_an_annotation_is_one_line(annotation: Annotation, file: str, command: str) -> None:
    """What would end a part of it is escaped."""
    assert workflow_command(annotation, file) == command


@pytest.mark.parametrize(
    ("place", "found"),
    [("src/a.js:3", ("src/a.js", 3)), ("src/a.js", ("src/a.js", 0)), ("", ("", 0))],
)
def test_a_place_is_file_and_line(place: str, found: tuple[str, int]) -> None:
    """As far as they are known."""
    annotation = annotation_at("error", "t", "m", place)
    assert (annotation.file, annotation.line) == found


def test_a_place_is_annotated_once() -> None:
    """An error that the advice is about is not told again; one without a place is left out."""
    advice = [Advice("same_error", "words", {}, ["src/a.js:3", "src/b.js:4"])]
    errors = [
        ErrorFigure("TypeError", "x", 2, place) for place in ("src/b.js:4", "src/c.js:5", None)
    ]
    problems = [Problem("manifest.yml", 7, 1, "odd", "mend it", "warning", "scopes")]
    found = annotations_of_findings(advice, errors, problems)
    assert [(a.level, a.title, a.file, a.line) for a in found] == [
        ("warning", "forge-emu: same_error", "src/a.js", 3),
        ("warning", "forge-emu: TypeError", "src/c.js", 5),
        ("warning", "forge-emu: scopes", "manifest.yml", 7),
    ]
    assert found[1].message == "TypeError: x (2 times)"
    assert found[2].message == "odd. mend it"


def test_problems_keep_their_severity() -> None:
    """What stops the app is an error."""
    (found,) = annotations_of_problems([Problem("manifest.yml", 2, 1, "broken")])
    assert (found.level, found.message) == ("error", "broken")


def test_what_github_would_leave_out_is_not_sent() -> None:
    """Ten of each level, the first ones."""
    many = [Annotation("warning", str(n), "") for n in range(MOST_ANNOTATIONS + 2)]
    error = Annotation("error", "last", "")
    assert shown_annotations([*many, error]) == [*many[:-2], error]


def test_the_summary_has_conditions_figures_and_findings() -> None:
    """And the command that repeats the run."""
    comparison = compare([ComparedRun(None, 1, outcome_with_drops())], None)
    verdicts = [
        ConditionVerdict("dropped>0", "dropped == 0", False, 2, "2"),
        ConditionVerdict("p95>5m", "p95 <= 5m", True, 1, "1 ms"),
        ConditionVerdict("max>5m", "max <= 5m", True, None, "none"),
    ]
    advice = [Advice("retry_wave", "all <b>at\nonce</b>, `a<b|c` and |", {}, ["src/a.js:3"])]
    lines = job_summary("a|b", comparison, verdicts, advice, "forge-emu simulate").splitlines()
    assert lines[0] == "### forge-emu simulate: a&#124;b"
    assert lines[2:7] == [
        "|  | condition | value |",
        "| --- | --- | --- |",
        "| ❌ | `dropped == 0` | 2 |",
        "| ✅ | `p95 <= 5m` | 1 ms |",
        "| – | `max <= 5m` | no run has this figure |",
    ]
    assert lines[8:11] == ["| figure | value |", "| --- | --- |", "| dropped | 2 |"]
    assert "- all &lt;b>at once&lt;/b>, `a<b\\|c` and &#124; (`src/a.js:3`)" in lines
    assert lines[-6:] == ["Again:", "", "```", "forge-emu simulate", "```", ""]


def test_values_of_a_sweep_are_columns() -> None:
    """With the range where the seeds differ."""
    runs = [
        ComparedRun("5", 1, outcome()),
        ComparedRun("5", 2, outcome_with_drops(4)),
        ComparedRun("20", 1, outcome()),
        ComparedRun("20", 2, outcome()),
    ]
    text = job_summary("a", compare(runs, Sweep("env.X", ("5", "20"))), [], [], "x")
    assert "| env.X | 5 | 20 |\n" in text
    assert "| dropped | 2 (0 to 4) | 0 |\n" in text
