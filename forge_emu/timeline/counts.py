"""How many events are in which state, each in exactly one, and how often limits were hit."""

from __future__ import annotations

from collections import Counter

import msgspec


class QueueCounts(msgspec.Struct, frozen=True):
    """The events of one queue (or of all).

    `pushed == succeeded + dropped + expired + cancelled + pending` holds after every record.
    """

    scheduled: int = 0
    """Waiting for the first delivery."""
    running: int = 0
    waiting: int = 0
    """Between two deliveries: a retry, a deferral, or the end of the retention window."""
    succeeded: int = 0
    dropped: int = 0
    expired: int = 0
    cancelled: int = 0
    pushed: int = 0

    @property
    def pending(self) -> int:
        """Events that have not ended."""
        return self.scheduled + self.running + self.waiting


class ProductCounts(msgspec.Struct, frozen=True):
    """Product events. `sent == succeeded + dropped + pending` holds after every record.

    `queued` waits for its first invocation. `filtered` counts refusals by a trigger's filter, of
    which one product event can have several; it is no state.
    """

    queued: int = 0
    running: int = 0
    waiting: int = 0
    succeeded: int = 0
    dropped: int = 0
    sent: int = 0
    filtered: int = 0

    @property
    def pending(self) -> int:
        """Product events that have not ended."""
        return self.queued + self.running + self.waiting


class LimitHits:
    """How often each limit refused or deferred something."""

    def __init__(self) -> None:
        self.push: Counter[str] = Counter()
        self.kvs: Counter[str] = Counter()
        self.deferred: Counter[str] = Counter()

    def total(self, limit: str) -> int:
        """Refusals and deferrals by `limit`."""
        return self.push[limit] + self.kvs[limit] + self.deferred[limit]
