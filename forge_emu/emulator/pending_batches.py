"""Product events ordered but not yet sent, as data: batches with a pace, released when due."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import heappop, heappush

from forge_emu.arrivals import Pace
from forge_emu.model import Instant, ProductEvent

MAX_EVENTS_AT_ONCE = 200
"""Most events sent in one turn, so that a burst leaves the loop time for everything else."""

BuildEvent = Callable[[int], ProductEvent]


class EventBatch:
    """The events of one `trigger` order, or of one step of a simulation."""

    def __init__(
        self, id: str, total: int, started_at: Instant, pace: Pace, build: BuildEvent
    ) -> None:
        self.id = id
        self.total = total
        self.sent = 0
        self._started_at = started_at
        self._pace = pace
        self._build = build

    @property
    def next_due(self) -> Instant:
        """When its next event is to be sent."""
        return self._started_at + self._pace.offset(self.sent)

    def build_next(self) -> ProductEvent:
        """Its next event, which counts as sent from now on."""
        event = self._build(self.sent)
        self.sent += 1
        return event


class PendingBatches:
    """Every batch that still has something to send, by due time."""

    def __init__(self) -> None:
        self._heap: list[tuple[Instant, int, EventBatch]] = []
        self._added = 0

    def __bool__(self) -> bool:
        return bool(self._heap)

    def add(self, batch: EventBatch) -> None:
        """Put in a batch."""
        self._added += 1
        heappush(self._heap, (batch.next_due, self._added, batch))

    def next_due(self) -> Instant | None:
        """When the next event is to be sent; None when there is none."""
        return self._heap[0][0] if self._heap else None

    def pop_due_events(self, now: Instant) -> Iterator[ProductEvent]:
        """The events that are due, at most MAX_EVENTS_AT_ONCE of them."""
        for _ in range(MAX_EVENTS_AT_ONCE):
            if not self._heap or self._heap[0][0] > now:
                return
            _, order, batch = heappop(self._heap)
            yield batch.build_next()
            if batch.sent < batch.total:
                heappush(self._heap, (batch.next_due, order, batch))

    @property
    def unsent(self) -> int:
        """How many events have not been sent."""
        return sum(batch.total - batch.sent for _, _, batch in self._heap)

    def clear(self) -> None:
        """Forget what has not been sent."""
        self._heap.clear()
