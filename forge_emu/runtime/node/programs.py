"""Runs the programs that build and check an app's code."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from forge_emu.runtime.host.environment import local_environment


async def run_program(
    command: Sequence[str | Path], text: str, folder: Path, *, seconds: float | None = None
) -> tuple[int | None, bytes, str]:
    """Run a program in `folder` with `text` as its input: exit code and both outputs.

    It has no business in the network.
    Raises TimeoutError where it does not end within `seconds` of real time. It is killed then, as
    it is when nobody waits for it any more.
    """
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=folder,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # The terminal's Ctrl-C is for the emulator alone.
        start_new_session=True,
        env={**local_environment(), "NO_COLOR": "1"},
    )
    try:
        async with asyncio.timeout(seconds):
            stdout, stderr = await process.communicate(text.encode())
    except (asyncio.CancelledError, TimeoutError):
        process.kill()
        await process.wait()
        raise
    return process.returncode, stdout, stderr.decode(errors="replace")
