"""`forge-emu run`: what takes longest is at work while the rest of forge-emu is imported.

Once the app and its tools are known, Node.js starts and esbuild builds, each in a process of its
own. Meanwhile a thread imports what a run is made of.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TypeAlias

from forge_emu.emulator.starting.terminal import Terminal
from forge_emu.errors import ExitCode
from forge_emu.run.beginning import BegunRun, begin_run
from forge_emu.run.options import RunOptions
from forge_emu.runtime.node.starting.early_host import EarlyHost
from forge_emu.store.gc_pause import gc_paused

_RunBegun: TypeAlias = Callable[
    [RunOptions, Terminal, BegunRun, AsyncExitStack], Awaitable[ExitCode]
]


async def run(
    options: RunOptions, terminal: Terminal, early_host: EarlyHost | None = None
) -> ExitCode:
    """Run an app until it is asked to stop, in `early_host` if that is what it needs.

    Raises UserError when it cannot start.
    """
    async with AsyncExitStack() as stack:
        with gc_paused(freeze=True):
            begun = await begin_run(options, terminal, stack, early_host)
            run_begun = await asyncio.to_thread(_import_run)
        return await run_begun(options, terminal, begun, stack)


def _import_run() -> _RunBegun:
    from forge_emu.run.run import run_begun

    return run_begun
