"""Broken manifests with exactly what is said of each; the table is `problems.txt`."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.manifest.sample import MANIFEST, app_of, lines, manifest_with, problems_of

TABLE = Path(__file__).with_name("problems.txt")


class Change(NamedTuple):
    """A change of the sound manifest, and what is said of it."""

    old: str
    new: str
    said: list[str]


def table() -> list[Change]:
    """The rows of the table."""
    rows = []
    for block in TABLE.read_text(encoding="utf-8").split("\n\n")[1:]:
        found = block.strip("\n").split("\n")
        old = "\n".join(line[1:] for line in found if line.startswith("-"))
        new = "\n".join(line[1:] for line in found if line.startswith("+"))
        rows.append(Change(old, new, [line for line in found if line[0] not in "+-"]))
    return rows


@pytest.mark.parametrize("change", table(), ids=lambda change: change.new.strip()[-60:] or "gone")
def test_a_broken_manifest_gets_exactly_these_problems(change: Change) -> None:
    """Place, severity, message and hint are as the table has them."""
    said = []
    for problem in problems_of(manifest_with(change.old, change.new)):
        marked = "warning: " if problem.severity == "warning" else ""
        hint = f" | {problem.hint}" if problem.hint else ""
        said.append(f"{marked}{str(problem).removeprefix('manifest.yml:')}{hint}")

    assert said == change.said


def test_every_problem_is_reported_at_once() -> None:
    """One reading finds all that is wrong, in the order of the lines."""
    text = MANIFEST.replace("queue: work", "queue: 5").replace("index.push", "lost.push")

    assert lines(problems_of(text.replace("timeoutSeconds: 100", "timeoutSeconds: soon"))) == [
        "manifest.yml:9:14 modules.consumer[0].queue must be text, found the number 5",
        "manifest.yml:13:16 function handler property 'lost.push' cannot find associated file"
        " with name 'lost.(tsx|jsx|ts|js|cjs|py)'",
        "manifest.yml:16:23 modules.function[1].timeoutSeconds must be a number, found the text"
        " 'soon'",
    ]


@pytest.mark.parametrize(
    ("length", "is_sound"), [(22, True), (23, True), (24, False)], ids=lambda value: str(value)
)
def test_a_function_key_has_at_most_23_characters(length: int, is_sound: bool) -> None:
    """The limit of the platform, on both sides of it."""
    text = MANIFEST.replace("pusher", "p" * length)

    assert (problems_of(text) == ()) is is_sound


@pytest.mark.parametrize(("length", "is_sound"), [(1, True), (35, True), (36, True), (37, False)])
def test_a_queue_name_has_at_most_36_characters(length: int, is_sound: bool) -> None:
    """The limit of the platform, on both sides of it."""
    text = manifest_with("queue: work", f"queue: {'q' * length}")

    assert (problems_of(text) == ()) is is_sound


@pytest.mark.parametrize(("seconds", "is_sound"), [("1", True), ("900", True), ("900.1", False)])
def test_a_timeout_is_from_1_to_900_seconds(seconds: str, is_sound: bool) -> None:
    """Both ends are allowed."""
    text = manifest_with("timeoutSeconds: 100", f"timeoutSeconds: {seconds}")

    assert (problems_of(text) == ()) is is_sound


@pytest.mark.parametrize(("megabytes", "is_sound"), [(128, True), (1024, True), (1025, False)])
def test_memory_is_from_128_to_1024_megabytes(megabytes: int, is_sound: bool) -> None:
    """Both ends are allowed."""
    text = manifest_with("timeoutSeconds: 100", f"runtime: {{memoryMB: {megabytes}}}")

    assert (problems_of(text) == ()) is is_sound


def test_a_handler_may_be_in_python() -> None:
    """Where no script has its name, the Python file counts; an app may mix the two."""
    app = app_of(MANIFEST, files=frozenset({"src/index.py", "src/queue/worker.ts"}))

    found = {f.handler: (f.file, f.export, f.language) for f in app.functions.values()}
    assert found == {
        "index.push": ("src/index.py", "push", "python"),
        "queue/worker.consume": ("src/queue/worker.ts", "consume", "javascript"),
    }


@pytest.mark.parametrize("script", ["index.js", "index.tsx", "index.cjs"])
def test_a_handler_in_two_languages_is_ambiguous(script: str) -> None:
    """One error names both files."""
    files = frozenset({f"src/{script}", "src/index.py", "src/queue/worker.ts"})
    [problem] = problems_of(MANIFEST, files=files)

    assert problem.rule == "handler-ambiguous"
    assert str(problem) == (
        "manifest.yml:13:16 function handler property 'index.push' is ambiguous: there are"
        f" src/{script} and src/index.py"
    )


@pytest.mark.parametrize(
    ("file", "hint"),
    [
        ("src/index.mjs", "Forge does not load index.mjs: rename it to index.js."),
        ("index.js", "Move the file into src/."),
        ("src/index/index.ts", "There is src/index/index: write index/index.push."),
    ],
)
def test_a_file_nearby_is_pointed_out(file: str, hint: str) -> None:
    """The hint says how the file that is there could serve."""
    [problem] = problems_of(MANIFEST, files=frozenset({file, "src/queue/worker.ts"}))

    assert problem.hint == hint


def test_a_flood_of_problems_is_cut_short() -> None:
    """A thousand bad consumers give a hundred errors and a remark."""
    text = "modules:\n  consumer:\n" + "    - {key: 5, queue: q, function: f}\n" * 1000
    problems = problems_of(text)

    assert len([p for p in problems if p.severity == "error"]) == 101
    assert problems[-1].message == "and perhaps more errors"


def test_a_scheduled_trigger_needs_a_function_that_exists() -> None:
    """As any module does."""
    text = MANIFEST.replace(
        "  consumer:\n", "  scheduledTrigger:\n    - {key: s, function: nope}\n  consumer:\n", 1
    )

    assert (
        "manifest.yml:8:26 scheduledTrigger references undefined function module with key 'nope'"
        in lines(problems_of(text))
    )
