"""The garbage collector searches when it is of use."""

from __future__ import annotations

import subprocess
import sys


def test_a_command_has_the_collector_search_seldom() -> None:
    """Only the process of a command: what imports forge-emu keeps its own ways."""
    code = (
        "import gc, sys; usual = gc.get_threshold(); import forge_emu.cli, forge_emu.testing; "
        "unchanged = gc.get_threshold() == usual; sys.argv = ['forge-emu', 'limits', '--json']; "
        "import atexit; atexit.register(lambda: print(unchanged, gc.get_threshold() > usual, "
        "gc.isenabled(), file=sys.stderr)); forge_emu.cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.split() == ["True", "True", "True"]
