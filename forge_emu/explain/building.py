"""Builds an app's code, and loads it, to see what goes wrong. Writes into a folder of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from forge_emu.appdir import LoadedApp
from forge_emu.clock import RealClock, wall_ms
from forge_emu.errors import Problem
from forge_emu.ports import RuntimeMessage
from forge_emu.runtime.bundle import bundle
from forge_emu.runtime.node import NodeRuntime
from forge_emu.runtime.tools import find_tools


async def build_problems(
    loaded: LoadedApp, folder: Path, progress: Callable[[str], None], *, load: bool
) -> Sequence[Problem]:
    """What is wrong with the build, and with `load` also with what the modules do and export.

    Raises UserError where a tool is missing.
    """
    if not any(f.language == "javascript" for f in loaded.app.functions.values()):
        return ()
    tools = await asyncio.to_thread(find_tools, loaded.root, progress)
    if not load:
        return (await bundle(loaded.root, tools.esbuild.path, loaded.app, folder)).problems
    runtime = NodeRuntime(
        loaded.root, tools, _ignore, build_dir=folder, seed=0, epoch_ms=wall_ms(),
        clock=RealClock(1.0), threads=1,
    )  # fmt: skip
    try:
        return (await runtime.load(loaded.app, 1)).problems
    finally:
        await runtime.close()


def _ignore(messages: Sequence[RuntimeMessage]) -> None:
    """Nobody answers what a module asks for while it loads."""
