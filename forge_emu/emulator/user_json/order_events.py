"""From an order of product events to the events themselves, and to their pace."""

from __future__ import annotations

from collections.abc import Callable

from forge_emu.arrivals import AT_ONCE, Pace, Recorded, at_rate, spread_over
from forge_emu.control.contract import TriggerOrder
from forge_emu.emulator.user_json.recorded_events import build_recorded
from forge_emu.errors import UserError
from forge_emu.events import EventFactory, ThingPlan, find_template
from forge_emu.model import ProductEvent

Builder = Callable[[int, int, Callable[[], str], str | None], ProductEvent]
"""Builds the n-th event (from 1) of a batch at an instant, in milliseconds since 1970."""


def event_builder(order: TriggerOrder, plan: ThingPlan) -> Builder:
    """What builds the events of an order, about the things of its plan. Raises UserError."""
    if order.recorded:
        recorded = order.recorded
        return lambda n, now, new_id, batch: build_recorded(recorded[n - 1], new_id, batch)
    template = find_template(order.event, has_data=order.data is not None)
    return EventFactory(
        template,
        sets=order.sets,
        data=order.data,
        from_status=order.from_status,
        to_status=order.to_status,
        plan=plan,
    ).build_event


def pace_of(order: TriggerOrder) -> Pace:
    """How the events of an order follow each other. Raises UserError."""
    if order.rate_per_second is not None:
        if not order.rate_per_second > 0:
            raise UserError(f"rate cannot be {order.rate_per_second}", "It is more than 0.")
        return at_rate(order.rate_per_second)
    if order.spread_ms is not None:
        if order.spread_ms < 0:
            raise UserError(f"spread cannot be {order.spread_ms} ms", "It is 0 or more.")
        return spread_over(order.spread_ms, order.count)
    if order.recorded:
        return Recorded(tuple(recorded.offset_ms for recorded in order.recorded))
    return AT_ONCE
