"""Says for which handlers a run waits in real time, and how long at the most."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from forge_emu import settings as s
from forge_emu.clock import monotonic_seconds
from forge_emu.console.format import plural
from forge_emu.emulator.emulator import Emulator
from forge_emu.settings import Settings

FIRST_SECONDS: Final = 3.0
"""Real seconds without anything happening, after which it is said."""

_LOOK_SECONDS: Final = 0.5
_MOST_NAMED: Final = 3


class StallReports:
    """Looks at a run now and then; `now` is in real seconds."""

    def __init__(self, emulator: Emulator, print_message: Callable[[str], None]) -> None:
        self._emulator = emulator
        self._print_message = print_message
        self._state: tuple[int, int] | None = None
        self._since = 0.0
        self._told = False

    async def watch(self) -> None:
        """Look until the task is cancelled."""
        while True:
            self.look(monotonic_seconds())
            await asyncio.sleep(_LOOK_SECONDS)

    def look(self, now: float) -> None:
        """Report it once if nothing has happened for long, though handlers are at work."""
        engine = self._emulator.engine
        state = (self._emulator.clock.now(), engine.last_seq)
        if state != self._state or not engine.running:
            self._state, self._since, self._told = state, now, False
        elif now - self._since >= FIRST_SECONDS and not self._told:
            self._told = True
            waited = round(now - self._since)
            settings = self._emulator.settings
            self._print_message(stall_text(engine.running_work(), waited, settings))


def stall_text(work: Sequence[tuple[str, str]], waited: int, settings: Settings) -> str:
    """What a run has waited for so many real seconds; `work` are functions and their events."""
    named = ", ".join(f"{function} ({event})" for function, event in work[:_MOST_NAMED])
    more = f" and {plural(len(work) - _MOST_NAMED, 'other')}" if len(work) > _MOST_NAMED else ""
    computing, io = settings[s.DELIVERY_STUCK_SECONDS], settings[s.DELIVERY_IO_SECONDS]
    return (
        f"waiting for {named}{more}: {waited} s of real time so far. A handler that only computes "
        f"is given up after {computing:g} s or its timeout ({s.DELIVERY_STUCK_SECONDS.name}); one "
        f"that waits for a file, a connection or a process in {max(io - waited, 0):g} s "
        f"({s.DELIVERY_IO_SECONDS.name})"
    )
