"""Every delivery, and everything that is saved of one, belongs to exactly one kind."""

from __future__ import annotations

import msgspec
import pytest

from forge_emu.engine.build import build_parts
from forge_emu.engine.delivery.calls.function_call import FunctionCall, SavedFunctionCall
from forge_emu.engine.delivery.calls.function_calls import FunctionCalls
from forge_emu.engine.delivery.delivery import Delivery
from forge_emu.engine.delivery.kinds import (
    KINDS,
    AnyKind,
    DeliveryKinds,
    kind_of_saved,
    saved_delivery_types,
)
from forge_emu.engine.delivery.queued_event import Duplicate, QueuedEvents
from forge_emu.engine.delivery.trigger_delivery import TriggerDeliveries, TriggerDelivery
from forge_emu.model import ModuleKind
from forge_emu.settings import Settings
from tests.engine.world import CREATED, app, queued_event
from tests.product_events import product_event

EVENT = queued_event()
DELIVERIES: list[Delivery] = [
    EVENT,
    Duplicate.of(EVENT, 0, 5),
    TriggerDelivery(product_event("p", CREATED, {}, 2), "listen", 0, 0),
    FunctionCall(SavedFunctionCall("c", 0, ModuleKind.FUNCTION, "work", "work", 2), None),
]
KIND_OF: list[type[AnyKind]] = [
    QueuedEvents,
    QueuedEvents,
    TriggerDeliveries,
    FunctionCalls,
]


@pytest.fixture
def kinds() -> DeliveryKinds:
    """Those of one engine."""
    built = build_parts(app(), Settings(), epoch_ms=0, new_id=lambda: "id", chance=lambda: 0.5)
    return built.saved.deliveries.kinds


@pytest.mark.parametrize(("delivery", "kind"), list(zip(DELIVERIES, KIND_OF, strict=True)))
def test_a_delivery_has_one_kind_before_and_after_it_is_saved(
    kinds: DeliveryKinds, delivery: Delivery, kind: type[AnyKind]
) -> None:
    """The tag on disk says which, and the delivery is of the same class again."""
    own: AnyKind = kinds.kind_of(delivery)
    assert own is kinds.of_type(kind)
    saved = own.save_delivery(delivery, 0)
    read = msgspec.json.decode(msgspec.json.encode(saved), type=saved_delivery_types())
    assert read == saved
    assert kind_of_saved(read) is kind
    again = kinds.restore_delivery(read)
    assert (type(again), again.id) == (type(delivery), delivery.id)


def test_deliveries_are_grouped_by_kind_in_their_order(kinds: DeliveryKinds) -> None:
    """The kind that comes first is first."""
    first, duplicate, product, _ = DELIVERIES
    groups = kinds.group([product, duplicate, first])
    assert list(groups) == [kinds.of_type(TriggerDeliveries), kinds.of_type(QueuedEvents)]
    assert list(groups.values()) == [[product], [duplicate, first]]


def test_no_two_kinds_claim_the_same_delivery_or_the_same_tag() -> None:
    """Otherwise the first of them would take it from the other."""
    types = [delivery_type for kind in KINDS for delivery_type in kind.delivery_types]
    tags = [kind.saved_type.__struct_config__.tag for kind in KINDS]
    assert len(types) == len(set(types))
    assert sorted(tags) == ["call", "event", "scheduled_run", "trigger"]
