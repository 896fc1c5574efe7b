"""Runs forge-emu and samples it: `sampled_command FOLDER ARGUMENTS…`. Linux and macOS.

A signal comes after each `INTERVAL` of processor time. It is handled between two steps of Python,
so a call into C counts for the function that made it. Node.js is started with `node_sampler.cjs`.
"""

from __future__ import annotations

import json
import shutil
import signal
import sys
from collections import Counter
from pathlib import Path
from types import FrameType
from typing import Final

INTERVAL: Final = 0.001
"""Seconds of processor time between two samples."""

_DEEPEST: Final = 60
_ROOT: Final = Path(__file__).parents[2]
_PRODUCT: Final = str(_ROOT / "forge_emu") + "/"
_NODE_SAMPLER: Final = Path(__file__).with_name("node_sampler.cjs")

samples: Counter[tuple[str, str]] = Counter()
"""Samples by file and function: the innermost of ours, or the innermost of all."""


def place_of(frame: FrameType | None) -> tuple[str, str]:
    """File below the repository, and function, of the innermost frame that is of forge_emu."""
    innermost = frame
    for _ in range(_DEEPEST):
        if frame is None:
            break
        code = frame.f_code
        if code.co_filename.startswith(_PRODUCT):
            return code.co_filename.removeprefix(_PRODUCT), code.co_qualname
        frame = frame.f_back
    if innermost is None:
        return "?", "?"
    path = Path(innermost.f_code.co_filename)
    return "/".join(path.parts[-2:]), innermost.f_code.co_qualname


def _take_sample(_: int, frame: FrameType | None) -> None:
    samples[place_of(frame)] += 1


def _sample_node(folder: Path) -> None:
    """Have the host's Node.js sample itself: it writes beside the copy of its sampler."""
    from forge_emu.runtime.node.starting import host_start

    sampler = shutil.copy(_NODE_SAMPLER, folder)
    plain = host_start.host_command

    def command(node: Path) -> tuple[str, ...]:
        program, *rest = plain(node)
        return program, "--require", str(sampler), *rest

    host_start.host_command = command


def main() -> None:
    """Run the command; its samples go to `python.json` in the folder, also where it fails."""
    folder, *arguments = sys.argv[1:]
    _sample_node(Path(folder))
    from forge_emu.cli import main as forge_emu

    sys.argv = ["forge-emu", *arguments]
    signal.signal(signal.SIGPROF, _take_sample)
    signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)
    try:
        forge_emu()
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        found = [[*place, count] for place, count in samples.items()]
        (Path(folder) / "python.json").write_text(json.dumps(found))


if __name__ == "__main__":
    main()
