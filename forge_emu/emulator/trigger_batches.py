"""Batches of product events ordered by `trigger`, and how far each one is."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from forge_emu.arrivals import MAX_EVENTS, Pace
from forge_emu.clock import SeededRandom
from forge_emu.control.contract import BatchStatus, TriggerOrder, TriggerReceipt
from forge_emu.emulator.pending_batches import EventBatch
from forge_emu.emulator.user_json.order_events import Builder, event_builder, pace_of
from forge_emu.emulator.user_json.recorded_events import (
    checked_order,
    decode_rows,
    encode_rows,
    note_things,
    sent_rows,
    split_rows,
)
from forge_emu.engine.delivery.handler_arguments import subject_of
from forge_emu.errors import UserError
from forge_emu.events import ThingNumbers, ThingPlan, find_template, number_of
from forge_emu.model import Instant, LimitUsage, Millis, ProductEvent
from forge_emu.records import Record
from forge_emu.report.batch_summary import BatchSummary
from forge_emu.report.summary import Summary
from forge_emu.report.summary_builder import SummaryBuilder
from forge_emu.site.jira.defaults import PROJECT_KEY
from forge_emu.site.site import Site

MAX_RETAINED = 100
"""Batches whose progress is retained; the oldest settled ones are forgotten first."""


class TriggerBatch:
    """One `trigger` order under way: its events, and a summary of what descends from them."""

    def __init__(
        self,
        event_batch: EventBatch[ProductEvent],
        order: TriggerOrder,
        plan: ThingPlan,
        placed_at: Instant,
        run: SummaryBuilder,
    ) -> None:
        self.event_batch = event_batch
        self.order = order
        self.plan = plan
        self.placed_at = placed_at
        self.saved = False
        """Whether a store knows of it."""
        self.saved_sent = -1
        self.summary = BatchSummary(event_batch.id, run)
        self.settled = False
        self.cut_short = False
        self.restored = False

    def status(self, now: Instant) -> BatchStatus:
        """How far it is."""
        progress = self.summary.progress()
        return BatchStatus(
            batch=self.event_batch.id,
            total=self.event_batch.total,
            sent=self.event_batch.sent,
            succeeded=progress["succeeded"],
            dropped=progress["dropped"],
            events_pushed=progress["events_pushed"],
            events_succeeded=progress["events_succeeded"],
            events_dropped=progress["events_dropped"],
            events_expired=progress["events_expired"],
            events_cancelled=progress["events_cancelled"],
            events_pending=progress["events_pending"],
            pending=progress["pending"],
            settled=self.settled,
            now=now,
        )

    def update_settled(self) -> None:
        """Set `settled` once every event has been sent and has ended."""
        progress = self.summary.progress()
        sent_all = self.cut_short or self.event_batch.sent == self.event_batch.total
        terminal = progress["succeeded"] + progress["dropped"]
        if self.restored:
            # Of what ended before the restart, not all may be known.
            terminal = self.event_batch.sent - progress["pending"]
        self.settled = (
            sent_all and terminal == self.event_batch.sent and progress["events_pending"] == 0
        )
        if self.settled:
            self.summary.close()

    def changed_rows(self) -> dict[str, bytes | None]:
        """Rows of payloads to store, and those that go."""
        batch, recorded = self.event_batch, self.order.recorded
        if not recorded:
            return {}
        found = {} if self.saved else encode_rows(batch.id, recorded)
        sent = batch.total if self.cut_short else batch.sent
        return found | sent_rows(batch.id, self.saved_sent, sent, batch.total)

    def encode_unsent(self) -> bytes | None:
        """What to store of it, encoded; None once nothing is left to send."""
        if self.cut_short or self.event_batch.sent == self.event_batch.total:
            return None
        first = self.plan.numbers(0)[self.plan.anchor]
        order = msgspec.structs.replace(self.order, recorded=[])
        saved = SavedOrder(order, first, self.placed_at, self.event_batch.sent, self.plan)
        return msgspec.json.encode(saved)


class SavedOrder(msgspec.Struct, frozen=True):
    """An order that is not sent yet, as it is stored; an old one has no plan."""

    order: TriggerOrder
    first: int
    placed_at: Instant
    sent: int
    plan: ThingPlan | None = None


class TriggerBatches:
    """Every trigger batch of the run. What its events are about counts on from one batch to the
    next (`numbers`), and an event about something that exists finds what earlier ones have made."""

    def __init__(
        self,
        chance: SeededRandom,
        epoch_ms: int,
        now: Callable[[], Instant],
        run: SummaryBuilder,
        site: Site | None = None,
    ) -> None:
        self._run = run
        self._chance = chance
        self._epoch_ms = epoch_ms
        self._now = now
        self._batches: dict[str, TriggerBatch] = {}
        self.numbers = ThingNumbers()
        """What the events of the run have made."""
        self.heard: Callable[[], Collection[str]] = tuple
        """The events that the app listens to: they are meant where a name is that of several."""
        self.complete: Callable[[TriggerOrder], TriggerOrder] = lambda order: order
        """Adds what the run knows of an event's payload to an order."""
        self._site = site
        self.closed = False

    def add_order(
        self, order: TriggerOrder, *, after: Millis = 0, pace: Pace | None = None
    ) -> tuple[EventBatch[ProductEvent], TriggerReceipt]:
        """The batch of an order, ready to be planned, and its receipt. Raises UserError.

        It begins `after` some emulated time, at a pace of its own or at the one that is given.
        """
        if self.closed:
            raise UserError("the emulator is stopping and takes no more events")
        if order.recorded:
            order = checked_order(order)
        if not 1 <= order.count <= MAX_EVENTS:
            raise UserError(f"count cannot be {order.count}", f"It is from 1 to {MAX_EVENTS:,}.")
        now = self._now()
        id = self._chance.new_id()
        pace = pace or pace_of(order)
        order, plan = self._take_things(order)
        build = event_builder(order, plan)
        batch = self._event_batch(id, order, build, now + after, pace)
        first, last = (build(n, self._epoch_ms + now, str, id) for n in (1, order.count))
        receipt = TriggerReceipt(
            batch=id,
            event=first.name,
            count=order.count,
            first=subject_of(first.payload) or "",
            last=subject_of(last.payload) or "",
        )
        self._forget_old()
        self._batches[id] = TriggerBatch(batch, order, plan, now + after, self._run)
        return batch, receipt

    def restore_orders(self, stored: Mapping[str, bytes]) -> list[EventBatch[ProductEvent]]:
        """The orders of before a restart that are not sent yet. Raises msgspec.DecodeError."""
        orders, rows = split_rows(stored)
        return [self.restore_order(id, text, rows.get(id, ())) for id, text in orders.items()]

    def restore_order(
        self, id: str, text: bytes, rows: Sequence[bytes] = ()
    ) -> EventBatch[ProductEvent]:
        """An order of before a restart, with the rows of its payloads."""
        saved = msgspec.json.decode(text, type=SavedOrder)
        placed = saved.order
        if rows:
            recorded = decode_rows(rows, placed.count)
            placed = msgspec.structs.replace(placed, recorded=recorded)
        plan = saved.plan or ThingPlan(start=saved.first)
        build = event_builder(placed, plan)
        batch = self._event_batch(id, placed, build, saved.placed_at)
        batch.sent = saved.sent
        order = self._batches[id] = TriggerBatch(batch, placed, plan, saved.placed_at, self._run)
        order.restored = order.saved = True
        # The run counts what is pending of before the restart; this counts what the order has made.
        order.summary.count_apart()
        order.saved_sent = saved.sent
        return batch

    def take_changes(self, *, include_all: bool = False) -> dict[str, bytes | None]:
        """What to store of the batches that have got further since the last call."""
        found: dict[str, bytes | None] = {}
        for id, order in self._batches.items():
            if include_all:
                order.saved = False
            elif order.saved_sent == order.event_batch.sent and not (
                order.cut_short and order.saved
            ):
                continue
            found |= order.changed_rows()
            order.saved_sent = order.event_batch.sent
            change = order.encode_unsent()
            if change is not None or order.saved:
                found[id] = change
            order.saved = change is not None
        return found

    def _take_things(self, order: TriggerOrder) -> tuple[TriggerOrder, ThingPlan]:
        """The order with the full name of its event, and which things its events are about.

        Raises UserError before anything is taken.
        """
        if order.recorded:
            note_things(order.recorded, self.numbers)
            return order, ThingPlan()
        template = find_template(
            order.event, has_data=order.data is not None, preferred=self.heard()
        )
        site = self._site
        if site is not None:
            # No number is given twice, by a product event or by the app.
            self.numbers.note_made("issue", site.jira.last_issue_number(PROJECT_KEY))
        number = None if order.key is None else number_of(template.anchor, order.key)
        order = self.complete(msgspec.structs.replace(order, event=template.event))
        event_builder(order, ThingPlan(template.anchor))
        plan = self.numbers.plan(template.things, order.count, number)
        if site is not None:
            site.jira.note_issue_key(f"{PROJECT_KEY}-{self.numbers.next_issue - 1}")
        return order, plan

    def add_past_record(self, record: Record) -> None:
        """Count a record of before a restart."""
        for order in self._batches.values():
            order.summary.add_past_record(record)

    def _event_batch(
        self,
        id: str,
        order: TriggerOrder,
        build: Builder,
        at: Instant,
        pace: Pace | None = None,
    ) -> EventBatch[ProductEvent]:
        def build_at(index: int) -> ProductEvent:
            now = self._epoch_ms + self._now()
            return build(index + 1, now, self._chance.new_id, id)

        return EventBatch(id, order.count, at, pace or pace_of(order), build_at)

    def add_records(self, records: Sequence[Record]) -> None:
        """Count records in the orders they belong to, before the run's own summary does."""
        for order in self._batches.values():
            if not order.settled:
                order.summary.add_records(records)

    def update_settled(self) -> None:
        """See which orders have settled, once the run's own summary has counted as well."""
        for order in self._batches.values():
            if not order.settled:
                order.update_settled()

    def close(self) -> None:
        """Take no more orders; what has not been sent will not be."""
        self.closed = True
        for order in self._batches.values():
            order.cut_short = True
            order.update_settled()

    def batch_status(self, id: str, now: Instant) -> BatchStatus | None:
        """How far an order is; None when there is none of that id."""
        order = self._batches.get(id)
        return order.status(now) if order else None

    def batch_summary(self, id: str, now: Instant, usage: Sequence[LimitUsage]) -> Summary | None:
        """The summary of what descends from an order."""
        order = self._batches.get(id)
        return order.summary.summary(now=now, usage=usage) if order else None

    def _forget_old(self) -> None:
        settled = [id for id, order in self._batches.items() if order.settled]
        for id in settled[: max(len(self._batches) - MAX_RETAINED + 1, 0)]:
            del self._batches[id]
