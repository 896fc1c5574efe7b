"""Hands records to everyone who follows them, and waits for no one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from typing import TypeAlias

import msgspec

from forge_emu.records import Record, encode

Keep: TypeAlias = Callable[[Record], bool]
"""Whether a follower wants a record. It is asked for every record, in order."""

MOST_LINES = 10_000
MOST_BYTES = 8_000_000


class Subscription:
    """One follower's line of encoded records. One that does not read is dropped with a notice."""

    def __init__(self, keep: Keep, most_lines: int, most_bytes: int) -> None:
        self._keep = keep
        self._most_lines = most_lines
        self._most_bytes = most_bytes
        self._lines: list[bytes] = []
        self._bytes = 0
        self._news = asyncio.Event()
        self.closed = False

    def offer(self, records: Sequence[tuple[Record, bytes]]) -> None:
        """Put in what the follower wants of `records`."""
        for record, line in records:
            if self._keep(record):
                self._lines.append(line)
                self._bytes += len(line)
        if len(self._lines) > self._most_lines or self._bytes > self._most_bytes:
            self._drop()
        if self._lines:
            self._news.set()

    def close(self) -> None:
        """End it; what is still in line can be read."""
        self.closed = True
        self._news.set()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """Batches of whole lines, each ended by a newline."""
        while True:
            await self._news.wait()
            self._news.clear()
            lines, self._lines, self._bytes = self._lines, [], 0
            if lines:
                yield b"\n".join(lines) + b"\n"
            if self.closed:
                return

    def _drop(self) -> None:
        missed = len(self._lines)
        notice = {
            "v": 1,
            "type": "tail.dropped",
            "missed": missed,
            "message": f"this follower did not read: {missed:,} records were not sent to it",
        }
        self._lines = [msgspec.json.encode(notice)]
        self._bytes = 0
        self.close()


class RecordHub:
    """Keeps the last `capacity` records and passes new ones on to the subscriptions."""

    def __init__(self, capacity: int = 200_000) -> None:
        self._history: deque[tuple[Record, bytes]] = deque(maxlen=capacity)
        self._subscriptions: set[Subscription] = set()
        self._closed = False

    @property
    def last_seq(self) -> int:
        """Number of the newest record, 0 before the first."""
        return self._history[-1][0].seq if self._history else 0

    def publish(self, records: Sequence[Record]) -> None:
        """Keep `records` and pass them on. Never waits."""
        lines = [(record, encode(record)) for record in records]
        self._history.extend(lines)
        gone = []
        for subscription in self._subscriptions:
            subscription.offer(lines)
            if subscription.closed:
                gone.append(subscription)
        self._subscriptions.difference_update(gone)

    def history(self, keep: Keep, wanted: Callable[[Record], bool]) -> list[bytes]:
        """The kept lines that `keep` and then `wanted` accept; `keep` is asked for every one."""
        return [line for record, line in self._history if keep(record) and wanted(record)]

    def subscribe(
        self, keep: Keep, *, most_lines: int = MOST_LINES, most_bytes: int = MOST_BYTES
    ) -> Subscription:
        """Follow from the next record on."""
        subscription = Subscription(keep, most_lines, most_bytes)
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
