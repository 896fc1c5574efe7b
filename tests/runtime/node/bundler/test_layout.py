"""The folder that a deployed app runs in."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.runtime.node.bundler.layout import extra_file_problems, lay_out
from tests.runtime.node.harness import app_of


@pytest.mark.parametrize(
    "pattern", ["../shared/*.txt", "data/../../shared/a.txt", "{..,data}/*/a.txt"]
)
def test_files_outside_of_the_app_are_left_out_and_said(tmp_path: Path, pattern: str) -> None:
    """A manifest writes nothing outside of the deployed folder."""
    root, folder = tmp_path / "app", tmp_path / "build" / "deployed"
    for name in ("app/data/x/a.txt", "shared/a.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("a", encoding="utf-8")
    app = app_of({"run": "src/index.js#run"}, extra_files=(pattern,))

    copied = lay_out(root, app, folder, ())
    [problem] = extra_file_problems(root, app)

    inside = [root / "data/x/a.txt"] if pattern.startswith("{") else []
    assert copied == inside
    assert problem.severity == "warning"
    assert repr(pattern) in problem.message
    assert not (tmp_path / "build" / "shared").exists()


def test_a_pattern_of_no_file_is_an_error(tmp_path: Path) -> None:
    """As `@forge/manifest` has it."""
    app = app_of({"run": "src/index.js#run"}, extra_files=("gone/*.txt",))
    [problem] = extra_file_problems(tmp_path, app)
    assert problem.severity == "error"
    assert "'gone/*.txt' does not match any files" in problem.message
