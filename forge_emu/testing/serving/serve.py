"""Serves one emulator to the program that has started this one, until that program ends.

The program writes the options as one line of JSON to stdin, reads where the emulator is from one
line of stdout, and closes stdin to end it. A program that dies closes it too.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, cast

import msgspec

from forge_emu import __version__
from forge_emu.control.addresses import Addresses
from forge_emu.errors import UserError
from forge_emu.testing.options import EmulatorOptions
from forge_emu.testing.serving.contract import ServedAt, ServedOptions
from forge_emu.testing.serving.followed import FollowedEmulator
from forge_emu.testing.serving.operations import TEST_OPERATIONS
from forge_emu.testing.serving.routes import ServedEmulator

_MOST_OPTIONS: Final = 64 << 20
"""Bytes of the line of options, which may hold what the store begins with."""


async def serve_for_tests(app: Path, print_line: Callable[[str], None]) -> None:
    """Serve the emulator of an app; `print_line` writes to stdout. Raises UserError."""
    # Slow to import, and of no use to tests in this process.
    from forge_emu.control.server import serve_api

    options = read_options(await asyncio.to_thread(sys.stdin.buffer.readline, _MOST_OPTIONS))
    ended = _end_of_stdin()
    async with FollowedEmulator(app, **options) as emulator:
        controls, more = emulator.controls, ServedEmulator(emulator).routes
        async with serve_api(
            controls, Addresses(), 0, more_routes=more, more_operations=TEST_OPERATIONS
        ) as url:
            controls.url = controls.loop.services.web_triggers.origin = url
            served = ServedAt(url, controls.token, __version__)
            print_line(msgspec.json.encode(served).decode())
            await emulator.run_until(ended)


def read_options(line: bytes) -> EmulatorOptions:
    """The options that a line of JSON holds, none where it is empty. Raises UserError."""
    try:
        given = msgspec.json.decode(line.strip() or b"{}", type=ServedOptions)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise UserError(
            f"the options on stdin are not what an emulator takes: {error}",
            'Write one line such as {"seed": 1}; docs/testing.md lists the options.',
        ) from None
    found = {name: getattr(given, name) for name in given.__struct_fields__}
    return cast(EmulatorOptions, {k: v for k, v in found.items() if v is not None})


def _end_of_stdin() -> asyncio.Event:
    """Set once stdin is closed: by whoever has started this, or by its end."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def read_on() -> None:
        # Not by way of `sys.stdin`, whose lock this thread would hold at the end of the process.
        while os.read(0, 4096):
            pass
        with suppress(RuntimeError):  # the loop has ended before
            loop.call_soon_threadsafe(ended.set)

    threading.Thread(target=read_on, daemon=True).start()
    return ended
