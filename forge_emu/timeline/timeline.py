"""What the console shows: counts, retried events, limit hits, the last records.

Memory is bounded by the events that have not ended, not by those that have: attempts are kept only
of events that are being retried, at most `tracked` at once.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence

from forge_emu.model import Instant
from forge_emu.records import (
    AppLoaded,
    AppRejected,
    AppReloaded,
    EventCancelled,
    EventDeferred,
    EventDropped,
    EventExpired,
    EventSucceeded,
    InvocationFinished,
    InvocationStarted,
    KvsRefused,
    ProductEventDropped,
    ProductEventSucceeded,
    PushRefused,
    Record,
    RetryScheduled,
)
from forge_emu.timeline.counts import LimitHits, ProductCounts, QueueCounts
from forge_emu.timeline.event_states import EventStates
from forge_emu.timeline.handlers import Handlers, hand_out, merge_handlers
from forge_emu.timeline.invocations import (
    ObservedInvocation,
    ObservedInvocations,
    delivery_of,
)
from forge_emu.timeline.lineage import Lineage
from forge_emu.timeline.tracks import Deferral, Ending, ScheduledRetry, Track
from forge_emu.timeline.windows import TrackOrder, TrackWindow, window_of


class Timeline:
    """Give it every record in order; the console reads it at any moment.

    `version` grows with every record, `added` counts those of this run. `tracks` are the retried
    events, `ended` the last of those that ended, `untracked` how many more there are than are
    tracked. Where `states` and `invocations` are those of somebody else, that one adds a record to
    them when this has seen it.
    """

    def __init__(
        self,
        states: EventStates | None = None,
        invocations: ObservedInvocations | None = None,
        /,
        *,
        recent: int = 500,
        tracked: int = 2_000,
        ended: int = 200,
    ) -> None:
        self.version = 0
        self.added = 0
        self.hits = LimitHits()
        self.lineage = Lineage()
        self.tracks: dict[str, Track] = {}
        self.recent: deque[Record] = deque(maxlen=recent)
        self.ended: deque[Track] = deque(maxlen=ended)
        self._tracked = tracked
        self._states = EventStates() if states is None else states
        self._declared: dict[str, QueueCounts] = {}
        self._untracked: set[str] = set()
        own_invocations = ObservedInvocations()
        self._running = (invocations or own_invocations).by_id
        # Of an earlier run, which only this wants to know.
        self._past_running: dict[str, ObservedInvocation] = {}
        # Retried deliveries of a product event, one per trigger.
        self._product_deliveries: dict[str, set[str]] = {}
        self._apply: Handlers = {
            AppLoaded: self._on_loaded,
            AppReloaded: self._on_loaded,
            AppRejected: self._on_loaded,
            InvocationStarted: self._on_started,
            InvocationFinished: self._on_finished,
            RetryScheduled: self._on_retry,
            EventDeferred: self._on_deferred,
            EventSucceeded: lambda b, at: self._end_track(b.event_id, at, "succeeded", None),
            EventCancelled: lambda b, at: self._end_track(b.event_id, at, "cancelled", None),
            EventDropped: lambda b, at: self._end_track(b.event_id, at, "dropped", b.reason),
            EventExpired: lambda b, at: self._end_track(b.event_id, at, "expired", None),
            ProductEventSucceeded: lambda b, at: self._end_product_event(b, at, "succeeded", None),
            ProductEventDropped: lambda b, at: self._end_product_event(b, at, "dropped", b.reason),
            PushRefused: lambda b, at: self._on_refused(self.hits.push, b.limit, b.invocation_id),
            KvsRefused: lambda b, at: self._on_refused(
                self.hits.kvs, b.limit or b.code, b.invocation_id
            ),
        }
        own_states = self._states.handlers if states is None else {}
        own_running = own_invocations.handlers if invocations is None else {}
        self.handlers = merge_handlers(
            (self.lineage.handlers, self._apply, own_states, own_running)
        )
        """What each type of record changes. `note_recent` comes before."""

    @property
    def queues(self) -> dict[str, QueueCounts]:
        """Counts by queue, the app's own queues from the start."""
        return self._declared | self._states.queues

    @property
    def total(self) -> QueueCounts:
        """Counts of all queues together."""
        return self._states.total

    @property
    def products(self) -> ProductCounts:
        """Counts of product events."""
        return self._states.products

    @property
    def untracked(self) -> int:
        """Retried events beyond the tracked ones."""
        return len(self._untracked)

    def add_record(self, record: Record) -> None:
        """Add the next record."""
        self.add_records((record,))

    def add_records(self, records: Sequence[Record]) -> None:
        """Add the next records."""
        self.note_recent(records)
        hand_out(records, self.handlers)

    def note_recent(self, records: Sequence[Record]) -> None:
        """Keep the next records as the last ones."""
        self.version += len(records)
        self.added += len(records)
        self.recent.extend(records)

    def resume_from(self, record: Record) -> None:
        """Add a record of an earlier run whose deliveries are still pending.

        What was refused then does not count as refused in this run.
        """
        self.version += 1
        hits, self.hits = self.hits, LimitHits()
        if isinstance(record.body, InvocationStarted):
            started = ObservedInvocation(record.body, record.at)
            self._past_running[record.body.invocation_id] = started
        if apply := self._apply.get(type(record.body)):
            apply(record.body, record.at)
        self._states.add_record(record)
        self.hits = hits

    def resume_track(self, id: str, attempts: int, due_at: Instant | None) -> None:
        """A pending delivery of an earlier run has had so many attempts, and is due then.

        None where it does not wait.
        """
        if track := self.tracks.get(id):
            track.attempts_made = max(track.attempts_made, attempts)
            track.next_due = due_at

    def next_tracks(
        self,
        most: int,
        matching: str = "",
        around: str | None = None,
        order: TrackOrder = "due",
    ) -> TrackWindow:
        """Up to `most` retried events, the running and the next due first, or by `attempts` those
        with most of them.

        The window begins at the first one, or further down where only that shows `around`.
        """
        tracks = list(self.tracks.values())
        return window_of(tracks, self.untracked, most, matching, around, order)

    def last_ended(self, most: int, matching: str = "") -> list[Track]:
        """Up to `most` retried events that have ended, the latest first."""
        text = matching.lower()
        found = (t for t in reversed(self.ended) if not text or t.matches(text))
        return [t for t, _ in zip(found, range(most), strict=False)]

    # --- inside -------------------------------------------------------------------------------

    def _on_loaded(self, body: AppLoaded | AppReloaded | AppRejected, at: Instant) -> None:
        if not isinstance(body, AppRejected):
            for queue in body.consumers:
                self._declared.setdefault(queue, QueueCounts())

    def _on_started(self, body: InvocationStarted, at: Instant) -> None:
        if self.tracks:
            id = delivery_of(body)
            if id is not None and (track := self.tracks.get(id)):
                track.start_attempt(body.attempt, at)

    def _on_finished(self, body: InvocationFinished, at: Instant) -> None:
        past = self._past_running.pop(body.invocation_id, None)
        if body.outcome == "success" and not self.tracks:
            return
        invocation = past or self._running.get(body.invocation_id)
        id = None if invocation is None else invocation.delivery
        if invocation is None or id is None:
            return
        track = self.tracks.get(id)
        if track is None:
            if body.outcome == "success":
                return
            track = self._track_for(id)
            if track is None:
                return
            track.start_attempt(invocation.started.attempt, invocation.started_at)
        track.finish_attempt(at, body.outcome, body.error, invocation.refused_by)
        if body.outcome == "success" and isinstance(body.product_event_id, str):
            # One trigger is done; the product event may still be with others.
            self._end_track(id, at, "succeeded", None)

    def _on_refused(self, hits: Counter[str], limit: str, invocation_id: str | None) -> None:
        hits[limit] += 1
        id = invocation_id or ""
        if invocation := self._running.get(id) or self._past_running.get(id):
            invocation.refused_by = limit

    def _on_retry(self, body: RetryScheduled, at: Instant) -> None:
        if isinstance(body.limit, str):
            self.hits.deferred[body.limit] += 1
        if track := self._track_for(_delivery_id(body)):
            track.add_retry(
                ScheduledRetry(
                    at, body.due_at, body.retry_reason, body.asked_by, body.clamped_from_ms
                )
            )

    def _on_deferred(self, body: EventDeferred, at: Instant) -> None:
        self.hits.deferred[body.limit] += 1
        if track := self._track_for(_delivery_id(body)):
            track.add_deferral(Deferral(at, body.due_at, body.limit))

    def _track_for(self, id: str) -> Track | None:
        """The track of a delivery, begun now if there is room for one more."""
        if known := self.tracks.get(id):
            return known
        event = self._states.events.get(id)
        product_event_id, _, trigger = id.partition("/")
        product = None if event else self._states.product_events.get(product_event_id)
        if event is None and product is None:
            return None
        if len(self.tracks) >= self._tracked:
            self._untracked.add(id)
            if product:
                self._product_deliveries.setdefault(product.id, set()).add(id)
            return None
        self._untracked.discard(id)
        if event:
            context = self.lineage.event_context(id)
            track = Track(id, event.queue, context.subject, event.pushed_at)
        else:
            assert product is not None
            track = Track(id, trigger, product.subject, product.sent_at)
            self._product_deliveries.setdefault(product.id, set()).add(id)
        self.tracks[id] = track
        return track

    def _end_track(self, id: str, at: Instant, ending: Ending, reason: str | None) -> None:
        self._untracked.discard(id)
        track = self.tracks.pop(id, None)
        if track is None:
            if ending != "dropped":
                return
            # Dropped at once, without a retry: no consumer takes it.
            event = self._states.events.get(id)
            if event is None:
                return
            track = Track(id, event.queue, self.lineage.event_context(id).subject, event.pushed_at)
        track.end_track(at, ending, reason)
        self.ended.append(track)

    def _end_product_event(
        self,
        body: ProductEventSucceeded | ProductEventDropped,
        at: Instant,
        ending: Ending,
        reason: str | None,
    ) -> None:
        for id in sorted(self._product_deliveries.pop(body.product_event_id, ())):
            self._end_track(id, at, ending, reason)


def _delivery_id(body: RetryScheduled | EventDeferred) -> str:
    if isinstance(body.event_id, str):
        return body.event_id
    return f"{body.product_event_id}/{body.trigger}"
