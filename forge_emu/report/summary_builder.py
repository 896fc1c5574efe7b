"""Builds the summary of a run from its records: a bounded amount of work for each of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Any, Final

from forge_emu.model import Instant, LimitUsage
from forge_emu.records import (
    AppLoaded,
    AppReloaded,
    EventDeferred,
    FaultInjected,
    KvsDone,
    Log,
    ProductEventFiltered,
    Record,
)
from forge_emu.report.advice.advice import with_advice
from forge_emu.report.advice.observations import Observations
from forge_emu.report.advice.source_places import SourcePlaces
from forge_emu.report.collectors.calls import CallEndings
from forge_emu.report.collectors.collector import Collector
from forge_emu.report.collectors.cost import CostCollector
from forge_emu.report.collectors.counts import NamedCounts
from forge_emu.report.collectors.endings import EventEndings, ProductEventEndings
from forge_emu.report.collectors.invocations import InvocationCollector
from forge_emu.report.collectors.missing_answers import MissingAnswersCollector
from forge_emu.report.collectors.over_time import OverTimeCollector
from forge_emu.report.collectors.refusals import RefusalCollector
from forge_emu.report.collectors.retries import RetryCollector
from forge_emu.report.collectors.run import RunCollector
from forge_emu.report.collectors.states import StateCollector
from forge_emu.report.collectors.unsupported import UnsupportedCollector
from forge_emu.report.summary import AttemptSeries, Summary
from forge_emu.settings import Settings
from forge_emu.timeline.event_states import EventStates
from forge_emu.timeline.handlers import hand_out, merge_handlers
from forge_emu.timeline.invocations import ObservedInvocations

_NO_BEGINNING: Final = (AppLoaded, AppReloaded, KvsDone, ProductEventFiltered)
"""What counts does not begin with these."""


class SummaryBuilder:
    """Give it every record in order.

    A builder that is made in the middle of a run learns of the app from the run's own one, `run`.
    `settings` are those in force; `places` knows the app's sources.
    """

    def __init__(
        self,
        run: SummaryBuilder | None = None,
        *,
        settings: Settings | None = None,
    ) -> None:
        self.settings: Settings = settings or (run.settings if run else Settings())
        self.places: SourcePlaces = run.places if run else SourcePlaces()
        self.is_new = True
        """Whether nothing but the app has been counted."""
        self._run: RunCollector = RunCollector(run._run if run else None)
        self._states = StateCollector()
        self._over_time = OverTimeCollector()
        self.invocations = ObservedInvocations()
        """What runs."""
        self._observations = Observations(
            self.settings, self.places, self._states.states, self.invocations
        )
        self._collectors: tuple[Collector, ...] = (
            self._run,
            EventEndings(),
            ProductEventEndings(),
            CallEndings(),
            InvocationCollector(),
            RetryCollector(),
            RefusalCollector(),
            NamedCounts("deferrals", EventDeferred, lambda body: body.limit),
            NamedCounts("faults", FaultInjected, lambda body: body.fault),
            NamedCounts("logs", Log, lambda body: body.level),
            UnsupportedCollector(),
            MissingAnswersCollector(self.invocations),
            CostCollector(self.settings, self._run, self.invocations),
            self._over_time,
            *self._observations.parts,
            # Last: what has ended is still known to those before.
            self._states,
        )
        self.handlers = merge_handlers(
            (*(part.handlers for part in self._collectors), self.invocations.handlers)
        )
        """What counts each type of record. `note_beginning` comes before."""

    def add_record(self, record: Record) -> None:
        """Add the next record."""
        self.add_records((record,))

    def add_records(self, records: Sequence[Record]) -> None:
        """Add the next records."""
        self.note_beginning(records)
        hand_out(records, self.handlers)

    def note_beginning(self, records: Iterable[Record]) -> None:
        """See in the next records whether something begins, and when."""
        if not self.is_new and self._run.started_at is not None:
            return
        for record in filter(self.counts, records):
            if self.is_new:
                self.is_new = isinstance(record.body, AppLoaded | AppReloaded)
            if self._run.started_at is None and not isinstance(record.body, _NO_BEGINNING):
                self._run.started_at = record.at

    def counts(self, record: Record) -> bool:
        """Whether `record` changes the summary."""
        return type(record.body) in self.handlers

    @property
    def states(self) -> EventStates:
        """The states of everything that has not ended, and counts of what has."""
        return self._states.states

    def copy(self) -> SummaryBuilder:
        """Another one that has counted the same."""
        shared = (self.settings, self.places)
        return deepcopy(self, {id(each): each for each in shared})

    def resume_from(self, record: Record) -> None:
        """Count a record of an earlier run whose deliveries are still pending."""
        self.is_new = False
        self._states.add_record(record)

    def progress(self) -> dict[str, int]:
        """The figures that a progress bar needs."""
        return self._states.progress()

    def attempts_over_time(self) -> AttemptSeries:
        """The attempts so far."""
        return self._over_time.series()

    def summary(self, *, now: Instant, usage: Sequence[LimitUsage] = ()) -> Summary:
        """The summary as of `now`; `usage` is the engine's."""
        fields: dict[str, Any] = {
            "started_at": now,
            "ended_at": now,
            "limits": list(usage),
        }
        for collector in self._collectors:
            fields |= collector.result()
        self._observations.places = self.places
        return with_advice(Summary(**fields), self._observations)
