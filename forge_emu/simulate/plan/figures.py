"""The figures that conditions and comparisons speak of, each with its name and what it counts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal

import msgspec

from forge_emu.durations import duration_text
from forge_emu.errors import UserError
from forge_emu.model import HARMLESS_DROP_REASONS, OUTCOMES, DropReason
from forge_emu.nearest import nearest_hint
from forge_emu.records import LOG_LEVELS
from forge_emu.report.cost_figures import billed_usd
from forge_emu.report.format import usd_text
from forge_emu.report.summary import DurationFigures, Summary
from forge_emu.settings.faults import FAULTS
from forge_emu.settings.refusals import refusal_names

FigureKind = Literal["count", "span", "number", "usd"]


class RunOutcome(msgspec.Struct, frozen=True):
    """What a run came to: its summary, and how many records there were of each type."""

    summary: Summary
    record_counts: Mapping[str, int]


ReadFigure = Callable[[RunOutcome], float | None]


class Figure(msgspec.Struct, frozen=True):
    """One figure. `read` answers None where the run has no such figure, such as the median of
    nothing. `whole` is what a percentage of it is a share of."""

    name: str
    doc: str
    kind: FigureKind
    read: ReadFigure
    whole: ReadFigure | None = None

    def __reduce__(self) -> tuple[object, ...]:
        """In another process it is found by its name."""
        return find_figure, (self.name, "")

    def value_text(self, value: float | None) -> str:
        """`value` with its unit, as the summary writes it."""
        if value is None:
            return "none"
        if self.kind == "usd":
            return usd_text(value)
        return duration_text(round(value)) if self.kind == "span" else f"{value:.15g}"


def _events(o: RunOutcome) -> float:
    return o.summary.events.pushed + o.summary.product_events.sent


def _events_pushed(o: RunOutcome) -> float:
    return o.summary.events.pushed


def _product_events_sent(o: RunOutcome) -> float:
    return o.summary.product_events.sent


def _calls(o: RunOutcome) -> float:
    return o.record_counts.get("call.received", 0)


def _succeeded(o: RunOutcome) -> float:
    return o.summary.events.succeeded + o.summary.product_events.succeeded


def _pending(o: RunOutcome) -> float:
    return o.summary.events.pending + o.summary.product_events.pending


def _product_drops(o: RunOutcome) -> int:
    drops = o.summary.product_event_drops
    return sum(n for reason, n in drops.items() if reason not in HARMLESS_DROP_REASONS)


def _dropped(o: RunOutcome) -> float:
    return o.summary.events.dropped + _product_drops(o)


def _events_in_refused_pushes(o: RunOutcome) -> float:
    return sum(o.summary.refusals.push_events.values())


def _pushes(o: RunOutcome) -> float:
    return o.record_counts.get("event.pushed", 0) + _events_in_refused_pushes(o)


def _kvs_refused(o: RunOutcome) -> float:
    return sum(o.summary.refusals.kvs.values())


def _kvs_calls(o: RunOutcome) -> float:
    return o.record_counts.get("kvs.done", 0) + _kvs_refused(o)


def _push_refused(o: RunOutcome) -> float:
    return sum(o.summary.refusals.push.values())


def _cost(o: RunOutcome) -> float:
    return billed_usd(o.summary.cost)


def _invocations(o: RunOutcome) -> float:
    return sum(o.summary.invocations.values())


def _attempts(o: RunOutcome) -> dict[int, int]:
    return {int(n): events for n, events in o.summary.attempts.items()}


def _most_attempts(o: RunOutcome) -> float | None:
    return max(_attempts(o), default=None)


def _mean_attempts(o: RunOutcome) -> float | None:
    ended = _attempts(o)
    total = sum(ended.values())
    return round(sum(n * k for n, k in ended.items()) / total, 3) if total else None


def _of_events(field: str) -> ReadFigure:
    return _of_spans(lambda o: o.summary.time_to_success, field)


def _of_product_events(field: str) -> ReadFigure:
    return _of_spans(lambda o: o.summary.product_event_time_to_success, field)


def _of_spans(which: Callable[[RunOutcome], DurationFigures], field: str) -> ReadFigure:
    def read(o: RunOutcome) -> float | None:
        spans = which(o)
        return getattr(spans, f"{field}_ms") if spans.count else None

    return read


# fmt: off
_FIGURES_OF_THEIR_OWN: Final = (
    Figure("dropped", "events and product events given up, so that work was lost",
           "count", _dropped, _events),
    Figure("expired", "events whose retention window ended while platform errors lasted",
           "count", lambda o: o.summary.events.expired, _events_pushed),
    Figure("pending", "events and product events that had not ended", "count", _pending, _events),
    Figure("cancelled", "events whose job was cancelled",
           "count", lambda o: o.summary.events.cancelled, _events_pushed),
    Figure("succeeded", "events and product events delivered", "count", _succeeded, _events),
    Figure("events.pushed", "events accepted by queues", "count", _events_pushed),
    Figure("events.succeeded", "events of queues delivered",
           "count", lambda o: o.summary.events.succeeded, _events_pushed),
    Figure("events.dropped", "events of queues given up",
           "count", lambda o: o.summary.events.dropped, _events_pushed),
    Figure("product_events.sent", "product events sent", "count", _product_events_sent),
    Figure("product_events.succeeded", "product events that every trigger handled",
           "count", lambda o: o.summary.product_events.succeeded, _product_events_sent),
    Figure("product_events.dropped", "product events that a trigger never handled",
           "count", _product_drops, _product_events_sent),
    Figure("calls", "calls of functions, resolvers, web triggers and runs of schedules",
           "count", _calls),
    Figure("calls.succeeded", "calls whose function returned",
           "count", lambda o: o.record_counts.get("call.succeeded", 0), _calls),
    Figure("calls.failed", "calls that ended in any other way",
           "count", lambda o: o.record_counts.get("call.failed", 0), _calls),
    Figure("attempts.max", "attempts of the event that took most", "number", _most_attempts),
    Figure("attempts.mean", "attempts per event", "number", _mean_attempts),
    Figure("retries", "retries scheduled",
           "count", lambda o: o.summary.retries.total, _invocations),
    Figure("deferrals", "times a limit put a delivery off",
           "count", lambda o: sum(o.summary.deferrals.values())),
    Figure("p50", "time from push to success, of half of the events at most",
           "span", _of_events("p50")),
    Figure("p95", "the same of 95 % of the events", "span", _of_events("p95")),
    Figure("max", "the same of the slowest event", "span", _of_events("max")),
    Figure("product_events.p50", "time from product event to success of all its triggers",
           "span", _of_product_events("p50")),
    Figure("product_events.p95", "the same of 95 %", "span", _of_product_events("p95")),
    Figure("product_events.max", "the same of the slowest", "span", _of_product_events("max")),
    Figure("duration", "emulated time until everything had ended",
           "span", lambda o: o.summary.ended_at - o.summary.started_at),
    Figure("cost", "US dollars that it is billed, as an estimate, before the free allowance",
           "usd", _cost),
    Figure("cost.retries", "what of it is for attempts that were made again",
           "usd", lambda o: billed_usd(o.summary.cost, of_retries=True), _cost),
    Figure("refused", "pushes and calls of the store refused",
           "count", lambda o: _push_refused(o) + _kvs_refused(o)),
    Figure("push.refused", "pushes refused", "count", _push_refused),
    Figure("push.refused_events", "events in the refused pushes",
           "count", _events_in_refused_pushes, _pushes),
    Figure("kvs.refused", "calls of the store refused", "count", _kvs_refused, _kvs_calls),
    Figure("kvs.refused_keys", "keys that failed in batches",
           "count", lambda o: sum(o.summary.refusals.kvs_keys.values())),
    Figure("kvs.calls", "calls of the store", "count", _kvs_calls),
    Figure("invocations", "runs of handlers", "count", _invocations),
    Figure("faults", "faults that struck", "count", lambda o: sum(o.summary.faults.values())),
    Figure("duplicates", "deliveries of events that had succeeded",
           "count", lambda o: o.summary.duplicates),
    Figure("unsupported", "calls of what is not emulated",
           "count", lambda o: sum(call.count for call in o.summary.unsupported)),
    Figure("missing_answers", "requests that nothing answered",
           "count", lambda o: o.summary.missing_answers.requests),
    Figure("requests.refused", "requests to the outside that were refused or ended",
           "count", lambda o: sum(o.summary.refusals.requests.values())),
)
# fmt: on


def all_figures() -> dict[str, Figure]:
    """Every figure by its name: those above, and one for each limit and rule that refuses, each
    reason for which something is lost, each outcome of invocations, fault and level of the log."""
    found = (
        *_FIGURES_OF_THEIR_OWN,
        *(_refused_by(name) for name in refusal_names()),
        *(_dropped_for(reason) for reason in DropReason if reason not in HARMLESS_DROP_REASONS),
        *(_ended_with(str(tag)) for tag in OUTCOMES),
        *(_injected(fault.name) for fault in FAULTS),
        *(_logged(level) for level in LOG_LEVELS),
    )
    return {figure.name: figure for figure in found}


def _refused_by(limit: str) -> Figure:
    def read(o: RunOutcome) -> float:
        refusals = o.summary.refusals
        counts = (refusals.push, refusals.kvs, refusals.kvs_keys, refusals.requests)
        return sum(count.get(limit, 0) for count in counts)

    doc = f"calls, keys of batches and requests refused by {limit}"
    return Figure(f"refused.{limit}", doc, "count", read)


def _dropped_for(reason: str) -> Figure:
    def read(o: RunOutcome) -> float:
        return o.summary.drops.get(reason, 0) + o.summary.product_event_drops.get(reason, 0)

    return Figure(f"dropped.{reason}", f"dropped for {reason}", "count", read, _events)


def _ended_with(outcome: str) -> Figure:
    return Figure(
        f"invocations.{outcome}",
        f"runs of handlers that ended with {outcome}",
        "count",
        lambda o: o.summary.invocations.get(outcome, 0),
        _invocations,
    )


def _injected(fault: str) -> Figure:
    return Figure(
        f"faults.{fault}", f"strikes of {fault}", "count", lambda o: o.summary.faults.get(fault, 0)
    )


def _logged(level: str) -> Figure:
    return Figure(
        f"logs.{level}",
        f"log lines of level {level}",
        "count",
        lambda o: o.summary.logs.get(level, 0),
    )


_COMPARED: Final = (
    "dropped", "expired", "pending", "attempts.max", "retries", "p50", "p95", "max", "kvs.refused",
    "push.refused", "duration", "cost", "cost.retries",
)  # fmt: skip
COMPARISON_FIGURES: Final[dict[str, Figure]] = {
    name: figure for name in _COMPARED for figure in _FIGURES_OF_THEIR_OWN if figure.name == name
}
"""The figures of a comparison's table, by name."""


def find_figure(name: str, where: str) -> Figure:
    """The figure `name`; `refused.` may leave out the limit's `limits.`. Raises UserError."""
    figures = all_figures()
    known = figures.get(name) or figures.get(name.replace("refused.", "refused.limits.", 1))
    if known is not None:
        return known
    hint = nearest_hint(name, figures, cutoff=0.5)
    plain = ", ".join(
        n for n in figures if (n.count(".") < 2 and "." not in n) or n in COMPARISON_FIGURES
    )
    raise UserError(
        f"{where}: there is no figure {name!r}",
        f"{f'{hint} ' if hint else ''}There are {plain}, and those of docs/simulate.md, such as "
        "refused.<limit>.",
    )
