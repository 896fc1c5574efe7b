"""How a run ends: when all is settled, or asked to once (drain) or twice (at once)."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress


class Stop:
    """Counts requests to stop: Ctrl-C, SIGTERM, the console's `q`, a reader that went away."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.urged = asyncio.Event()

    def ask(self) -> None:
        """The first call asks to drain, the next one to stop at once."""
        (self.urged if self.asked.is_set() else self.asked).set()

    def listen(self) -> None:
        """Take Ctrl-C and SIGTERM from now on."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            # Windows has no signal handlers on its loop; Ctrl-C raises KeyboardInterrupt there.
            with suppress(NotImplementedError):
                loop.add_signal_handler(number, self.ask)


async def first_of(*awaitables: asyncio.Future[object] | asyncio.Task[object]) -> None:
    """Return when one of the tasks is done; cancel the others, and raise what the one raised."""
    done, pending = await asyncio.wait(awaitables, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    await asyncio.gather(*pending, return_exceptions=True)
    for task in done:
        task.result()
