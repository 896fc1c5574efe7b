"""From ready to running: which delivery gets an instance next, and which has to wait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from forge_emu import settings as s
from forge_emu.engine.delivery import handler_arguments
from forge_emu.engine.delivery.concurrency_keys import ConcurrencyKeys
from forge_emu.engine.delivery.delivery import (
    Delivery,
    Duplicate,
    QueuedEvent,
    State,
    TriggerDelivery,
)
from forge_emu.engine.delivery.handler_arguments import Installation
from forge_emu.engine.delivery.instances import InstancePool
from forge_emu.engine.dirty import Dirty
from forge_emu.engine.journal.journal import Journal
from forge_emu.engine.latencies import Latencies
from forge_emu.engine.quota import Meter, QuotaWindow
from forge_emu.model import (
    MINUTE,
    SECOND,
    App,
    Function,
    Instant,
    Invocation,
    Json,
    Millis,
    ModuleKind,
)
from forge_emu.records import InvocationStarted


@dataclass(frozen=True)
class RunningInvocation:
    """An invocation under way."""

    invocation: Invocation
    delivery: Delivery
    started_at: Instant


@dataclass(frozen=True)
class HandlerTarget:
    """The function and module that handle a delivery."""

    function: Function
    module: ModuleKind
    module_key: str


@dataclass(frozen=True)
class Blocked:
    """Why a ready delivery cannot start: the limit, whose name the record shows."""

    limit: str


@dataclass(frozen=True)
class NoHandler:
    """No function handles this delivery."""


StartResult: TypeAlias = Invocation | Blocked | NoHandler


class Dispatcher:
    """Owns the instances, the slots of concurrency keys and what is running."""

    def __init__(
        self,
        app: App,
        settings: s.Settings,
        installation: Installation,
        journal: Journal,
        new_id: Callable[[], str],
        minimum_timeout: Millis,
        latencies: Latencies,
        dirty: Dirty,
    ) -> None:
        self.app = app
        self.generation = 1
        self.running: dict[str, RunningInvocation] = {}
        self.minimum_timeout = minimum_timeout
        self.instances = InstancePool(settings[s.DELIVERY_MAX_INSTANCES])
        self.meter = Meter(
            s.INVOCATIONS_PER_MINUTE.name,
            "invocations",
            s.INVOCATIONS_PER_MINUTE.unit,
            QuotaWindow("sliding", MINUTE),
            settings[s.INVOCATIONS_PER_MINUTE],
        )
        self._settings = settings
        self.installation = installation
        self._journal = journal
        self._new_id = new_id
        self._concurrency_keys = ConcurrencyKeys()
        self._latencies = latencies
        self._dirty = dirty

    def reload_app(self, app: App, generation: int) -> None:
        """Start from now on with new code."""
        self.app = app
        self.generation = generation
        self.instances.start_generation()

    def start_invocation(self, delivery: Delivery, now: Instant) -> StartResult:
        """Start `delivery` if its function exists and no limit is in the way."""
        target = self._find_target(delivery)
        if target is None:
            return NoHandler()
        if not self.meter.fits(now, 1):
            self.meter.count_refusal(now, 1)
            return Blocked("invocations_per_minute")
        if (
            isinstance(delivery, QueuedEvent)
            and delivery.concurrency_key is not None
            and not self._concurrency_keys.acquire(
                delivery.concurrency_key, delivery.concurrency_limit
            )
        ):
            return Blocked(f"concurrency:{delivery.concurrency_key}")
        self.meter.consume(now, 1)
        return self._start_on_instance(delivery, target, now)

    def end_invocation(self, running: RunningInvocation, *, discard_instance: bool) -> None:
        """Remove a running invocation; with `discard_instance` its instance is not used again."""
        del self.running[running.invocation.invocation_id]
        self.instances.release(running.invocation.instance, discard=discard_instance)
        delivery = running.delivery
        delivery.invocation_id = None
        if isinstance(delivery, QueuedEvent) and delivery.concurrency_key is not None:
            self._concurrency_keys.release(delivery.concurrency_key)

    def _start_on_instance(
        self, delivery: Delivery, target: HandlerTarget, now: Instant
    ) -> Invocation:
        instance, cold = self.instances.acquire()
        delivery.become(State.RUNNING)
        delivery.attempts += 1
        delivery.deferrals = 0
        timeout = max(self.timeout_of(target), self.minimum_timeout)
        starts_at = now + self._latencies.invocation()
        event, context = self._arguments(delivery, now)
        ids: dict[str, str] = (
            {"event_id": delivery.event_id}
            if isinstance(delivery, QueuedEvent)
            else {"product_event_id": _product_event_id(delivery)}
        )
        invocation = Invocation(
            invocation_id=self._new_id(),
            function=target.function.key,
            module=target.module,
            module_key=target.module_key,
            event=event,
            context=context,
            attempt=delivery.attempts,
            instance=instance,
            cold_start=cold,
            generation=self.generation,
            timeout_ms=timeout,
            starts_at=starts_at,
            deadline=starts_at + timeout,
            **ids,
        )
        delivery.invocation_id = invocation.invocation_id
        self.running[invocation.invocation_id] = RunningInvocation(invocation, delivery, now)
        self._dirty.mark_delivery(delivery)
        self._journal.record(
            InvocationStarted(
                invocation_id=invocation.invocation_id,
                function=invocation.function,
                module=str(invocation.module),
                module_key=invocation.module_key,
                attempt=invocation.attempt,
                instance=instance,
                cold_start=cold,
                timeout_ms=timeout,
                duplicate=isinstance(delivery, Duplicate),
                **ids,
                **({"queue": delivery.queue} if isinstance(delivery, QueuedEvent) else {}),
            ),
            now,
        )
        return invocation

    def _find_target(self, delivery: Delivery) -> HandlerTarget | None:
        if isinstance(delivery, QueuedEvent):
            consumer = self.app.consumer_of(delivery.queue)
            if consumer is None or consumer.function not in self.app.functions:
                return None
            function = self.app.functions[consumer.function]
            return HandlerTarget(function, ModuleKind.CONSUMER, consumer.key)
        assert isinstance(delivery, TriggerDelivery)
        trigger = next((t for t in self.app.triggers if t.key == delivery.trigger), None)
        if trigger is None or trigger.function not in self.app.functions:
            return None
        return HandlerTarget(self.app.functions[trigger.function], ModuleKind.TRIGGER, trigger.key)

    def _arguments(self, delivery: Delivery, now: Instant) -> tuple[Json, Json]:
        if isinstance(delivery, QueuedEvent):
            consumer = self.app.consumer_of(delivery.queue)
            assert consumer is not None
            window = None
            if self._settings[s.ASYNC_RETENTION_CONTEXT] and delivery.window_end is not None:
                window = handler_arguments.retention_window(
                    delivery.created_at, delivery.window_end, now, self._journal.epoch_ms
                )
            event = handler_arguments.consumer_event(delivery, consumer, self.installation, window)
            return event, self.installation.context()
        assert isinstance(delivery, TriggerDelivery)
        context = self.installation.context(
            handler_arguments.product_of(delivery.event.name),
            handler_arguments.account_of(delivery.event.payload),
        )
        return handler_arguments.trigger_event(delivery), context

    def timeout_of(self, target: HandlerTarget) -> Millis:
        """The time a function has; serving several modules it gets the least of theirs.

        https://developer.atlassian.com/platform/forge/manifest-reference/modules/function/
        (2026-09-11)
        """
        key = target.function.key
        spans: list[Millis] = []
        if any(c.function == key for c in self.app.consumers):
            default = self._settings[s.CONSUMER_TIMEOUT_SECONDS] * SECOND
            spans.append(target.function.timeout_ms or default)
        if any(t.function == key for t in self.app.triggers):
            spans.append(self._settings[s.TRIGGER_TIMEOUT_SECONDS] * SECOND)
        return min(spans)


def _product_event_id(delivery: Delivery) -> str:
    assert isinstance(delivery, TriggerDelivery)
    return delivery.event.product_event_id
