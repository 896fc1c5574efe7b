"""Hands records to everyone who follows them, and waits for no one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TypeAlias

from forge_emu.records import Record, encode_record

Item: TypeAlias = tuple[Record, bytes]
"""A record and its line, without the newline."""

MOST_LINES = 10_000
MOST_BYTES = 8_000_000
"""How much may lie unread before a follower is dropped."""

KEPT_LINES = 200_000
KEPT_BYTES = 128_000_000
"""How much history a hub keeps."""


Archive: TypeAlias = Callable[[int, int], Sequence[bytes]]
"""Gives up to so many lines with numbers over the first argument, from where older ones lie."""


def encoded(records: Sequence[Record]) -> list[Item]:
    """Records with their lines."""
    return [(record, encode_record(record)) for record in records]


class Subscription:
    """What one follower has not read yet. One that does not read is dropped: see `missed`."""

    def __init__(self, most_lines: int, most_bytes: int) -> None:
        self._most_lines = most_lines
        self._most_bytes = most_bytes
        self._items: list[Item] = []
        self._bytes = 0
        self._news = asyncio.Event()
        self.closed = False
        self.missed = 0
        """Records it was dropped for: they lay unread, and will not be given out."""

    def offer(self, items: Sequence[Item], size: int) -> None:
        """Put `items`, of `size` bytes, in line."""
        self._items.extend(items)
        self._bytes += size
        if len(self._items) > self._most_lines or self._bytes > self._most_bytes:
            self.missed = len(self._items)
            self._items = []
            self.close()
        self._news.set()

    def close(self) -> None:
        """End it; what is still in line can be read."""
        self.closed = True
        self._news.set()

    async def __aiter__(self) -> AsyncIterator[list[Item]]:
        """Batches, in order, until it is closed and read."""
        while True:
            await self._news.wait()
            self._news.clear()
            items, self._items, self._bytes = self._items, [], 0
            if items:
                yield items
            elif self.closed:
                return
            if self.closed:
                self._news.set()


class RecordHub:
    """Keeps the last records and passes new ones on to the subscriptions."""

    def __init__(self, capacity: int = KEPT_LINES, capacity_bytes: int = KEPT_BYTES) -> None:
        self._capacity = capacity
        self._capacity_bytes = capacity_bytes
        self._history: deque[Item] = deque()
        self._bytes = 0
        self._subscriptions: set[Subscription] = set()
        self._closed = False
        self.archive: Archive = lambda after, most: []
        self.last_seq = 0
        """Number of the newest record, 0 before the first."""

    @property
    def first_seq(self) -> int:
        """Number of the oldest record in memory, or of the next one."""
        return self._history[0][0].seq if self._history else self.last_seq + 1

    @property
    def followers(self) -> int:
        """How many subscriptions are open."""
        return len(self._subscriptions)

    def publish(self, records: Sequence[Record]) -> None:
        """Keep `records` and pass them on. Never waits."""
        self.publish_items(encoded(records))

    def publish_items(self, items: Sequence[Item]) -> None:
        """The same for records that were encoded before."""
        size = sum(len(line) for _, line in items)
        self._history.extend(items)
        self.last_seq = items[-1][0].seq if items else self.last_seq
        self._bytes += size
        while len(self._history) > self._capacity or self._bytes > self._capacity_bytes:
            self._bytes -= len(self._history.popleft()[1])
        for subscription in tuple(self._subscriptions):
            subscription.offer(items, size)
            if subscription.closed:
                self._subscriptions.discard(subscription)

    def history(self) -> list[Item]:
        """What is kept, oldest first."""
        return list(self._history)

    def subscribe(
        self, *, most_lines: int = MOST_LINES, most_bytes: int = MOST_BYTES
    ) -> Subscription:
        """Follow from the next record on."""
        subscription = Subscription(most_lines, most_bytes)
        if self._closed:
            subscription.close()
        else:
            self._subscriptions.add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """Follow no longer."""
        self._subscriptions.discard(subscription)

    def close(self) -> None:
        """End every subscription once it has been read."""
        self._closed = True
        for subscription in self._subscriptions:
            subscription.close()
        self._subscriptions.clear()
