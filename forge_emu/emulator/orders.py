"""What `trigger` ordered: batches of product events and how far each one is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from forge_emu import events
from forge_emu.clock import Chance
from forge_emu.control.contract import BatchStatus, TriggerOrder, TriggerReceipt
from forge_emu.emulator.plan import Batch
from forge_emu.engine.arguments import subject_of
from forge_emu.errors import UserError
from forge_emu.model import Instant, LimitUsage, Millis, ProductEvent
from forge_emu.records import Record
from forge_emu.report import Summary, SummaryBuilder
from forge_emu.simulation.pace import AT_ONCE, Pace, at_rate, over

KEPT = 100
"""Batches whose progress is kept; the oldest settled ones are forgotten first."""

MOST_EVENTS = 1_000_000
"""Events in one order."""


class Order:
    """One `trigger` order under way: its batch, and a summary of what descends from it."""

    def __init__(self, batch: Batch, run: SummaryBuilder) -> None:
        self.batch = batch
        self.summary = SummaryBuilder(batch.id, run=run)
        self.settled = False
        self.cut_short = False

    def status(self, now: Instant) -> BatchStatus:
        """How far it is."""
        progress = self.summary.progress()
        return BatchStatus(
            batch=self.batch.id,
            total=self.batch.total,
            sent=self.batch.sent,
            succeeded=progress["succeeded"],
            dropped=progress["dropped"],
            events_pushed=progress["events_pushed"],
            events_succeeded=progress["events_succeeded"],
            events_dropped=progress["events_dropped"],
            events_cancelled=progress["events_cancelled"],
            events_pending=progress["events_pending"],
            pending=progress["pending"],
            settled=self.settled,
            now=now,
        )

    def feed(self, record: Record) -> None:
        """Count a record if it belongs to this order."""
        self.summary.feed(record)

    def check(self) -> None:
        """Notice that everything of it has been sent and has ended."""
        progress = self.summary.progress()
        sent_all = self.cut_short or self.batch.sent == self.batch.total
        terminal = progress["succeeded"] + progress["dropped"]
        self.settled = sent_all and terminal == self.batch.sent and progress["events_pending"] == 0


class Orders:
    """Every order of the run. Issue keys count on from one order to the next."""

    def __init__(
        self, chance: Chance, epoch_ms: int, now: Callable[[], Instant], run: SummaryBuilder
    ) -> None:
        self._run = run
        self._chance = chance
        self._epoch_ms = epoch_ms
        self._now = now
        self._orders: dict[str, Order] = {}
        self._next_number = 1
        self.closed = False

    def place(
        self, order: TriggerOrder, *, after: Millis = 0, pace: Pace | None = None
    ) -> tuple[Batch, TriggerReceipt]:
        """The batch of an order, ready to be planned, and its receipt. Raises UserError.

        It begins `after` some emulated time, at a pace of its own or at the one that is given.
        """
        if self.closed:
            raise UserError("the emulator is stopping and takes no more events")
        if not 1 <= order.count <= MOST_EVENTS:
            raise UserError(f"count cannot be {order.count}", f"It is from 1 to {MOST_EVENTS:,}.")
        now = self._now()
        factory = events.Factory(
            events.find(order.event, has_data=order.data is not None),
            sets=order.sets,
            data=order.data,
            start=self._next_number,
        )
        id = self._chance.new_id()

        def build(index: int) -> ProductEvent:
            at = self._epoch_ms + self._now()
            return factory.build(index + 1, at, self._chance.new_id, id)

        batch = Batch(id, order.count, now + after, pace or _pace(order), build)
        self._next_number += order.count
        first, last = (factory.build(n, self._epoch_ms + now, str, id) for n in (1, order.count))
        receipt = TriggerReceipt(
            batch=id,
            event=first.name,
            count=order.count,
            first=subject_of(first.payload) or "",
            last=subject_of(last.payload) or "",
        )
        self._forget_old()
        self._orders[id] = Order(batch, self._run)
        return batch, receipt

    def feed(self, records: Sequence[Record]) -> None:
        """Count records in the orders they belong to."""
        for order in self._orders.values():
            if order.settled:
                continue
            for record in records:
                order.feed(record)
            order.check()

    def close(self) -> None:
        """Take no more orders; what has not been sent will not be."""
        self.closed = True
        for order in self._orders.values():
            order.cut_short = True
            order.check()

    def status(self, id: str, now: Instant) -> BatchStatus | None:
        """How far an order is; None when there is none of that id."""
        order = self._orders.get(id)
        return order.status(now) if order else None

    def summary(self, id: str, now: Instant, usage: Sequence[LimitUsage]) -> Summary | None:
        """The summary of what descends from an order."""
        order = self._orders.get(id)
        return order.summary.summary(now=now, usage=usage) if order else None

    def _forget_old(self) -> None:
        settled = [id for id, order in self._orders.items() if order.settled]
        for id in settled[: max(len(self._orders) - KEPT + 1, 0)]:
            del self._orders[id]


def _pace(order: TriggerOrder) -> Pace:
    if order.rate_per_second is not None:
        if not order.rate_per_second > 0:
            raise UserError(f"rate cannot be {order.rate_per_second}", "It is more than 0.")
        return at_rate(order.rate_per_second)
    if order.spread_ms is not None:
        if order.spread_ms < 0:
            raise UserError(f"spread cannot be {order.spread_ms} ms", "It is 0 or more.")
        return over(order.spread_ms, order.count)
    return AT_ONCE
