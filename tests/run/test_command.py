"""The start of `forge-emu run`: what is imported before Node.js and esbuild are at work."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from forge_emu.control.session import FOLDER
from forge_emu.errors import UserError
from forge_emu.run.command import run
from forge_emu.run.options import RunOptions
from tests.emulator.emulator_harness import text_terminal
from tests.python_app import MANIFEST
from tests.runtime.node.harness import write_app

SLOW = ("forge_emu.emulator.emulator", "forge_emu.services.services", "sqlite3", "uvicorn")
"""Modules that a start needs later than Node.js and esbuild."""


def test_what_is_slow_to_import_comes_after_the_beginning() -> None:
    """So that it is imported while other processes are at work."""
    script = f"import forge_emu.run.command, sys; print([m for m in {SLOW} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


@pytest.mark.node
def test_what_fails_later_ends_what_was_begun(tmp_path: Path) -> None:
    """With its own error; the build folder is gone, and so is the lock."""
    write_app(tmp_path, {"manifest.yml": MANIFEST, "src/index.js": "export const listen = 1;\n"})
    options = RunOptions(tmp_path, speed=None, site=(tmp_path / "none.yml",), watch=False)
    for _ in range(2):
        with pytest.raises(UserError, match=r"none\.yml"):
            asyncio.run(run(options, text_terminal()))
    assert not (tmp_path / FOLDER / "build").exists()
