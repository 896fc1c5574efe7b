"""Dropped deliveries, kept for a while so that somebody can have them delivered after all."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator

from forge_emu.engine.delivery.delivery import Delivery
from forge_emu.engine.dirty import Dirty
from forge_emu.model import Instant


class Dropped:
    """The last `most` dropped deliveries. `forgotten` counts those that were dropped before."""

    def __init__(self, most: int, touched: Dirty | None = None) -> None:
        self.most = most
        self._touched = touched or Dirty()
        self.forgotten = 0
        self._kept: OrderedDict[str, DroppedDelivery] = OrderedDict()

    def __len__(self) -> int:
        """How many are kept."""
        return len(self._kept)

    def __iter__(self) -> Iterator[DroppedDelivery]:
        """The first dropped first."""
        return iter(tuple(self._kept.values()))

    def keep(self, delivery: Delivery, reason: str, now: Instant) -> None:
        """Put in a delivery that was dropped; the oldest makes room for it."""
        self._kept[delivery.id] = DroppedDelivery(delivery, reason, now)
        while len(self._kept) > self.most:
            _, oldest = self._kept.popitem(last=False)
            self._touched.delivery(oldest.delivery)
            self.forgotten += 1

    def take(self, id: str) -> Delivery | None:
        """Take out a delivery; None when it is not kept (any more)."""
        found = self._kept.pop(id, None)
        if found is None:
            return None
        self._touched.delivery(found.delivery)
        return found.delivery

    def find(self, delivery: Delivery) -> DroppedDelivery | None:
        """What is kept of a delivery, if it is one of these."""
        found = self._kept.get(delivery.id)
        return found if found is not None and found.delivery is delivery else None


class DroppedDelivery:
    """A delivery, why it was dropped, and when."""

    __slots__ = ("at", "delivery", "reason")

    def __init__(self, delivery: Delivery, reason: str, at: Instant) -> None:
        self.delivery = delivery
        self.reason = reason
        self.at = at
