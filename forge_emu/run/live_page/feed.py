"""What the live page shows, collected from the records: begun with the first reader."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final

from forge_emu.control.hub import RecordHub, RecordSubscription
from forge_emu.control.stream import read_records
from forge_emu.records import Record
from forge_emu.report.page import PageBuilder

COLLECT_SECONDS: Final = 0.1
"""Real seconds for which records are left to lie: taken together they cost less than one by one."""
_SLICE: Final = 500
"""Records between two chances for everything else that the loop has to do."""


class PageFeed:
    """Gives every record to a builder, those from before the first reader too.

    It costs nothing before `start`. `done` says whether the hub has ended. `pause` is in real
    seconds.
    """

    def __init__(
        self,
        hub: RecordHub,
        new_builder: Callable[[], PageBuilder],
        *,
        pause: float = COLLECT_SECONDS,
    ) -> None:
        self._hub = hub
        self._pause = pause
        self._new_builder = new_builder
        self.builder = new_builder()
        self.seq = 0
        """Number of the last record that the builder has."""
        self.done = False
        self._caught_up = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Return once the builder has all that happened before the first call.

        Raises what has made the collecting end; the next call begins anew.
        """
        if self._task is None or (self._task.done() and self._task.exception()):
            self.builder, self.seq, self.done = self._new_builder(), 0, False
            self._caught_up.clear()
            subscription = self._hub.subscribe(most_lines=sys.maxsize, most_bytes=sys.maxsize)
            self._task = asyncio.create_task(self._read(subscription))
        await self._caught_up.wait()
        if self._task.done() and (error := self._task.exception()):
            raise error

    async def _read(self, subscription: RecordSubscription) -> None:
        try:
            past = self._hub.last_seq
            async for records in read_records(self._hub, past):
                await self._add(records)
            self._caught_up.set()
            async for items in subscription:
                await self._add([record for record, _ in items if record.seq > past])
                await asyncio.sleep(self._pause)
        finally:
            self.done = True
            self._hub.unsubscribe(subscription)
            # Who waits is told once the task has its outcome.
            asyncio.get_running_loop().call_soon(self._caught_up.set)

    async def _add(self, records: Sequence[Record]) -> None:
        for begin in range(0, len(records), _SLICE):
            for record in records[begin : begin + _SLICE]:
                self.builder.add_record(record)
                self.seq = record.seq
            await asyncio.sleep(0)


async def wait_for_frame(closed: asyncio.Event, seconds: float) -> AsyncIterator[None]:
    """A moment every so many real seconds, the first one at once, until it is closed."""
    while not closed.is_set():
        yield
        try:
            await asyncio.wait_for(closed.wait(), seconds)
        except TimeoutError:
            continue
