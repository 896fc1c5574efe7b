"""What Forge's own bundler says of an app that esbuild has built, where it is installed.

It takes seconds, so the app runs meanwhile. When the two disagree, a record says so.
"""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from forge_emu.emulator.emulator import Emulator
from forge_emu.engine.journal.masking import mask_problem
from forge_emu.model import App
from forge_emu.records import Log
from forge_emu.runtime.node.forge_bundler import forge_bundle
from forge_emu.runtime.node.tools import Tools
from forge_emu.runtime.tool import Tool

_MOST_SHOWN = 3


class BundlerCheck:
    """Builds each version of an app once more, and records what Forge's bundler refuses.

    `under_way` is the build at work, None before the first.
    """

    def __init__(
        self, root: Path, folder: Path, bundler: Tool, tools: Tools, emulator: Emulator
    ) -> None:
        self._root = root
        self._folder = folder
        self._bundler = bundler
        self._tools = tools
        self._emulator = emulator
        self.under_way: asyncio.Task[None] | None = None

    def begin(self, app: App) -> None:
        """Build `app`; an older build that is under way is given up."""
        if self.under_way is not None:
            self.under_way.cancel()
        self.under_way = asyncio.get_running_loop().create_task(self._check(app))

    async def stop(self) -> None:
        """End what is under way."""
        if self.under_way is not None:
            self.under_way.cancel()
            await asyncio.gather(self.under_way, return_exceptions=True)

    async def _check(self, app: App) -> None:
        try:
            built = await forge_bundle(app, self._folder, self._root, self._bundler, self._tools)
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
        errors = [p for p in built.problems if p.severity == "error"]
        if not errors:
            return
        emulator = self._emulator
        more = f", and {len(errors) - _MOST_SHOWN} more" if errors[_MOST_SHOWN:] else ""
        shown = "; ".join(
            str(mask_problem(p, emulator.engine.secrets)) for p in errors[:_MOST_SHOWN]
        )
        message = f"Forge's bundler refuses what esbuild has built: {shown}{more}"
        emulator.engine.record(Log(level="warn", message=message), emulator.loop.enter())
        emulator.loop.run_turn()
