"""What of the emulator a handler gets: its environment, and no descriptor for other programs."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import run_command

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no /proc")

PYTHON = """\
import json, os, subprocess

def created(event):
    found = subprocess.run(["ls", "/proc/self/fd"], close_fds=False, capture_output=True, text=True)
    print(json.dumps([sorted(os.environ), found.stdout.split()]))

def store(event):
    pass
"""
JAVASCRIPT = """\
import { spawnSync } from 'node:child_process';

export function created() {
  const found = spawnSync('ls', ['/proc/self/fd'], { encoding: 'utf8' });
  console.log(JSON.stringify([Object.keys(process.env).sort(), found.stdout.split(/\\s+/)]));
}

export function store() {}
"""


@pytest.mark.parametrize("language", ["python", pytest.param("javascript", marks=pytest.mark.node)])
def test_a_handlers_process_has_what_it_needs(
    tmp_path: Path, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shell's variables stay with the shell, and programs it starts get its output alone."""
    monkeypatch.setenv("MY_TOKEN", "do not tell")
    app = apps.app_without_packages(tmp_path / "app", JAVASCRIPT)
    if language == "python":
        (app / "src" / "index.js").unlink()
        (app / "src" / "index.py").write_text(PYTHON)
    records = tmp_path / "records.jsonl"
    done = run_command("simulate", app, "issue-created", "--records", records)
    assert done.returncode == 0, done.stderr
    lines = (json.loads(line) for line in records.read_text("utf-8").splitlines())
    said = next(r["message"] for r in lines if r["type"] == "log" and r["message"][:2] == "[[")
    variables, descriptors = json.loads(said)
    assert "PATH" in variables
    assert not {"MY_TOKEN", "PYTHONPATH", "SHELL", "PWD"}.intersection(variables)
    # The fourth is the folder that `ls` reads.
    assert sorted(filter(None, descriptors)) == ["0", "1", "2", "3"]
