"""What a start leaves for later, and what then comes."""

from __future__ import annotations

import subprocess
import sys

from forge_emu.emulator.starting.late import LATE


def _printed(script: str) -> str:
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.stderr == ""
    return done.stdout.strip()


def test_a_run_is_imported_without_them() -> None:
    """Else they would be no later than the rest."""
    script = f"import sys, forge_emu.run.run; print([m for m in {LATE} if m in sys.modules])"
    assert _printed(script) == "[]"


def test_afterwards_all_of_them_are_there() -> None:
    """By their names, which no checker of imports sees."""
    script = (
        "import sys; from forge_emu.emulator.starting.late import import_late; import_late()\n"
        f"print([m for m in {LATE} if m not in sys.modules])"
    )
    assert _printed(script) == "[]"
