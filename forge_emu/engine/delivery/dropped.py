"""Dropped and expired deliveries, retained so that they can be replayed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from forge_emu.engine.delivery.delivery import Delivery
from forge_emu.engine.dirty import DirtySet
from forge_emu.model import Instant


class DroppedDeliveries:
    """The last `capacity` dropped or expired deliveries. `evicted_count` counts those before."""

    def __init__(self, capacity: int, dirty: DirtySet[Delivery]) -> None:
        self.capacity = capacity
        self._dirty = dirty
        self.evicted_count = 0
        self._deliveries: OrderedDict[str, DroppedDelivery] = OrderedDict()

    def __len__(self) -> int:
        """How many are retained."""
        return len(self._deliveries)

    def __iter__(self) -> Iterator[DroppedDelivery]:
        """The first dropped first."""
        return iter(tuple(self._deliveries.values()))

    def add(self, delivery: Delivery, reason: str, now: Instant) -> None:
        """Add a delivery that has ended so; the oldest is evicted where there are too many."""
        self._deliveries[delivery.id] = DroppedDelivery(delivery, reason, now)
        while len(self._deliveries) > self.capacity:
            _, oldest = self._deliveries.popitem(last=False)
            self._dirty.mark(oldest.delivery)
            self.evicted_count += 1

    def pop(self, id: str) -> Delivery | None:
        """Remove a delivery and return it; None when it is not here (any more)."""
        found = self._deliveries.pop(id, None)
        if found is None:
            return None
        self._dirty.mark(found.delivery)
        return found.delivery

    def find(self, delivery: Delivery) -> DroppedDelivery | None:
        """The entry of a delivery, if it is one of these."""
        found = self._deliveries.get(delivery.id)
        return found if found is not None and found.delivery is delivery else None


class DroppedDelivery:
    """A delivery, why it was given up, and when."""

    __slots__ = ("at", "delivery", "reason")

    def __init__(self, delivery: Delivery, reason: str, at: Instant) -> None:
        self.delivery = delivery
        self.reason = reason
        self.at = at
