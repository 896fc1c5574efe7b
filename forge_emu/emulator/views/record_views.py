"""What a run shows of its records: the summary, the timeline, and how far its orders are."""

from __future__ import annotations

from collections.abc import Sequence

from forge_emu.emulator.trigger_batches import TriggerBatches
from forge_emu.records import Record
from forge_emu.report.summary_builder import SummaryBuilder
from forge_emu.timeline.handlers import MergedHandlers, hand_out
from forge_emu.timeline.timeline import Timeline


class RecordViews:
    """Gives each record to `summary` and `timeline` with one look-up. Both have the states of
    `summary`, which change last: what a record ends is still known to them."""

    def __init__(
        self,
        summary: SummaryBuilder,
        timeline: Timeline | None = None,
        orders: TriggerBatches | None = None,
    ) -> None:
        self._summary = summary
        self._timeline = timeline
        self._orders = orders
        first: MergedHandlers = {} if timeline is None else timeline.handlers
        self._handlers = {
            kind: first.get(kind, ()) + summary.handlers.get(kind, ())
            for kind in (*first, *summary.handlers)
        }

    def add_records(self, records: Sequence[Record]) -> None:
        """Add the records of a turn."""
        if self._orders is not None:
            self._orders.add_records(records)
        self._summary.note_beginning(records)
        if self._timeline is not None:
            self._timeline.note_recent(records)
        hand_out(records, self._handlers)
        if self._orders is not None:
            self._orders.update_settled()
