"""From a push to events of a queue: checks, the count of cyclic pushes, records."""

from __future__ import annotations

from collections.abc import Callable

from forge_emu import settings as s
from forge_emu.engine.delivery.concurrency_keys import read_concurrency
from forge_emu.engine.delivery.cyclic_pushes import PushChains
from forge_emu.engine.delivery.deliveries import Deliveries
from forge_emu.engine.delivery.delivery import QueuedEvent
from forge_emu.engine.delivery.push_checks import (
    PushChecks,
    delay_of,
    error_class,
    push_meter,
)
from forge_emu.engine.journal.journal import Journal
from forge_emu.errors import Fault
from forge_emu.model import SECOND, App, Instant, Json, LimitUsage, PushRequest
from forge_emu.records import Log, PushRefused


class PushHandler:
    """Checks and enqueues pushes. A refused push changes nothing but the count of refusals."""

    def __init__(
        self,
        settings: s.Settings,
        journal: Journal,
        deliveries: Deliveries,
        new_id: Callable[[], str],
        push_chains: PushChains,
    ) -> None:
        self._settings = settings
        self._journal = journal
        self._deliveries = deliveries
        self._new_id = new_id
        self.meter = push_meter(settings)
        self._checks = PushChecks(settings, self.meter)
        self.push_chains = push_chains
        self._warned_queues: set[str] = set()

    def usage(self, now: Instant) -> LimitUsage:
        """How much of the events per minute is in use."""
        return self.meter.usage(now)

    def forget_warnings(self) -> None:
        """Warn anew of queues without a consumer: the app has changed."""
        self._warned_queues.clear()

    def enqueue_push(self, request: PushRequest, app: App, origin: str, now: Instant) -> None:
        """Put the events of a push on their queue.

        `origin` is the first invocation of the chain that the push belongs to. Raises Fault when
        all of it is refused, or (202) when parts of it are.
        """
        try:
            failed = self._checks.check_push(request, app, self.push_chains.push_count(origin), now)
            slots = [self._check_concurrency(item.concurrency) for item in request.items]
        except Fault as fault:
            self._record_refusal(request, len(request.items), fault, now)
            raise
        self.push_chains.add_push(origin)
        left_out = {index for index, _ in failed}
        for index, (key, most, problem) in enumerate(slots):
            if index in left_out:
                continue
            if problem:
                self._journal.record(Log(level="warn", message=f"{problem}: it is ignored"), now)
            self._enqueue_item(request, index, key, most, origin, now)
        self.push_chains.discard_if_idle(origin)
        if request.items and app.consumer_of(request.queue) is None:
            self._warn_unconsumed(request.queue, app, now)
        if failed:
            partial = Fault(
                202,
                {"failedEvents": [{"index": i, "errorMessage": why} for i, why in failed]},
                limit=s.PUSH_EVENTS_PER_MINUTE.name,
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
        delay = delay_of(item.delay_in_seconds, self._settings[s.ASYNC_FRACTIONAL_DELAY]) or 0
        if spread := self._deliveries.extra_push_delay():
            longest = self._settings[s.PUSH_MAX_DELAY_SECONDS]
            delay += spread if longest is None else max(0, min(spread, longest * SECOND - delay))
        event = QueuedEvent(
            self._new_id(),
            origin,
            now,
            now + delay,
            queue=request.queue,
            job_id=request.job_id,
            item=item,
            size_bytes=request.item_bytes[index],
            legacy=request.legacy,
            concurrency_key=concurrency_key,
            concurrency_limit=concurrency_limit,
            pushed_by=request.invocation_id,
        )
        self._deliveries.enqueue_event(event, now)

    def _warn_unconsumed(self, queue: str, app: App, now: Instant) -> None:
        if queue in self._warned_queues:
            return
        self._warned_queues.add(queue)
        message = (
            f"Queue {queue!r} has no consumer: its events will be dropped when due. "
            f"Add a consumer with `queue: {queue}` to {app.manifest}."
        )
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
