"""The steps of a simulation that are no product event: planned as batches, carried out when due."""

from __future__ import annotations

import msgspec

from forge_emu.arrivals import AT_ONCE
from forge_emu.control.calls.contract import CallOrder, WebTriggerCallOrder
from forge_emu.control.push_contract import PushOrder
from forge_emu.control.schedules.contract import ScheduleOrder
from forge_emu.control.site_contract import SiteOrder
from forge_emu.emulator.emulator import Emulator
from forge_emu.emulator.pending_batches import EventBatch, PlannedOrder
from forge_emu.emulator.pushes.by_hand import push_by_hand
from forge_emu.model import Instant
from forge_emu.simulate.plan.steps import OrderStep, numbered_order


class PlannedOrders:
    """Plans the orders of a run, and carries them out within its turns."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator
        emulator.pending_batches.carry_out = self._carry_out

    def add_step(self, step: OrderStep) -> None:
        """Plan the orders of a step, from the present on."""
        start = self._emulator.clock.now() + step.at
        batch = order_batch(step, start)
        self._emulator.pending_batches.add(batch)

    def _carry_out(self, order: PlannedOrder, now: Instant) -> None:
        emulator = self._emulator
        match order:
            case CallOrder():
                emulator.calls.start_calls(order, now)
            case WebTriggerCallOrder():
                emulator.calls.start_web_trigger(order, now)
            case PushOrder():
                # What is refused is a record.
                push_by_hand(order, emulator.engine, now)
            case ScheduleOrder():
                emulator.engine.scheduled_runs.start_by_hand(order.key, now)
            case SiteOrder():
                emulator.site_admin.apply_order(order, now)


def order_batch(step: OrderStep, start: Instant) -> EventBatch[PlannedOrder]:
    """The orders of a step, each with its number; events that are pushed at once are one order, as
    `queue push` has it."""
    if isinstance(step.order, PushOrder) and step.pace == AT_ONCE:
        whole = msgspec.structs.replace(step.order, count=step.count)
        return EventBatch("", 1, start, AT_ONCE, lambda _: whole)
    return EventBatch(
        "", step.count, start, step.pace, lambda index: numbered_order(step.order, index + 1)
    )
