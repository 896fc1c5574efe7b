"""The first records that made a condition hold: what a reader of a failed run looks at next."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from forge_emu.model import HARMLESS_DROP_REASONS
from forge_emu.records import (
    CallFailed,
    CallReceived,
    CallSucceeded,
    EventCancelled,
    EventDeferred,
    EventDropped,
    EventExpired,
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
    RequestAnswered,
    RequestRefused,
    RequestUnsupported,
    RetryScheduled,
)
from forge_emu.report.collectors.missing_answers import UNANSWERED
from forge_emu.simulate.plan.conditions import FailCondition

MAX_RECORDS: Final = 5
"""Records retained for each condition."""

Match = Callable[[Any], bool]


class MatchingRecords:
    """Retains the first records that match each condition. Add every record in order."""

    def __init__(self, conditions: Iterable[FailCondition]) -> None:
        self._open: dict[str, Record] = {}
        self._tracks_open = False
        self._found: dict[str, list[Record]] = {}
        self._matches: list[tuple[list[Record], Match]] = []
        for condition in conditions:
            found = self._found[condition.text] = []
            name = condition.figure.name
            if name == "pending" or (condition.sign in ("<", "<=") and "succeeded" in name):
                self._tracks_open = True
            if match := _match_for(condition):
                self._matches.append((found, match))

    def add_record(self, record: Record) -> None:
        """Add the next record."""
        for found, match in self._matches:
            if len(found) < MAX_RECORDS and match(record.body):
                found.append(record)
        if self._tracks_open:
            self._track_open(record)

    def records_for(self, condition: FailCondition) -> list[Record]:
        """The first records that match `condition`."""
        found = self._found[condition.text]
        if found or not self._tracks_open:
            return found
        return [record for record, _ in zip(self._open.values(), range(MAX_RECORDS), strict=False)]

    def _track_open(self, record: Record) -> None:
        match record.body:
            case EventPushed(event_id=id) | ProductEventSent(product_event_id=id):
                self._open[id] = record
            case EventSucceeded(event_id=id) | EventDropped(event_id=id):
                self._open.pop(id, None)
            case EventCancelled(event_id=id) | EventExpired(event_id=id):
                self._open.pop(id, None)
            case ProductEventSucceeded(product_event_id=id):
                self._open.pop(id, None)
            case ProductEventDropped(product_event_id=id):
                self._open.pop(id, None)


def _match_for(condition: FailCondition) -> Match | None:
    """The predicate on record bodies for a condition; None where no single record matches."""
    name = condition.figure.name
    if condition.sign in ("<", "<="):
        # Too few of something: what kept them from being more.
        return _keeps_down(name)
    head, _, rest = name.partition(".")
    if head in ("p50", "p95", "max"):
        return lambda b: isinstance(b, EventSucceeded) and _exceeds_bound(condition, b.age_ms)
    if name in ("product_events.p50", "product_events.p95", "product_events.max"):
        return lambda b: (
            isinstance(b, ProductEventSucceeded) and _exceeds_bound(condition, b.age_ms)
        )
    if head == "attempts":
        ended = (EventSucceeded, EventDropped, EventExpired, EventCancelled)
        return lambda b: isinstance(b, ended) and _exceeds_bound(condition, b.attempts)
    if head in _MATCHES_BY_PREFIX and rest:
        return _MATCHES_BY_PREFIX[head](rest)
    return _MATCHES_BY_NAME.get(name)


def _exceeds_bound(condition: FailCondition, value: float) -> bool:
    return value > condition.bound if condition.sign == ">" else value >= condition.bound


def _is_loss(body: object) -> bool:
    lost = isinstance(body, ProductEventDropped) and body.reason not in HARMLESS_DROP_REASONS
    return lost or isinstance(body, EventDropped | EventExpired)


def _keeps_down(name: str) -> Match | None:
    """What kept a figure from being more."""
    if name == "calls.succeeded":
        return lambda b: isinstance(b, CallFailed)
    return _is_loss if "succeeded" in name or name == "events.pushed" else None


def _is_refused_call(body: object) -> bool:
    return isinstance(body, KvsRefused) and body.of_batch is not True


def _refused_by(limit: str) -> Match:
    return lambda b: (
        isinstance(b, PushRefused | KvsRefused | RequestRefused | RequestAnswered)
        and (b.limit == limit or (isinstance(b, KvsRefused) and not b.limit and b.code == limit))
    )


_MATCHES_BY_PREFIX: Final[dict[str, Callable[[str], Match]]] = {
    "refused": _refused_by,
    "dropped": lambda reason: (
        lambda b: isinstance(b, EventDropped | ProductEventDropped) and b.reason == reason
    ),
    "invocations": lambda outcome: (
        lambda b: isinstance(b, InvocationFinished) and b.outcome == outcome
    ),
    "faults": lambda fault: lambda b: isinstance(b, FaultInjected) and b.fault == fault,
    "logs": lambda level: lambda b: isinstance(b, Log) and b.level == level,
}

_MATCHES_BY_NAME: Final[dict[str, Match]] = {
    "dropped": lambda b: _is_loss(b) and not isinstance(b, EventExpired),
    "expired": lambda b: isinstance(b, EventExpired),
    "events.dropped": lambda b: isinstance(b, EventDropped),
    "product_events.dropped": lambda b: isinstance(b, ProductEventDropped) and _is_loss(b),
    "calls": lambda b: isinstance(b, CallReceived),
    "calls.succeeded": lambda b: isinstance(b, CallSucceeded),
    "calls.failed": lambda b: isinstance(b, CallFailed),
    "cancelled": lambda b: isinstance(b, EventCancelled),
    "succeeded": lambda b: isinstance(b, EventSucceeded | ProductEventSucceeded),
    "events.succeeded": lambda b: isinstance(b, EventSucceeded),
    "product_events.succeeded": lambda b: isinstance(b, ProductEventSucceeded),
    "events.pushed": lambda b: isinstance(b, EventPushed),
    "product_events.sent": lambda b: isinstance(b, ProductEventSent),
    "retries": lambda b: isinstance(b, RetryScheduled),
    "deferrals": lambda b: isinstance(b, EventDeferred),
    "refused": lambda b: isinstance(b, PushRefused) or _is_refused_call(b),
    "push.refused": lambda b: isinstance(b, PushRefused),
    "push.refused_events": lambda b: isinstance(b, PushRefused),
    "kvs.refused": lambda b: _is_refused_call(b),
    "kvs.refused_keys": lambda b: isinstance(b, KvsRefused) and b.of_batch is True,
    "invocations": lambda b: isinstance(b, InvocationStarted),
    "faults": lambda b: isinstance(b, FaultInjected),
    "duplicates": lambda b: isinstance(b, InvocationStarted) and b.duplicate,
    "unsupported": lambda b: isinstance(b, RequestUnsupported),
    "missing_answers": lambda b: (
        isinstance(b, RequestUnsupported)
        or (isinstance(b, RequestRefused) and b.limit in UNANSWERED)
    ),
    "requests.refused": lambda b: (
        isinstance(b, RequestRefused)
        or (isinstance(b, RequestAnswered) and isinstance(b.limit, str))
    ),
}
