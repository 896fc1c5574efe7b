"""Publishes records to all subscriptions, and waits for none of them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TypeAlias

from forge_emu.records import Record, RecordBatch, RecordLines

EncodedRecord: TypeAlias = tuple[Record, bytes]
"""A record and its line, without the newline."""


MOST_LINES = 10_000
MOST_BYTES = 8_000_000
"""How much may lie unread before a follower is dropped."""

MAX_HISTORY_LINES = 200_000
MAX_HISTORY_BYTES = 128_000_000
"""How much history a hub keeps."""

MAX_BYTES_BESIDE_ARCHIVE = 8_000_000
"""How much of it where an archive, the state file, has the rest."""


ReadArchive: TypeAlias = Callable[[int, int], Sequence[bytes]]
"""Returns up to so many lines with numbers over the first argument, from the state file."""


class RecordSubscription:
    """What one follower has not read yet. One that does not read is dropped: see `missed`."""

    def __init__(self, most_lines: int, most_bytes: int) -> None:
        self._most_lines = most_lines
        self._most_bytes = most_bytes
        self._items: list[EncodedRecord] = []
        self._bytes = 0
        self._available = asyncio.Event()
        self.closed = False
        self.missed = 0
        """Records it was dropped for: they lay unread, and will not be given out."""

    def put(self, items: Sequence[EncodedRecord], size: int) -> None:
        """Queue `items`, of `size` bytes, for the follower."""
        self._items.extend(items)
        self._bytes += size
        if len(self._items) > self._most_lines or self._bytes > self._most_bytes:
            self.missed = len(self._items)
            self._items = []
            self.close()
        self._available.set()

    def close(self) -> None:
        """End the subscription; what is queued can still be read."""
        self.closed = True
        self._available.set()

    def take(self) -> list[EncodedRecord]:
        """What is queued, at once; nothing where nothing is."""
        items, self._items, self._bytes = self._items, [], 0
        return items

    async def __aiter__(self) -> AsyncIterator[list[EncodedRecord]]:
        """Batches, in order, until it is closed and read."""
        while True:
            await self._available.wait()
            self._available.clear()
            if items := self.take():
                yield items
            elif self.closed:
                return
            if self.closed:
                self._available.set()


class RecordHub:
    """Retains the last records and passes new ones on to the subscriptions."""

    def __init__(
        self, capacity: int = MAX_HISTORY_LINES, capacity_bytes: int = MAX_HISTORY_BYTES
    ) -> None:
        self._capacity = capacity
        self._capacity_bytes = capacity_bytes
        self._history: deque[RecordLines] = deque()
        self._bytes = 0
        self._subscriptions: set[RecordSubscription] = set()
        self._closed = False
        self.read_archive: ReadArchive = lambda after, most: []
        self.last_seq = 0
        """Number of the newest record, 0 before the first."""

    @property
    def first_seq(self) -> int:
        """Number of the oldest record in memory, or of the next one."""
        return self._history[0].seq if self._history else self.last_seq + 1

    def publish_batch(self, batch: RecordBatch) -> None:
        """Retain the records of a turn and pass them on. Never waits."""
        if not batch.records:
            return
        size = sum(len(part.text) for part in batch.parts)
        self._history.extend(batch.parts)
        self._bytes += size
        self.last_seq = batch.records[-1].seq
        self._delete_oldest()
        if not self._subscriptions:
            return
        items = list(zip(batch.records, batch.lines, strict=True))
        for subscription in tuple(self._subscriptions):
            subscription.put(items, size)
            if subscription.closed:
                self._subscriptions.discard(subscription)

    def history(self) -> list[RecordLines]:
        """The retained lines, oldest first."""
        return list(self._history)

    def subscribe(
        self, *, most_lines: int = MOST_LINES, most_bytes: int = MOST_BYTES
    ) -> RecordSubscription:
        """A subscription to the records from the next one on."""
        subscription = RecordSubscription(most_lines, most_bytes)
        if self._closed:
            subscription.close()
        else:
            self._subscriptions.add(subscription)
        return subscription

    def unsubscribe(self, subscription: RecordSubscription) -> None:
        """End a subscription whose follower reads no more."""
        self._subscriptions.discard(subscription)

    def close(self) -> None:
        """End every subscription, and those to come; what is queued can still be read."""
        self._closed = True
        self.end_subscriptions()

    def _delete_oldest(self) -> None:
        history = self._history
        while self._bytes > self._capacity_bytes:
            self._bytes -= len(history.popleft().text)
        last_deleted = self.last_seq - self._capacity
        while history and history[0].seq <= last_deleted:
            oldest = history.popleft()
            self._bytes -= len(oldest.text)
            if kept := oldest.after(last_deleted):
                history.appendleft(kept)
                self._bytes += len(kept.text)

    def end_subscriptions(self) -> None:
        """End every subscription; what is queued can still be read."""
        for subscription in self._subscriptions:
            subscription.close()
        self._subscriptions.clear()
