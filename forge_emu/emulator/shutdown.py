"""How a run ends: when all is settled, or asked to once (drain) or twice (at once)."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from contextlib import suppress


class Stop:
    """Counts requests to stop: Ctrl-C, SIGTERM, the console's `q`, a reader that went away."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.urged = asyncio.Event()
        self.failure: Exception | None = None
        self.deaf = False
        """Whether nobody reads stdout any more."""

    def ask(self) -> None:
        """The first call asks to drain, the next one to stop at once."""
        (self.urged if self.asked.is_set() else self.asked).set()

    def fail(self, error: Exception) -> None:
        """A defect: end, and say so."""
        self.failure = self.failure or error
        self.asked.set()
        self.urged.set()

    def nobody_reads(self) -> None:
        """The reader of stdout has gone: end quietly."""
        self.deaf = True
        self.asked.set()

    def listen(self) -> None:
        """Take Ctrl-C and SIGTERM from now on."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            # Windows has no signal handlers on its loop; Ctrl-C raises KeyboardInterrupt there.
            with suppress(NotImplementedError):
                loop.add_signal_handler(number, self.ask)


async def first_of(*awaitables: Coroutine[object, object, object]) -> None:
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
