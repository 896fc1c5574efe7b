"""From a push to events of a queue: checks, the count of cyclic pushes, records.

https://developer.atlassian.com/platform/forge/limits-async-events/ (2026-02-26). Where the page
says what is refused but not how, the status is the one whose error class of `@forge/events` names
the rule best.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor, isfinite

from forge_emu import settings as s
from forge_emu.engine.delivery.concurrency_keys import read_concurrency, short_json
from forge_emu.engine.delivery.cyclic_pushes import PushChains
from forge_emu.engine.delivery.queued_event import QueuedEvent, QueuedEvents, SavedQueuedEvent
from forge_emu.engine.journal.journal import Journal
from forge_emu.engine.quota import Meters
from forge_emu.errors import Fault
from forge_emu.model import SECOND, App, Instant, Json, Millis, PushRequest, seconds_to_ms
from forge_emu.records import Log, PushRefused

ERROR_CLASSES = {
    202: "PartialSuccessError",
    405: "InvocationLimitReachedError",
    413: "PayloadTooBigError",
    429: "RateLimitError",
}
"""The class of `@forge/events` that the app sees for a status."""


def error_class(status: int) -> str:
    """The class of `@forge/events` that the app sees for `status`."""
    return ERROR_CLASSES.get(status, "InternalServerError")


def delay_of(value: Json, rounding: str = "exact") -> Millis | None:
    """`delayInSeconds` in milliseconds; None where it is no number at all.

    The package lets fractions, numeric texts and NaN (null on the wire) through.
    """
    if value is None:
        return 0
    if type(value) is int:  # as nearly always, and True is none
        return value * SECOND
    if isinstance(value, str):
        try:
            value = float(value) if value.strip() else 0.0
        except ValueError:
            return None
    if not isinstance(value, float):
        return None
    if not isfinite(value):
        return 0
    if rounding != "exact":
        value = ceil(value) if rounding == "up" else floor(value)
    return seconds_to_ms(value)


class PushChecks:
    """Checks a push against every rule before any of it is accepted."""

    def __init__(self, settings: s.Settings, meters: Meters) -> None:
        self._settings = settings
        self._meters = meters
        self._accepts_parts = settings[s.PUSH_PARTIAL] == "on"
        self._most_cyclic = settings[s.PUSH_CYCLIC_REQUESTS]
        self._most_events = settings[s.PUSH_EVENTS_PER_REQUEST]
        self._most_kb = settings[s.PUSH_PAYLOAD_KB]
        self._longest_delay = settings[s.PUSH_MAX_DELAY_SECONDS]

    def check_push(
        self, request: PushRequest, app: App, pushes_so_far: int, now: Instant
    ) -> tuple[list[tuple[int, str]], str]:
        """The events that are refused, as (index, why), and by which limit.

        There are none, unless parts of a push may be accepted.

        `pushes_so_far` counts the pushes that descend from the same first invocation. Raises Fault
        when the whole push is refused; nothing has changed then but the count of hits.
        """
        self._check_request(request, pushes_so_far)
        failed, limit = self._oversized_events(request, app), s.PUSH_LONG_RUNNING_EVENT_KB.name
        partial = self._accepts_parts
        total = len(request.items)
        if failed and not (partial and len(failed) < total):
            raise Fault(413, {"errorMessage": failed[0][1]}, limit=limit)
        good = total - len(failed)
        if (full := self._meters.find_full(now, good)) is not None:
            limit = full.name
            fitting = self._fitting_count(now, good) if partial else 0
            full.count_refusal(now, good - fitting)
            if self._settings[s.PUSH_COUNT_REFUSED]:
                self._meters.consume(now, good - fitting)
            if not fitting:
                raise Fault(
                    429,
                    {"code": "TOO_MANY_REQUESTS", "message": "Too many requests."},
                    limit=limit,
                )
            bad = {index for index, _ in failed}
            left_out = [i for i in range(total) if i not in bad][fitting:]
            failed += [(i, "Too many events were pushed within a minute.") for i in left_out]
            good = fitting
        self._meters.consume(now, good)
        return sorted(failed), limit

    def _check_request(self, request: PushRequest, pushes_so_far: int) -> None:
        cyclic = self._most_cyclic
        if cyclic is not None and pushes_so_far >= cyclic:
            raise Fault(
                405,
                {"message": "The limit on cyclic invocation has been reached."},
                limit=s.PUSH_CYCLIC_REQUESTS.name,
            )
        most = self._most_events
        if most is not None and len(request.items) > most:
            message = f"This push contains more than the {most} events allowed."
            raise Fault(413, {"errorMessage": message}, limit=s.PUSH_EVENTS_PER_REQUEST.name)
        size = self._most_kb
        if size is not None and request.size_bytes > size * 1024:
            message = f"The maximum payload size is {size}KB."
            raise Fault(413, {"errorMessage": message}, limit=s.PUSH_PAYLOAD_KB.name)
        longest = self._longest_delay
        for item in request.items:
            delay = delay_of(item.delay_in_seconds)
            if delay is None or delay < 0 or (longest is not None and delay > longest * SECOND):
                given = short_json(item.delay_in_seconds)
                message = f"delayInSeconds is {given}, not from 0 to {longest}"
                raise Fault(
                    400,
                    {"code": "INVALID_DELAY", "message": message},
                    limit=s.PUSH_MAX_DELAY_SECONDS.name,
                )

    def _oversized_events(self, request: PushRequest, app: App) -> list[tuple[int, str]]:
        size = largest_long_running_kb(self._settings, request.queue, app)
        if size is None:
            return []
        message = (
            f"The maximum size of an event is {size}KB for a consumer whose timeout is over "
            f"{s.LONG_RUNNING_SECONDS} s."
        )
        return [(i, message) for i, n in enumerate(request.item_bytes) if n > size * 1024]

    def _fitting_count(self, now: Instant, most: int) -> int:
        """How many events of `most` still fit into every window."""
        for meter in self._meters.all:
            if meter.limit is not None:
                most = max(0, min(most, int(meter.limit - meter.window.total(now))))
        return most


def largest_long_running_kb(settings: s.Settings, queue: str, app: App) -> int | None:
    """How many KB an event of `queue` may have, if its consumer is long-running."""
    consumer = app.consumer_of(queue)
    function = app.functions.get(consumer.function) if consumer else None
    timeout = function.timeout_ms if function else None
    long_running = timeout is not None and timeout > s.LONG_RUNNING_SECONDS * SECOND
    return settings[s.PUSH_LONG_RUNNING_EVENT_KB] if long_running else None


class PushHandler:
    """Checks and enqueues pushes. A refused push changes nothing but the count of refusals."""

    def __init__(
        self,
        settings: s.Settings,
        journal: Journal,
        queued_events: QueuedEvents,
        new_id: Callable[[], str],
        push_chains: PushChains,
    ) -> None:
        self._settings = settings
        self._journal = journal
        self._queued_events = queued_events
        self._new_id = new_id
        self.meters = Meters("pushed_events", settings)
        self._checks = PushChecks(settings, self.meters)
        self.push_chains = push_chains
        self._warned_queues: set[str] = set()
        self._warned_concurrency: set[tuple[str, str]] = set()
        self._delay_rounding = settings[s.ASYNC_FRACTIONAL_DELAY]

    def forget_warnings(self) -> None:
        """Say anew what is wrong with queues and pushes: the app has changed."""
        self._warned_queues.clear()
        self._warned_concurrency.clear()

    def enqueue_push(self, request: PushRequest, app: App, origin: str, now: Instant) -> None:
        """Put the events of a push on their queue.

        `origin` is the first invocation of the chain that the push belongs to. Raises Fault when
        all of it is refused, or (202) when parts of it are.
        """
        try:
            pushes = self.push_chains.push_count(origin)
            # What is refused here has taken nothing of the minute yet.
            slots = [self._check_concurrency(item.concurrency) for item in request.items]
            failed, limit = self._checks.check_push(request, app, pushes, now)
        except Fault as fault:
            self._record_refusal(request, len(request.items), fault, now)
            raise
        self.push_chains.add_push(origin)
        left_out = {index for index, _ in failed}
        for index, (key, most, problem) in enumerate(slots):
            if index in left_out:
                continue
            if problem:
                self._warn_ignored(request.queue, problem, now)
            self._enqueue_item(request, index, key, most, origin, now)
        self.push_chains.discard_if_idle(origin)
        if request.items and app.consumer_of(request.queue) is None:
            self._warn_unconsumed(request.queue, app, now)
        if failed:
            partial = Fault(
                202,
                {"failedEvents": [{"index": i, "errorMessage": why} for i, why in failed]},
                limit=limit,
            )
            self._record_refusal(request, len(failed), partial, now)
            raise partial

    def _check_concurrency(self, concurrency: Json) -> tuple[str | None, int, str | None]:
        key, most, problem = read_concurrency(concurrency)
        if problem and self._settings[s.ASYNC_INVALID_CONCURRENCY] == "refuse":
            body = {"code": "INVALID_CONCURRENCY", "message": problem}
            raise Fault(400, body, limit=s.ASYNC_INVALID_CONCURRENCY.name)
        return key, most, problem

    def _enqueue_item(
        self,
        request: PushRequest,
        index: int,
        concurrency_key: str | None,
        concurrency_limit: int,
        origin: str,
        now: Instant,
    ) -> None:
        item = request.items[index]
        delay = delay_of(item.delay_in_seconds, self._delay_rounding) or 0
        if spread := self._queued_events.extra_push_delay():
            longest = self._settings[s.PUSH_MAX_DELAY_SECONDS]
            delay += spread if longest is None else max(0, min(spread, longest * SECOND - delay))
        fixed = SavedQueuedEvent(
            id=self._new_id(),
            origin=origin,
            created_at=now,
            queue=request.queue,
            job_id=request.job_id,
            item=item,
            size_bytes=request.item_bytes[index],
            legacy=request.legacy,
            key=concurrency_key,
            slots=concurrency_limit,
            pushed_by=request.invocation_id,
        )
        event = QueuedEvent(fixed, now + delay)
        self._queued_events.enqueue_event(event, now)

    def _warn_unconsumed(self, queue: str, app: App, now: Instant) -> None:
        if queue in self._warned_queues:
            return
        self._warned_queues.add(queue)
        message = (
            f"Queue {queue!r} has no consumer: its events will be dropped when due. "
            f"Add a consumer with `queue: {queue}` to {app.manifest}."
        )
        self._journal.record(Log(level="warn", message=message), now)

    def _warn_ignored(self, queue: str, problem: str, now: Instant) -> None:
        """Once for each queue and part of `concurrency`: a thousand pushes have one mistake."""
        part = problem.split(" ", 1)[0]
        if (queue, part) in self._warned_concurrency:
            return
        self._warned_concurrency.add((queue, part))
        message = f"Push to the queue {queue!r}: {problem}: it is ignored"
        self._journal.record(Log(level="warn", message=message), now)

    def _record_refusal(
        self, request: PushRequest, events: int, fault: Fault, now: Instant
    ) -> None:
        message = fault.body.get("errorMessage") or fault.body.get("message")
        if message is None and (parts := fault.body.get("failedEvents")):
            message = parts[0]["errorMessage"]
        self._journal.record(
            PushRefused(
                queue=request.queue,
                events=events,
                error=error_class(fault.status),
                limit=fault.limit or "",
                status=fault.status,
                message=str(message or ""),
                invocation_id=request.invocation_id,
            ),
            now,
        )
