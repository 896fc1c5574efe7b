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


class Unchanged:
    """For how many real seconds something has been the same, and whether that was said."""

    def __init__(self, say_after: float) -> None:
        self._say_after = say_after
        self._value: object = None
        self._since = 0.0
        self.told = False

    def start_again(self, value: object, now: float) -> None:
        """Count from now on."""
        self._value, self._since, self.told = value, now, False

    def seconds_to_tell(self, value: object, now: float) -> int | None:
        """How long it has been `value`, once, as soon as that is long."""
        if value != self._value:
            self.start_again(value, now)
        seconds = now - self._since
        if self.told or seconds < self._say_after:
            return None
        self.told = True
        return round(seconds)


class StallReports:
    """Looks at a run now and then; `now` is in real seconds."""

    def __init__(self, emulator: Emulator, print_message: Callable[[str], None]) -> None:
        self._emulator = emulator
        self._print_message = print_message
        self._anything = Unchanged(FIRST_SECONDS)
        self._records = Unchanged(BUSY_SECONDS)

    async def watch(self) -> None:
        """Look until the task is cancelled."""
        while True:
            self.look(monotonic_seconds())
            await asyncio.sleep(_LOOK_SECONDS)

    def look(self, now: float) -> None:
        """Report it once if handlers are at work and nothing has happened for long, or only time
        moves on: with timers or yields that do nothing else."""
        engine, settings = self._emulator.engine, self._emulator.settings
        at, records = self._emulator.clock.now(), engine.last_seq
        if not engine.running or self._anything.told:
            self._records.start_again(records, now)
        elif waited := self._records.seconds_to_tell(records, now):
            self._print_message(busy_text(engine.running_work(), waited, at))
        if not engine.running:
            self._anything.start_again((at, records), now)
        elif waited := self._anything.seconds_to_tell((at, records), now):
            self._print_message(stall_text(engine.running_work(), waited, settings))


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
    io_again = min(io, settings[s.DELIVERY_IO_AGAIN_SECONDS])
    return (
        f"waiting for {_names_of(work)}: {waited} s of real time so far. A handler that only "
        f"computes is given up after {computing:g} s or its timeout "
        f"({s.DELIVERY_STUCK_SECONDS.name}), and after {again:g} s where its function was before "
        f"({s.DELIVERY_STUCK_AGAIN_SECONDS.name}); one that waits for a file, a connection or a "
        f"process in {max(io - waited, 0):g} s ({s.DELIVERY_IO_SECONDS.name}), or after "
        f"{io_again:g} s where that was in vain before ({s.DELIVERY_IO_AGAIN_SECONDS.name})"
    )
