"""What is slow to import is imported when it is needed, so that a run is ready soon."""

from __future__ import annotations

import subprocess
import sys

import pytest

SLOW = (
    "cryptography", "dotenv", "filelock", "httpx", "jsonschema", "jsonschema_rs", "jwt",
    "multiprocessing", "rich", "starlette", "statistics", "uvicorn",
)  # fmt: skip


@pytest.mark.parametrize(
    ("module", "needed"),
    [
        ("forge_emu.run.run", set()),
        ("forge_emu.simulate.simulate", set()),
        ("forge_emu.simulate.playing", {"rich"}),
        # The commands for a running emulator.
        ("forge_emu.control.client", {"httpx"}),
    ],
)
def test_a_start_does_not_wait_for_what_is_slow_to_import(module: str, needed: set[str]) -> None:
    """Remotes, the app's own schema, the control API and a run's terminal come later, or never."""
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert {"msgspec"} <= set(told.stdout.split())
    assert set(told.stdout.split()) & {*SLOW, "pygments"} == needed


@pytest.mark.parametrize("module", ["forge_emu.cli.run", "forge_emu.cli.simulate"])
def test_node_starts_before_what_takes_longest_to_import(module: str) -> None:
    """A command begins it as soon as its options are read."""
    code = f"import sys, {module}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert "forge_emu" in told.stdout.split()
    assert set(told.stdout.split()) & {*SLOW, "asyncio", "filelock", "yaml"} == set()
