"""Says for which handlers a run waits in real time, and how long at the most."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from forge_emu import settings as s
from forge_emu.clock import monotonic_seconds
from forge_emu.console.format import plural
from forge_emu.emulator.emulator import Emulator
from forge_emu.model import Instant
from forge_emu.offsets import hours_text
from forge_emu.settings import Settings

FIRST_SECONDS: Final = 3.0
"""Real seconds without anything happening, after which it is said."""

BUSY_SECONDS: Final = 10.0
"""Real seconds in which only time moves on, after which it is said."""

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
        self._seq = 0
        self._busy_since = 0.0
        self._told_busy = False

    async def watch(self) -> None:
        """Look until the task is cancelled."""
        while True:
            self.look(monotonic_seconds())
            await asyncio.sleep(_LOOK_SECONDS)

    def look(self, now: float) -> None:
        """Report it once if nothing has happened for long, though handlers are at work."""
        engine = self._emulator.engine
        self._look_for_records(now)
        state = (self._emulator.clock.now(), engine.last_seq)
        if state != self._state or not engine.running:
            self._state, self._since, self._told = state, now, False
        elif now - self._since >= FIRST_SECONDS and not self._told:
            self._told = True
            waited = round(now - self._since)
            settings = self._emulator.settings
            self._print_message(stall_text(engine.running_work(), waited, settings))

    def _look_for_records(self, now: float) -> None:
        """The same where handlers keep time moving, with timers or yields, and do nothing else."""
        engine = self._emulator.engine
        if engine.last_seq != self._seq or not engine.running or self._told:
            self._seq, self._busy_since, self._told_busy = engine.last_seq, now, False
        elif now - self._busy_since >= BUSY_SECONDS and not self._told_busy:
            self._told_busy = True
            work, at = engine.running_work(), self._emulator.clock.now()
            self._print_message(busy_text(work, round(now - self._busy_since), at))


def busy_text(work: Sequence[tuple[str, str]], waited: int, now: Instant) -> str:
    """What a run has been at for so many real seconds; emulated time is at `now`."""
    return (
        f"still at {_names_of(work)}: {waited} s of real time so far, and emulated time is at "
        f"{hours_text(now)}. A handler that goes on is ended at its timeout"
    )


def _names_of(work: Sequence[tuple[str, str]]) -> str:
    named = ", ".join(f"{function} ({event})" for function, event in work[:_MOST_NAMED])
    more = f" and {plural(len(work) - _MOST_NAMED, 'other')}" if len(work) > _MOST_NAMED else ""
    return f"{named}{more}"


def stall_text(work: Sequence[tuple[str, str]], waited: int, settings: Settings) -> str:
    """What a run has waited for so many real seconds; `work` are functions and their events."""
    computing, io = settings[s.DELIVERY_STUCK_SECONDS], settings[s.DELIVERY_IO_SECONDS]
    again = min(computing, settings[s.DELIVERY_STUCK_AGAIN_SECONDS])
    return (
        f"waiting for {_names_of(work)}: {waited} s of real time so far. A handler that only "
        f"computes is given up after {computing:g} s or its timeout "
        f"({s.DELIVERY_STUCK_SECONDS.name}), and after {again:g} s where its function was before "
        f"({s.DELIVERY_STUCK_AGAIN_SECONDS.name}); one that waits for a file, a connection or a "
        f"process in {max(io - waited, 0):g} s ({s.DELIVERY_IO_SECONDS.name})"
    )
