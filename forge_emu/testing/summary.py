"""What a run came to, in figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from forge_emu.errors import UserError
from forge_emu.report.summary import EventFigures, ProductFigures, RetryFigures, Summary
from forge_emu.simulate.plan.figures import RunOutcome, find_figure


@dataclass(frozen=True)
class KvsFigures:
    """Calls of the key-value store."""

    calls: int
    refused: int
    refused_by: Mapping[str, int]
    """The limit or rule, to how many calls it refused."""


@dataclass(frozen=True)
class PushFigures:
    """Pushes into queues."""

    refused: int
    refused_events: int
    refused_by: Mapping[str, int]
    """The limit or rule, to how many pushes it refused."""


@dataclass(frozen=True)
class RunSummary:
    """A run up to now. `whole` is what `forge-emu simulate --json` prints."""

    whole: Summary
    record_counts: Mapping[str, int]

    @property
    def events(self) -> EventFigures:
        """Events of all queues by state."""
        return self.whole.events

    @property
    def product_events(self) -> ProductFigures:
        """Product events by state."""
        return self.whole.product_events

    @property
    def queues(self) -> Mapping[str, EventFigures]:
        """Name of each queue, to its events by state."""
        return self.whole.queues

    @property
    def retries(self) -> RetryFigures:
        """Retries that were scheduled."""
        return self.whole.retries

    @property
    def invocations(self) -> Mapping[str, int]:
        """Outcome, to how many invocations ended that way."""
        return self.whole.invocations

    @property
    def kvs(self) -> KvsFigures:
        """Calls of the key-value store."""
        return KvsFigures(
            self._count("kvs.calls"), self._count("kvs.refused"), self.whole.refusals.kvs
        )

    @property
    def push(self) -> PushFigures:
        """Pushes into queues."""
        refused, events = self._count("push.refused"), self._count("push.refused_events")
        return PushFigures(refused, events, self.whole.refusals.push)

    def figure(self, name: str) -> float | None:
        """A figure by its name in conditions, such as `p95` (in milliseconds) or
        `refused.limits.kvs.write_units_per_minute`; None where the run has none.

        Raises UserError for a name that is none.
        """
        figure = find_figure(name, "figure")
        return figure.read(RunOutcome(self.whole, self.record_counts))

    def _count(self, name: str) -> int:
        value = self.figure(name)
        if value is None:
            raise UserError(f"there is no {name} in this run")
        return int(value)
