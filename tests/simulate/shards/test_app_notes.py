"""What is said of the app besides the results: by a simulation, and by its merged shards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from forge_emu.errors import Problem
from forge_emu.simulate.plan.run_result import RunResult
from forge_emu.simulate.shards.app_notes import (
    AppNotes,
    problem_lines,
    with_missing_mocks,
    with_missing_mocks_of_app,
)
from tests.emulator.emulator_harness import text_of, text_terminal
from tests.python_app import MANIFEST, write_app
from tests.simulate.shards.shard_files import run
from tests.simulate.test_merge import merged, options_of, played, shards_of

ASKING = """\
import random
from forge_emu.sdk import api

def listen(event, context):
    print(event["issue"]["key"])
    api.as_app().request_jira("/rest/api/3/securitylevel/1")
    if random.random() < 0.5:
        raise ValueError("no luck today")
"""
MORE = """\
  jira:issuePanel:
    - key: panel
      function: gone
"""
"""A module that nothing here starts, of a function that does not load."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An app whose requests nothing answers, and of which there is something to say."""
    root = write_app(tmp_path / "app", ASKING).resolve()
    manifest = MANIFEST.replace(
        "  trigger:\n", "    - key: gone\n      handler: gone.f\n  trigger:\n"
    ).replace("permissions:", MORE + "permissions:")
    (root / "manifest.yml").write_text(manifest, "utf-8")
    (root / "src" / "gone.py").write_text("raise OSError('not here')\n", "utf-8")
    return root


def test_merged_shards_say_of_the_app_what_one_simulation_says(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte for byte, with the file of missing mocks, and with payloads in the page."""
    monkeypatch.chdir(root.parent)
    words, page, mocks = "--seeds 4", Path("page.html"), root / ".forge-emu" / "missing-mocks.yml"
    more: dict[str, Any] = {"seeds": 4, "with_payloads": True, "faults": ("kvs.error=1%",)}
    files = shards_of(root, words, 2, **more)
    mocks.unlink()
    whole = played(options_of(root, f"{words} --with-payloads", report=page, **more))
    written, told = page.read_bytes(), mocks.read_bytes()
    mocks.unlink()

    assert merged(*files, report=page) == whole
    assert (page.read_bytes(), mocks.read_bytes()) == (written, told)
    assert b"securitylevel" in told
    for words in ("ui modules: 1", "gone.f (function 'gone') does not load", "missing-mocks.yml"):
        assert words in whole[2]
    assert b"Events of the worst run" in written
    assert b"no luck today" in written


def test_without_the_app_its_missing_mocks_are_not_written(root: Path, tmp_path: Path) -> None:
    """Which is said, where there are any."""
    plain = run(1).result(())
    missing = plain.compared.outcome.summary.missing_answers
    assert _kept(with_missing_mocks_of_app(tmp_path / "away", [plain], text_terminal())) == [None]
    assert missing.mocks == []
    assert _kept(with_missing_mocks(root, [plain])) == [None]


def test_notes_come_before_and_after_the_results() -> None:
    """Then what the first run found while it loaded."""
    terminal = text_terminal()
    notes = AppNotes(("nothing listens",), ("ui modules: 1",))
    first, second = (run(seed).result(()) for seed in (1, 2))
    notes.print_before(terminal)
    notes.print_after([_warned(first, "one"), _warned(second, "two")], terminal)
    assert text_of(terminal.stderr).splitlines() == ["nothing listens", "ui modules: 1", "one"]


def test_warnings_about_the_app_stand_below_the_results(root: Path) -> None:
    """That Forge has removed the runtime is no news of `check` alone."""
    manifest = (root / "manifest.yml").read_text("utf-8")
    assert "nodejs22.x" in manifest
    (root / "manifest.yml").write_text(manifest.replace("nodejs22.x", "nodejs20.x"), "utf-8")
    stderr = played(options_of(root, ""))[2]
    assert "warning: manifest.yml:5:11 Forge removed nodejs20.x on 2026-05-06" in stderr


def test_of_many_warnings_the_first_are_shown() -> None:
    """With the command that shows all of them; errors of functions are said elsewhere."""
    said = [Problem("manifest.yml", n, 1, f"no. {n}", severity="warning") for n in range(1, 8)]
    broken = Problem("src/a.js", 1, 1, "does not load")
    result = run(1).result(())
    result = result.with_summary(replace(result.compared.outcome.summary, problems=[broken, *said]))
    assert problem_lines(result) == [
        *(f"warning: manifest.yml:{n}:1 no. {n}" for n in range(1, 6)),
        "and 2 more warnings: `forge-emu check` shows all",
    ]


def _kept(runs: list[RunResult]) -> list[str | None]:
    return [each.compared.outcome.summary.missing_answers.mocks_file for each in runs]


def _warned(result: RunResult, text: str) -> RunResult:
    return RunResult(result.compared, result.record_lines, result.cut_short, (text,))
