"""Counts records into a summary: a bounded amount of work for each, whatever has gone before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from forge_emu.errors import Problem
from forge_emu.model import Instant, LimitUsage
from forge_emu.records import (
    AppLoaded,
    AppReloaded,
    EmulatorRestarted,
    EventCancelled,
    EventDeferred,
    EventDropped,
    EventPushed,
    EventSucceeded,
    FaultInjected,
    InvocationFinished,
    InvocationStarted,
    KvsRefused,
    Log,
    ProductEventDropped,
    ProductEventSent,
    ProductEventSucceeded,
    PushRefused,
    Record,
    RequestUnsupported,
    RetryScheduled,
)
from forge_emu.report.advice.advice import with_advice
from forge_emu.report.advice.observations import Observations
from forge_emu.report.advice.source_places import SourcePlaces
from forge_emu.report.batch_scope import BatchScope
from forge_emu.report.collectors import (
    CountsOverTime,
    DurationSamples,
    ErrorKinds,
    RetryDueTimes,
    bounded_name,
    event_figures,
    product_figures,
    ranked_counts,
)
from forge_emu.report.summary import RefusalFigures, RetryFigures, Summary, Unsupported
from forge_emu.settings import Settings
from forge_emu.timeline import EventStates

TOP_ERRORS = 5
_MOST_KINDS = 200


class SummaryBuilder:
    """Give it every record in order. With `batch`, only what descends from its events counts.

    A builder that is made in the middle of a run learns of the app from the run's own one, `run`.
    `settings` are those in force; `places` knows the app's sources.
    """

    def __init__(
        self,
        batch: str | None = None,
        run: SummaryBuilder | None = None,
        *,
        settings: Settings | None = None,
    ) -> None:
        self._batch = batch
        self._scope = BatchScope(batch) if batch is not None else None
        self._loaded: AppLoaded | None = run._loaded if run else None
        self._problems: tuple[Problem, ...] = run._problems if run else ()
        self._taken_over: int | None = None
        self._started_at: Instant | None = None
        self._states = EventStates()
        self._attempts: Counter[int] = Counter()
        self._product_attempts: Counter[int] = Counter()
        self._invocations: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._asked_by: Counter[str] = Counter()
        self._push_refusals: Counter[str] = Counter()
        self._push_events: Counter[str] = Counter()
        self._kvs_refusals: Counter[str] = Counter()
        self._key_refusals: Counter[str] = Counter()
        self._deferrals: Counter[str] = Counter()
        self._drops: Counter[str] = Counter()
        self._product_drops: Counter[str] = Counter()
        self._faults: Counter[str] = Counter()
        self._duplicates = 0
        self._logs: Counter[str] = Counter()
        self._unsupported: Counter[tuple[str, str, str]] = Counter()
        self._unsupported_messages: dict[tuple[str, str, str], str] = {}
        self._errors = ErrorKinds()
        self._durations = DurationSamples()
        self._product_durations = DurationSamples()
        self._over_time = CountsOverTime()
        self.settings: Settings = settings or (run.settings if run else Settings())
        self.places: SourcePlaces = run.places if run else SourcePlaces()
        self._observations = Observations(RetryDueTimes(), self.settings, self.places)
        self._apply: dict[type, Callable[[Any, Instant], None]] = {
            EmulatorRestarted: self._on_restarted,
            AppLoaded: self._on_loaded,
            AppReloaded: self._on_loaded,
            ProductEventSent: self._on_sent,
            InvocationStarted: self._on_started,
            InvocationFinished: self._on_finished,
            EventPushed: lambda b, at: None,
            PushRefused: self._on_push_refused,
            RetryScheduled: self._on_retry,
            EventDeferred: self._on_deferred,
            EventSucceeded: self._on_succeeded,
            EventCancelled: self._on_cancelled,
            EventDropped: self._on_dropped,
            ProductEventSucceeded: self._on_product_succeeded,
            ProductEventDropped: self._on_product_dropped,
            KvsRefused: self._on_kvs_refused,
            FaultInjected: self._on_fault,
            RequestUnsupported: self._on_unsupported,
            Log: self._on_log,
        }

    def add_record(self, record: Record) -> None:
        """Add the next record."""
        if self._scope is not None and not self._scope.add_record(record):
            return
        if apply := self._apply.get(type(record.body)):
            if self._started_at is None and not isinstance(record.body, AppLoaded | AppReloaded):
                self._started_at = record.at
            apply(record.body, record.at)
        self._observations.add_record(record)
        self._states.add_record(record)

    def close(self) -> None:
        """All of its batch has ended, and no record of it follows."""
        if self._scope is not None:
            self._scope.close()

    def resume_from(self, record: Record) -> None:
        """Count a record of an earlier run whose deliveries are still pending."""
        self._states.add_record(record)

    def progress(self) -> dict[str, int]:
        """The figures that a progress bar needs."""
        products, events = self._states.products, self._states.total
        return {
            "sent": products.sent,
            "succeeded": products.succeeded,
            "dropped": products.dropped,
            "pending": products.pending,
            "events_pushed": events.pushed,
            "events_succeeded": events.succeeded,
            "events_dropped": events.dropped,
            "events_cancelled": events.cancelled,
            "events_pending": events.pending,
        }

    def summary(self, *, now: Instant, usage: Sequence[LimitUsage] = ()) -> Summary:
        """The summary as of `now`; `usage` is the engine's."""
        loaded = self._loaded
        found = Summary(
            app_id=loaded.app_id if loaded else None,
            seed=loaded.seed if loaded else None,
            speed=loaded.speed if loaded else None,
            limits_preset=loaded.limits if loaded else None,
            batch=self._batch,
            taken_over=self._taken_over,
            started_at=self._started_at if self._started_at is not None else now,
            ended_at=now,
            product_events=product_figures(self._states.products),
            events=event_figures(self._states.total),
            queues={name: event_figures(c) for name, c in sorted(self._states.queues.items())},
            attempts={str(n): self._attempts[n] for n in sorted(self._attempts)},
            product_event_attempts={
                str(n): self._product_attempts[n] for n in sorted(self._product_attempts)
            },
            invocations=ranked_counts(self._invocations),
            retries=RetryFigures(
                self._reasons.total(), ranked_counts(self._reasons), ranked_counts(self._asked_by)
            ),
            refusals=RefusalFigures(
                ranked_counts(self._push_refusals),
                ranked_counts(self._push_events),
                ranked_counts(self._kvs_refusals),
                ranked_counts(self._key_refusals),
            ),
            deferrals=ranked_counts(self._deferrals),
            drops=ranked_counts(self._drops),
            product_event_drops=ranked_counts(self._product_drops),
            faults=ranked_counts(self._faults),
            duplicates=self._duplicates,
            errors=self._errors.top(TOP_ERRORS),
            limits=list(usage),
            time_to_success=self._durations.figures(),
            product_event_time_to_success=self._product_durations.figures(),
            attempts_over_time=self._over_time.series(),
            logs=ranked_counts(self._logs),
            unsupported=[
                Unsupported(*call, message=self._unsupported_messages[call], count=count)
                for call, count in self._unsupported.most_common()
            ],
            problems=list(self._problems),
        )
        self._observations.places = self.places
        return with_advice(found, self._observations)

    # --- records ------------------------------------------------------------------------------

    def _on_restarted(self, body: EmulatorRestarted, at: Instant) -> None:
        self._taken_over = body.pending

    def _on_loaded(self, body: AppLoaded | AppReloaded, at: Instant) -> None:
        if isinstance(body, AppLoaded):
            self._loaded = body
        self._problems = tuple(body.problems)

    def _on_sent(self, body: ProductEventSent, at: Instant) -> None:
        if (
            len(self._observations.product_event_names) < _MOST_KINDS
            or body.name in self._observations.product_event_names
        ):
            self._observations.product_event_names[body.name] += 1

    def _on_started(self, body: InvocationStarted, at: Instant) -> None:
        self._duplicates += body.duplicate
        self._over_time.count("first" if body.attempt == 1 else "retries", at)

    def _on_finished(self, body: InvocationFinished, at: Instant) -> None:
        self._invocations[body.outcome] += 1
        if body.error is not None:
            self._errors.add_error(body.error)
        self._observations.add_ended_invocation(body)

    def _on_push_refused(self, body: PushRefused, at: Instant) -> None:
        self._push_refusals[body.limit] += 1
        self._push_events[body.limit] += body.events
        self._over_time.count("refusals", at)
        self._observations.add_refused_push(body)

    def _on_kvs_refused(self, body: KvsRefused, at: Instant) -> None:
        refusals = self._key_refusals if body.of_batch is True else self._kvs_refusals
        refusals[body.limit or body.code] += 1
        self._over_time.count("refusals", at)

    def _on_retry(self, body: RetryScheduled, at: Instant) -> None:
        self._reasons[bounded_name(self._reasons, body.retry_reason, _MOST_KINDS)] += 1
        self._asked_by[body.asked_by] += 1
        self._observations.add_retry(body)

    def _on_deferred(self, body: EventDeferred, at: Instant) -> None:
        self._deferrals[bounded_name(self._deferrals, body.limit, _MOST_KINDS)] += 1
        self._over_time.count("deferrals", at)

    def _on_succeeded(self, body: EventSucceeded, at: Instant) -> None:
        self._attempts[body.attempts] += 1
        self._durations.add_duration(body.age_ms)

    def _on_cancelled(self, body: EventCancelled, at: Instant) -> None:
        self._attempts[body.attempts] += 1

    def _on_dropped(self, body: EventDropped, at: Instant) -> None:
        self._attempts[body.attempts] += 1
        self._drops[body.reason] += 1
        self._observations.add_dropped_event(body)

    def _on_product_succeeded(self, body: ProductEventSucceeded, at: Instant) -> None:
        self._product_attempts[body.attempts] += 1
        self._product_durations.add_duration(body.age_ms)

    def _on_product_dropped(self, body: ProductEventDropped, at: Instant) -> None:
        self._product_attempts[body.attempts] += 1
        self._product_drops[body.reason] += 1
        event = self._states.product_events.get(body.product_event_id)
        if body.reason == "no_trigger" and event is not None:
            self._observations.without_trigger[event.name] += 1

    def _on_fault(self, body: FaultInjected, at: Instant) -> None:
        self._faults[body.fault] += 1

    def _on_unsupported(self, body: RequestUnsupported, at: Instant) -> None:
        call = (body.service, body.method, body.path)
        if call in self._unsupported_messages or len(self._unsupported_messages) < _MOST_KINDS:
            self._unsupported[call] += 1
            self._unsupported_messages.setdefault(call, body.message)

    def _on_log(self, body: Log, at: Instant) -> None:
        self._logs[body.level] += 1
        self._observations.add_log(body)
