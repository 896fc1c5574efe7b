"""What reaches a handler, or comes from one, later than it was decided: latencies and late words.

It is data in one schedule, by the instant at which it is due.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from forge_emu.engine.engine import Engine
from forge_emu.engine.schedule import Schedule
from forge_emu.model import SECOND, Instant, Invocation, Millis
from forge_emu.ports import AppRequest, AppResponse, DelayedMessages, Runtime, RuntimeMessage
from forge_emu.services.services import service_kind
from forge_emu.settings import EGRESS_SECONDS

EndLate: TypeAlias = Callable[[AppRequest, Instant], AppResponse]
"""The response to a request that takes too long, recorded at the instant at which it ends."""

_Delayed: TypeAlias = DelayedMessages | Invocation | AppRequest | tuple[int, AppResponse]
"""Messages of busy code, an invocation to start, a request to end, or the response to one."""


class DelayedAnswers:
    """Responses and invocations that are under way for a latency, and messages of busy code."""

    def __init__(self, engine: Engine, end_late: EndLate) -> None:
        self._engine = engine
        self._end_late = end_late
        self._schedule: Schedule[_Delayed] = Schedule()

    def next_due(self) -> Instant | None:
        """When the first of them is due."""
        return self._schedule.next_due()

    def respond(
        self, runtime: Runtime, request: AppRequest, response: AppResponse, now: Instant
    ) -> None:
        """Answer a request when its latency has passed; what it asked for is done already."""
        latency = self._latency_of(request, now)
        seconds = self._engine.settings[EGRESS_SECONDS]
        if (
            seconds is not None
            and latency > seconds * SECOND
            and service_kind(request) == "product"
        ):
            self._schedule.add(now + seconds * SECOND, request)
        elif latency:
            self._schedule.add(now + latency, (request.request_id, response))
        else:
            runtime.respond(request.request_id, response)

    def invoke(self, runtime: Runtime, invocation: Invocation, now: Instant) -> None:
        """Start an invocation when it is to start."""
        if invocation.starts_at > now:
            self._schedule.add(invocation.starts_at, invocation)
        else:
            runtime.invoke(invocation)

    def add_messages(self, messages: DelayedMessages) -> None:
        """Messages that count from a later instant on."""
        self._schedule.add(messages.at, messages)

    def release_due(
        self,
        runtime: Runtime,
        receive_messages: Callable[[Sequence[RuntimeMessage]], None],
        now: Instant,
    ) -> None:
        """Pass on everything that is due."""
        while (delayed := self._schedule.pop_due(now)) is not None:
            match delayed:
                case DelayedMessages():
                    receive_messages(delayed.messages)
                case Invocation():
                    runtime.invoke(delayed)
                case AppRequest():
                    runtime.respond(delayed.request_id, self._end_late(delayed, now))
                case (request_id, response):
                    runtime.respond(request_id, response)

    def _latency_of(self, request: AppRequest, now: Instant) -> Millis:
        latencies = self._engine.latencies
        match service_kind(request):
            case "kvs":
                return latencies.kvs(request.invocation_id, now)
            case "push":
                return latencies.push()
            case "product":
                return latencies.product(request.invocation_id, now)
        return 0
