"""A kill before any system call of a command, SQLite's among them, leaves the old or the new."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from forge_emu.control.session import FOLDER
from forge_emu.store.schema import STATE_FILE
from tests.store.test_replacement import app, other

__all__ = ["app", "other"]  # fixtures

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or shutil.which("cc") is None, reason="needs Linux and a C compiler"
)
_HERE = Path(__file__).parent
_ROOT = _HERE.parents[2]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that counts."""
    made = tmp_path_factory.mktemp("library") / "counted.so"
    source = _HERE / "counted.c"
    command: list[str | Path] = ["cc", "-shared", "-fPIC", "-O1", "-o", made, source, "-ldl"]
    subprocess.run(command, check=True)
    return made


@pytest.mark.parametrize(
    ("action", "seen"),
    [
        ("import", [7, 4]),
        ("recover", [7]),
        ("reset", [7, None]),
        ("export", [[7, None], [7, 7]]),
        ("kvs import", [0, 3]),
        ("start", [7]),
    ],
)
def test_a_kill_before_each_system_call(
    library: Path, app: Path, other: Path, tmp_path: Path, action: str, seen: list[Any]
) -> None:
    """And nothing between the two."""
    found = _kills(library, action, app, other, tmp_path / "again")
    assert found["seen"] == seen
    assert found["calls"] > 5


@pytest.mark.parametrize("damage", ["empty", "missing"])
def test_a_recovery_of_a_log_alone(
    library: Path, app: Path, other: Path, tmp_path: Path, damage: str
) -> None:
    """It can be repeated whenever it was killed."""
    state = app / FOLDER / STATE_FILE
    if damage == "empty":
        state.write_bytes(b"")
    else:
        state.unlink()
    found = _kills(library, "recover", app, other, tmp_path / "again", every=5)
    assert found["seen"] == [7]


def _kills(
    library: Path, action: str, app: Path, other: Path, again: Path, every: int = 1
) -> dict[str, Any]:
    words = (action, str(every), app, other, again)
    done = subprocess.run(
        [sys.executable, "-m", "tests.store.system_calls.worker", *words],
        env={**os.environ, "LD_PRELOAD": str(library), "PYTHONPATH": str(_ROOT)},
        cwd=_ROOT,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found
