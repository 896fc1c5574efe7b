"""What the advice needs to know beyond the figures of the summary. Bounded."""

from __future__ import annotations

from forge_emu import settings as s
from forge_emu.model import Instant
from forge_emu.records import InvocationStarted, PushRefused
from forge_emu.report.advice.dropped_events import DroppedEvents
from forge_emu.report.advice.function_stats import FunctionStatsCollector
from forge_emu.report.advice.known_errors import KnownErrors
from forge_emu.report.advice.kvs_stats import KvsStats
from forge_emu.report.advice.lost_claims import LostClaims
from forge_emu.report.advice.own_events import OwnEventsCollector
from forge_emu.report.advice.retry_mistakes import RetryMistakeCounts
from forge_emu.report.advice.retry_waits import RetryWaits
from forge_emu.report.advice.source_places import SourcePlaces
from forge_emu.report.advice.unawaited import UnawaitedCollector
from forge_emu.report.collectors.collector import Collector
from forge_emu.report.collectors.refused_calls import RefusedCallsCollector
from forge_emu.timeline.event_states import EventStates
from forge_emu.timeline.invocations import ObservedInvocations


class Observations(Collector):
    """Counts that no figure of the summary shows, and single cases worth quoting.

    Its own handlers come with those of `parts`; add the records to all of them.
    """

    def __init__(
        self,
        settings: s.Settings,
        places: SourcePlaces,
        states: EventStates,
        invocations: ObservedInvocations,
    ) -> None:
        self.handlers = {InvocationStarted: self._on_started, PushRefused: self._on_push_refused}
        self.settings = settings
        self.places = places
        self.function_stats = FunctionStatsCollector(invocations)
        self.kvs = KvsStats()
        self.retry_waits = RetryWaits(settings)
        self.dropped_events = DroppedEvents(states)
        self.known_errors = KnownErrors(invocations)
        self.retry_mistakes = RetryMistakeCounts()
        self.lost_claims = LostClaims(invocations)
        self.unawaited = UnawaitedCollector()
        self.own_events = OwnEventsCollector()
        self.refused_calls = RefusedCallsCollector()
        self.consumers: dict[str, str] = {}
        """Queue to the function that served it last."""
        self.single_pushes = 0
        """Pushes of one event each among those that a limit per time refused."""

    @property
    def parts(self) -> tuple[Collector, ...]:
        """Its collectors, itself among them."""
        return (
            self.function_stats,
            self.kvs,
            self.retry_waits,
            self.dropped_events,
            self.known_errors,
            self.retry_mistakes,
            self.lost_claims,
            self.unawaited,
            self.own_events,
            self.refused_calls,
            self,
        )

    def _on_started(self, body: InvocationStarted, at: Instant) -> None:
        if isinstance(body.queue, str):
            self.consumers[body.queue] = body.function

    def _on_push_refused(self, body: PushRefused, at: Instant) -> None:
        if body.events == 1 and s.find_rate(body.limit) is not None:
            self.single_pushes += 1
