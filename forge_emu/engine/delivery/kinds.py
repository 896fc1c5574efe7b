"""Every kind of delivery. A new one is a file beside `queued_event.py`, and a line here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar, Union

from forge_emu.engine.delivery.calls.function_calls import FunctionCalls
from forge_emu.engine.delivery.delivery import Delivery
from forge_emu.engine.delivery.kind import DeliveryKind, KindContext, SavedDelivery
from forge_emu.engine.delivery.queued_event import QueuedEvents
from forge_emu.engine.delivery.scheduled.scheduled_run import ScheduledRuns
from forge_emu.engine.delivery.trigger_delivery import TriggerDeliveries

AnyKind = DeliveryKind[Any]
K = TypeVar("K", bound=AnyKind)

KINDS: tuple[type[AnyKind], ...] = (
    QueuedEvents,
    TriggerDeliveries,
    ScheduledRuns,
    FunctionCalls,
)


def saved_delivery_types() -> Any:
    """The union of the saved structs of all kinds, for a msgspec decoder."""
    return Union[tuple(kind.saved_type for kind in KINDS)]  # noqa: UP007 - made of a list


def kind_of_saved(saved: SavedDelivery) -> type[AnyKind]:
    """The kind that `saved` is a delivery of."""
    return next(kind for kind in KINDS if isinstance(saved, kind.saved_type))


class DeliveryKinds:
    """One of each kind, for one engine."""

    def __init__(self, context: KindContext) -> None:
        self.all: tuple[AnyKind, ...] = tuple(kind(context) for kind in KINDS)
        self._by_type: dict[type[Delivery], AnyKind] = {
            delivery_type: kind for kind in self.all for delivery_type in kind.delivery_types
        }

    def kind_of(self, delivery: Delivery) -> AnyKind:
        """The kind of `delivery`."""
        return self._by_type[type(delivery)]

    def of_type(self, kind_type: type[K]) -> K:
        """The kind of this class."""
        return next(kind for kind in self.all if isinstance(kind, kind_type))

    def restore_delivery(self, saved: SavedDelivery) -> Delivery:
        """A delivery from what a state holds of it."""
        kind = next(kind for kind in self.all if isinstance(saved, kind.saved_type))
        delivery: Delivery = kind.restore_delivery(saved)
        return delivery

    def group(self, deliveries: Iterable[Delivery]) -> dict[AnyKind, list[Delivery]]:
        """The deliveries by kind, in their order."""
        groups: dict[AnyKind, list[Delivery]] = {}
        for delivery in deliveries:
            groups.setdefault(self.kind_of(delivery), []).append(delivery)
        return groups
