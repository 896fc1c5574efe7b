"""What is ordered but not yet due, as data: product events, and in a simulation other orders.

They are batches with a pace, released when due.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from typing import Generic, TypeAlias, TypeVar

from forge_emu.arrivals import Pace
from forge_emu.control.calls.contract import CallOrder, WebTriggerCallOrder
from forge_emu.control.push_contract import PushOrder
from forge_emu.control.schedules.contract import ScheduleOrder
from forge_emu.control.site_contract import SiteOrder
from forge_emu.model import Instant, ProductEvent

MAX_EVENTS_AT_ONCE = 200
"""Most events sent in one turn, so that a burst leaves the loop time for everything else."""

PlannedOrder: TypeAlias = CallOrder | PushOrder | ScheduleOrder | SiteOrder | WebTriggerCallOrder
"""What a simulation may plan besides product events. It does not outlive a restart."""

Planned = TypeVar("Planned", bound=ProductEvent | PlannedOrder, covariant=True)
AnyBatch: TypeAlias = "EventBatch[ProductEvent | PlannedOrder]"


def _refuse(order: PlannedOrder, now: Instant) -> None:
    raise AssertionError(f"nobody carries out {order} at {now}")


class EventBatch(Generic[Planned]):
    """The events of one `trigger` order, or the orders of one step of a simulation.

    `build` makes the event or order of a number, from 0.
    """

    def __init__(
        self, id: str, total: int, started_at: Instant, pace: Pace, build: Callable[[int], Planned]
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

    def build_next(self) -> Planned:
        """Its next event or order, which counts as sent from now on."""
        order = self._build(self.sent)
        self.sent += 1
        return order


class PendingBatches:
    """Every batch that still has something to send, by due time."""

    def __init__(self) -> None:
        self._heap: list[tuple[Instant, int, AnyBatch]] = []
        self._added = 0
        self.carry_out: Callable[[PlannedOrder, Instant], None] = _refuse
        """Carries out what is no product event."""

    def __bool__(self) -> bool:
        return bool(self._heap)

    def add(self, batch: AnyBatch) -> None:
        """Put in a batch."""
        self._added += 1
        heappush(self._heap, (batch.next_due, self._added, batch))

    def next_due(self) -> Instant | None:
        """When the next event is to be sent; None when there is none."""
        return self._heap[0][0] if self._heap else None

    def pop_due_orders(self, now: Instant) -> Iterator[ProductEvent | PlannedOrder]:
        """The events and orders that are due, at most MAX_EVENTS_AT_ONCE of them."""
        for _ in range(MAX_EVENTS_AT_ONCE):
            if not self._heap or self._heap[0][0] > now:
                return
            _, added, batch = heappop(self._heap)
            yield batch.build_next()
            if batch.sent < batch.total:
                heappush(self._heap, (batch.next_due, added, batch))

    def release_due(self, send: Callable[[ProductEvent, Instant], None], now: Instant) -> None:
        """Send the events that are due, and carry out the other orders."""
        for order in self.pop_due_orders(now):
            if isinstance(order, ProductEvent):
                send(order, now)
            else:
                self.carry_out(order, now)

    @property
    def unsent(self) -> int:
        """How many events have not been sent."""
        return sum(batch.total - batch.sent for _, _, batch in self._heap)

    def clear(self) -> None:
        """Forget what has not been sent."""
        self._heap.clear()
