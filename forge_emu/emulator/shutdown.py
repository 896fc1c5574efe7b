"""How a run ends: when all has settled, on the first request (drain) or the second (force)."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress


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
