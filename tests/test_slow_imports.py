"""What is slow to import is imported when it is needed, so that a run is ready soon."""

from __future__ import annotations

import subprocess
import sys

import pytest

SLOW = ("cryptography", "httpx", "jsonschema", "jsonschema_rs", "jwt", "starlette", "uvicorn")


@pytest.mark.parametrize("module", ["forge_emu.run.run", "forge_emu.simulate.simulate"])
def test_a_start_does_not_wait_for_what_is_slow_to_import(module: str) -> None:
    """Remotes, the app's own schema and the control API come later, or never."""
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert {"rich", "msgspec"} <= set(told.stdout.split())
    assert set(told.stdout.split()) & set(SLOW) == set()
