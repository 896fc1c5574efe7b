"""How a run ends: when all has settled, on the first request (drain) or the second (force).

And the file that it leaves of the mocks that it lacked, as `forge-emu.yml` takes them.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from forge_emu.control.session import FOLDER, emulator_folder
from forge_emu.errors import UserError
from forge_emu.report import Summary

_MOCKS_FILE: Final = "missing-mocks.yml"
_MOCKS_HEAD: Final = """\
# The requests of the last run that nothing answered. Copy the mocks you need into forge-emu.yml,
# below `mocks:`, and write the answers.
mocks:
"""


class Stop:
    """Collects requests to stop: Ctrl-C, SIGTERM, the console's `q`, a closed stdout."""

    def __init__(self) -> None:
        self.draining = asyncio.Event()
        self.force = asyncio.Event()
        self.failure: Exception | None = None
        self.stdout_closed = False
        """Whether the reader of stdout has gone."""

    def request(self) -> None:
        """The first request drains, the next one forces the stop."""
        (self.force if self.draining.is_set() else self.draining).set()

    def fail(self, error: Exception) -> None:
        """An unexpected error: end, and report it."""
        self.failure = self.failure or error
        self.draining.set()
        self.force.set()

    def on_stdout_closed(self) -> None:
        """The reader of stdout has gone: end quietly."""
        self.stdout_closed = True
        self.draining.set()

    def install_signal_handlers(self) -> None:
        """Handle Ctrl-C and SIGTERM from now on."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            # Windows has no signal handlers on its loop; Ctrl-C raises KeyboardInterrupt there.
            with suppress(NotImplementedError):
                loop.add_signal_handler(number, self.request)


async def wait_first(*awaitables: Coroutine[object, object, object]) -> None:
    """Return when one of them is done; cancel the others, and raise what the one raised."""
    tasks = [asyncio.ensure_future(awaitable) for awaitable in awaitables]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def write_missing_mocks(root: Path, summaries: Sequence[Summary]) -> str | None:
    """Write what the runs with these summaries lacked; the path relative to the app at `root`.

    None where nothing was missing, and where the folder cannot be written to. A file of an earlier
    run is removed.
    """
    mocks = {mock: None for summary in summaries for mock in summary.missing_answers.mocks}
    path = root / FOLDER / _MOCKS_FILE
    try:
        if not mocks:
            path.unlink(missing_ok=True)
            return None
        emulator_folder(root)
        lines = "".join(f"  - {mock}\n" for mock in mocks)
        path.write_text(_MOCKS_HEAD + lines, encoding="utf-8")
    except (OSError, UserError):
        return None
    return f"{FOLDER}/{_MOCKS_FILE}"


def with_mocks_file(summary: Summary, file: str | None) -> Summary:
    """The summary, which says where its missing mocks were written."""
    if not summary.missing_answers.mocks:
        return summary
    missing_answers = msgspec.structs.replace(summary.missing_answers, mocks_file=file)
    return msgspec.structs.replace(summary, missing_answers=missing_answers)
