"""What the live page shows, collected from the records: begun with the first reader."""

from __future__ import annotations

import asyncio
import sys
from collections import deque
from collections.abc import AsyncIterator, Callable
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
        self._subscription: RecordSubscription | None = None
        self._waiting: deque[Record] = deque()

    async def start(self) -> None:
        """Return once the builder has all that happened before the first call.

        Raises what has made the collecting end; the next call begins anew.
        """
        if self._task is None or (self._task.done() and self._task.exception()):
            self.builder, self.seq, self.done = self._new_builder(), 0, False
            self._caught_up.clear()
            self._waiting.clear()
            subscription = self._hub.subscribe(most_lines=sys.maxsize, most_bytes=sys.maxsize)
            self._task = asyncio.create_task(self._read(subscription))
        await self._caught_up.wait()
        if self._task.done() and (error := self._task.exception()):
            raise error

    def catch_up(self) -> None:
        """Give the builder what has been published and was left to lie.

        What is then read of it and of the emulator is of one moment. Before `start` has returned it
        does nothing. Raises what the builder raises; the collecting ends then.
        """
        if self._subscription is None:
            return
        self._waiting.extend(record for record, _ in self._subscription.take())
        try:
            self._add(len(self._waiting))
        except Exception:
            self._subscription.close()
            raise

    async def _read(self, subscription: RecordSubscription) -> None:
        try:
            past = self._hub.last_seq
            async for records in read_records(self._hub, past):
                self._waiting.extend(records)
                await self._add_in_slices()
            self._subscription = subscription
            self._caught_up.set()
            async for items in subscription:
                self._waiting.extend(record for record, _ in items)
                await self._add_in_slices()
                await asyncio.sleep(self._pause)
            # What has made `catch_up` fail fails again, and ends this task as it should.
            await self._add_in_slices()
        finally:
            self.done, self._subscription = True, None
            self._hub.unsubscribe(subscription)
            # Who waits is told once the task has its outcome.
            asyncio.get_running_loop().call_soon(self._caught_up.set)

    async def _add_in_slices(self) -> None:
        while self._waiting:
            self._add(_SLICE)
            await asyncio.sleep(0)

    def _add(self, most: int) -> None:
        for _ in range(min(most, len(self._waiting))):
            record = self._waiting[0]
            # The subscription may begin before the past ends.
            if record.seq > self.seq:
                self.builder.add_record(record)
                self.seq = record.seq
            self._waiting.popleft()


async def wait_for_frame(closed: asyncio.Event, seconds: float) -> AsyncIterator[None]:
    """A moment every so many real seconds, the first one at once, until it is closed."""
    while not closed.is_set():
        yield
        try:
            await asyncio.wait_for(closed.wait(), seconds)
        except TimeoutError:
            continue
