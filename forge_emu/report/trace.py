"""Records → events of a Chrome trace, which Perfetto and chrome://tracing show as a timeline.

Processes are triggers and queues, threads the instances that ran their functions; waits are
asynchronous spans, refusals instants, and the use of limits counters. Times are emulated
microseconds. Format: https://docs.google.com/document/d/1CvAClvFfyA5R-PhYUmn5OOQtYMH4h6I0nSsKchNAySU
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from forge_emu.durations import duration_text
from forge_emu.model import Instant
from forge_emu.records import (
    AppReloaded,
    EventCancelled,
    EventDeferred,
    EventDropped,
    EventExpired,
    EventPushed,
    InvocationFinished,
    InvocationStarted,
    KvsRefused,
    ProductEventDropped,
    ProductEventSent,
    PushRefused,
    Record,
    RetryScheduled,
)
from forge_emu.report.format import one_line, unanswered_text
from forge_emu.report.usage_samples import UsageSample, UsageSampler
from forge_emu.settings import Settings
from forge_emu.timeline.lineage import Lineage

TraceEvent = dict[str, Any]

_LIMITS, _ARRIVALS = 1, 2


class Tracer:
    """Give it every record in order; it returns the trace's events as they become complete."""

    def __init__(self, settings: Settings | None = None) -> None:
        self._lineage = Lineage()
        self._pids: dict[str, int] = {}
        self._tids: dict[tuple[int, str], int] = {}
        self._open: dict[str, tuple[InvocationStarted, Instant, TraceEvent]] = {}
        self._waits: dict[str, TraceEvent] = {}
        self._events: list[TraceEvent] = []
        self._usage_sampler = UsageSampler(settings or Settings())
        self._add_name(_LIMITS, "process_name", "use of limits")
        self._add_name(_ARRIVALS, "process_name", "product events")
        self._apply: dict[type, Callable[[Any, Instant, Record], None]] = {
            ProductEventSent: self._on_sent,
            EventPushed: self._on_pushed,
            InvocationStarted: self._on_started,
            InvocationFinished: self._on_finished,
            RetryScheduled: self._on_retry,
            EventDeferred: self._on_deferred,
            PushRefused: self._on_refused,
            KvsRefused: self._on_refused,
            EventDropped: self._on_dropped,
            EventExpired: self._on_dropped,
            ProductEventDropped: self._on_dropped,
            EventCancelled: lambda b, at, r: self._end_wait(b.event_id, at),
            AppReloaded: self._on_reloaded,
        }

    def add_record(self, record: Record) -> list[TraceEvent]:
        """Add the next record; returns the events that are complete since."""
        self._lineage.add_record(record)
        self._add_samples(self._usage_sampler.add_record(record))
        if apply := self._apply.get(type(record.body)):
            apply(record.body, record.at, record)
        return self._take_events()

    def finish_trace(self, now: Instant) -> list[TraceEvent]:
        """Close what is open at `now`."""
        for id in list(self._open):
            self._end_invocation(id, now, {"outcome": "running"})
        for delivery in list(self._waits):
            self._end_wait(delivery, now)
        self._add_samples(self._usage_sampler.finish_samples(now))
        return self._take_events()

    # --- records ------------------------------------------------------------------------------

    def _on_sent(self, body: ProductEventSent, at: Instant, record: Record) -> None:
        args = {"product_event_id": body.product_event_id, "size_bytes": body.size_bytes}
        self._add_instant(body.subject or body.name, at, _ARRIVALS, 1, {"name": body.name, **args})

    def _on_pushed(self, body: EventPushed, at: Instant, record: Record) -> None:
        if body.due_at > at:
            name = f"delayed {duration_text(body.due_at - at)}"
            self._begin_wait(body.event_id, name, body.queue, at, {})

    def _on_started(self, body: InvocationStarted, at: Instant, record: Record) -> None:
        place = body.queue if isinstance(body.queue, str) else body.module_key
        pid = self._pid(place, body.module)
        context = self._lineage.context_of(record)
        name = context.subject or _event_id(body) or body.function
        self._end_wait(_delivery_id(body), at)
        event = {
            "ph": "X",
            "name": f"{name} #{body.attempt}",
            "cat": "invocation",
            "ts": at * 1000,
            "pid": pid,
            "tid": self._tid(pid, body.instance),
            "args": {
                "function": body.function,
                "attempt": body.attempt,
                "cold_start": body.cold_start,
                "invocation_id": body.invocation_id,
                "id": _event_id(body),
            },
        }
        self._open[body.invocation_id] = (body, at, event)

    def _on_finished(self, body: InvocationFinished, at: Instant, record: Record) -> None:
        args: dict[str, Any] = {"outcome": body.outcome}
        if body.error is not None:
            args["error"] = one_line(body.error.name, body.error.message)
            args["stack"] = body.error.stack
        if body.unanswered:
            args["not_awaited"] = unanswered_text(body.unanswered)
        self._end_invocation(body.invocation_id, at, args)

    def _end_invocation(self, invocation_id: str, at: Instant, args: dict[str, Any]) -> None:
        found = self._open.pop(invocation_id, None)
        if found is not None:
            _, started_at, event = found
            event["dur"] = (at - started_at) * 1000
            event["args"].update(args)
            self._events.append(event)

    def _on_retry(self, body: RetryScheduled, at: Instant, record: Record) -> None:
        delivery, place = _delivery_and_place(body)
        args = {
            "retry_count": body.retry_count,
            "reason": body.retry_reason,
            "asked_by": body.asked_by,
            "clamped_from_ms": body.clamped_from_ms,
        }
        name = f"retry in {duration_text(body.retry_after_ms)}"
        self._begin_wait(delivery, name, place, at, args)

    def _on_deferred(self, body: EventDeferred, at: Instant, record: Record) -> None:
        delivery, place = _delivery_and_place(body)
        self._begin_wait(delivery, f"deferred by {body.limit}", place, at, {"limit": body.limit})

    def _on_refused(self, body: PushRefused | KvsRefused, at: Instant, record: Record) -> None:
        found = self._open.get(body.invocation_id or "")
        pid, tid = (found[2]["pid"], found[2]["tid"]) if found else (_LIMITS, 1)
        if isinstance(body, KvsRefused):
            name, args = f"{body.operation} refused", {"key": body.key, "code": body.code}
        else:
            name, args = "push refused", {"queue": body.queue, "error": body.error}
        self._add_instant(name, at, pid, tid, {**args, "limit": body.limit})

    def _on_dropped(
        self, body: EventDropped | EventExpired | ProductEventDropped, at: Instant, record: Record
    ) -> None:
        if not isinstance(body, ProductEventDropped):
            self._end_wait(body.event_id, at)
            pid, id = self._pid(body.queue, "consumer"), body.event_id
        else:
            pid, id = _ARRIVALS, body.product_event_id
        args: dict[str, Any] = {"id": id, "attempts": body.attempts}
        if isinstance(body, EventExpired):
            self._add_instant("expired", at, pid, 0, args)
        else:
            self._add_instant("dropped", at, pid, 0, {**args, "reason": body.reason})

    def _on_reloaded(self, body: AppReloaded, at: Instant, record: Record) -> None:
        self._add_instant("app reloaded", at, _ARRIVALS, 0, {"generation": body.generation}, "g")

    # --- the pieces of a trace ----------------------------------------------------------------

    def _add_instant(
        self, name: str, at: Instant, pid: int, tid: int, args: dict[str, Any], scope: str = "t"
    ) -> None:
        self._events.append(
            {
                "ph": "i",
                "name": name,
                "cat": "event",
                "ts": at * 1000,
                "pid": pid,
                "tid": tid,
                "s": scope,
                "args": args,
            }
        )

    def _begin_wait(
        self, delivery: str, name: str, place: str, at: Instant, args: dict[str, Any]
    ) -> None:
        self._end_wait(delivery, at)
        kind = "trigger" if "/" in delivery else "consumer"
        event = {
            "ph": "b",
            "name": name,
            "cat": "waiting",
            "id": delivery,
            "ts": at * 1000,
            "pid": self._pid(place, kind),
            "tid": 0,
            "args": args,
        }
        self._waits[delivery] = event
        self._events.append(event)

    def _end_wait(self, delivery: str, at: Instant) -> None:
        begun = self._waits.pop(delivery, None)
        if begun is not None:
            self._events.append({**begun, "ph": "e", "ts": at * 1000, "args": {}})

    def _add_samples(self, samples: Iterable[UsageSample]) -> None:
        for name, at, used in samples:
            self._events.append(
                {
                    "ph": "C",
                    "name": name,
                    "ts": at * 1000,
                    "pid": _LIMITS,
                    "tid": 0,
                    "args": {"used": used},
                }
            )

    def _pid(self, place: str, module: str) -> int:
        name = f"queue {place}" if module == "consumer" else f"{module.replace('_', ' ')} {place}"
        if name not in self._pids:
            self._pids[name] = len(self._pids) + _ARRIVALS + 1
            self._add_name(self._pids[name], "process_name", name)
        return self._pids[name]

    def _tid(self, pid: int, instance: str) -> int:
        if (pid, instance) not in self._tids:
            self._tids[pid, instance] = sum(p == pid for p, _ in self._tids) + 1
            self._add_name(pid, "thread_name", f"instance {instance}", self._tids[pid, instance])
        return self._tids[pid, instance]

    def _add_name(self, pid: int, what: str, name: str, tid: int = 0) -> None:
        self._events.append(
            {"ph": "M", "name": what, "pid": pid, "tid": tid, "args": {"name": name}}
        )

    def _take_events(self) -> list[TraceEvent]:
        taken, self._events = self._events, []
        return taken


def _event_id(body: InvocationStarted) -> str:
    if isinstance(body.event_id, str):
        return body.event_id
    return body.product_event_id if isinstance(body.product_event_id, str) else ""


def _delivery_id(body: InvocationStarted) -> str:
    if isinstance(body.event_id, str):
        return body.event_id
    return f"{body.product_event_id}/{body.module_key}"


def _delivery_and_place(body: RetryScheduled | EventDeferred) -> tuple[str, str]:
    """The id of what is delivered, and its queue or trigger."""
    if isinstance(body.event_id, str):
        return body.event_id, body.queue if isinstance(body.queue, str) else ""
    trigger = body.trigger if isinstance(body.trigger, str) else ""
    return f"{body.product_event_id}/{trigger}", trigger
