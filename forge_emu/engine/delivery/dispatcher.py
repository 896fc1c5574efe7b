"""From ready to running: which delivery gets an instance next, and which has to wait."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import msgspec
from msgspec import UNSET, Raw

from forge_emu import settings as s
from forge_emu.engine.delivery.concurrency_keys import ConcurrencyKeys
from forge_emu.engine.delivery.delivery import Delivery, DueAction, State
from forge_emu.engine.delivery.handler_arguments import ExtendedPayload, licensed_context
from forge_emu.engine.delivery.instances import InstancePool
from forge_emu.engine.delivery.kind import HandlerTarget
from forge_emu.engine.delivery.kinds import AnyKind, DeliveryKinds
from forge_emu.engine.delivery.retry import InvocationLimitReached
from forge_emu.engine.delivery.shared_timeouts import endpoint_timeout_setting, other_timeouts
from forge_emu.engine.dirty import DirtySet
from forge_emu.engine.installation import Installation
from forge_emu.engine.journal.journal import Journal
from forge_emu.engine.latencies import Latencies
from forge_emu.engine.quota import Meters
from forge_emu.engine.schedule import ScheduleEntry
from forge_emu.engine.unawaited import AwaitHabits
from forge_emu.model import (
    SECOND,
    App,
    Endpoint,
    Function,
    Instant,
    Invocation,
    Millis,
    seconds_to_ms,
)
from forge_emu.records import InvocationStarted

_encode = msgspec.json.Encoder().encode


class RunningInvocation(msgspec.Struct):
    """An invocation under way. `waited` is how long it waited for this machine, in real time.

    `timeout` is when it is timed out, once it has begun.
    """

    invocation: Invocation
    delivery: Delivery
    started_at: Instant
    waited: Millis = 0
    timeout: ScheduleEntry[DueAction] | None = None


class Blocked(msgspec.Struct, frozen=True):
    """No slot of its concurrency key is free: `limit` is what the record shows."""

    limit: str


class NoHandler(msgspec.Struct, frozen=True):
    """No function handles this delivery."""


NotStarted: TypeAlias = Blocked | InvocationLimitReached | NoHandler


class Dispatcher:
    """Owns the instances, the slots of concurrency keys and what is running."""

    def __init__(
        self,
        app: App,
        settings: s.Settings,
        installation: Installation,
        journal: Journal,
        new_id: Callable[[], str],
        latencies: Latencies,
        kinds: DeliveryKinds,
        dirty: DirtySet[Delivery],
    ) -> None:
        self.app = app
        self.generation = 1
        self.running: dict[str, RunningInvocation] = {}
        self.instances = InstancePool(settings[s.DELIVERY_MAX_INSTANCES])
        self.meters = Meters("invocations", settings)
        self.await_habits = AwaitHabits()
        self._settings = settings
        self.installation = installation
        self._journal = journal
        self._new_id = new_id
        self._concurrency_keys = ConcurrencyKeys(
            seconds_to_ms(settings[s.CONCURRENCY_RELEASE_SECONDS])
        )
        self._latencies = latencies
        self._kinds = kinds
        self._dirty = dirty
        # By function: the manifest and the settings decide.
        self._timeouts: dict[str, Millis] = {}
        self._license = settings[s.APP_LICENSE]

    def replace_app(self, app: App) -> None:
        """Start from now on what another manifest says."""
        self.app = app
        self._timeouts = {}

    def reload_app(self, app: App, generation: int) -> None:
        """Start from now on with new code."""
        self.replace_app(app)
        self.generation = generation
        self.instances.start_generation()
        self.await_habits.forget()

    def start_invocation(self, delivery: Delivery, now: Instant) -> Invocation | NotStarted:
        """Start `delivery` if its function exists and no limit is in the way."""
        kind = self._kinds.kind_of(delivery)
        target = kind.find_target(delivery, self.app)
        if target is None:
            return NoHandler()
        if (full := self.meters.find_full(now, 1)) is not None:
            full.count_refusal(now, 1)
            return InvocationLimitReached(full.name)
        if (slot := delivery.concurrency) and not self._concurrency_keys.acquire(*slot, now):
            return Blocked(f"concurrency:{slot[0]}")
        self.meters.consume(now, 1)
        return self._start_on_instance(delivery, kind, target, now)

    def end_invocation(
        self, running: RunningInvocation, now: Instant, *, discard_instance: bool
    ) -> None:
        """Remove a running invocation; with `discard_instance` its instance is not used again."""
        del self.running[running.invocation.invocation_id]
        self.instances.release(running.invocation.instance, discard=discard_instance)
        delivery = running.delivery
        delivery.invocation_id = None
        if slot := delivery.concurrency:
            self._concurrency_keys.release(slot[0], now)

    def _start_on_instance(
        self, delivery: Delivery, kind: AnyKind, target: HandlerTarget, now: Instant
    ) -> Invocation:
        instance, cold = self.instances.acquire()
        delivery.become(State.RUNNING)
        delivery.attempts += 1
        delivery.deferrals = 0
        # A remote is there, or it is not: nothing has to be started for it.
        cold = cold and not isinstance(target.function, Endpoint)
        own_timeout = kind.own_timeout(delivery)
        timeout = self.timeout_of(target) if own_timeout is None else own_timeout
        starts_at = now + self._latencies.invocation(cold_start=cold)
        event, context = kind.handler_arguments(delivery, self.app, self.installation, now)
        context = licensed_context(context, self._license)
        is_extended = isinstance(event, ExtendedPayload)
        id_of = delivery.ids.get
        # By position: so many names take three times as long.
        invocation = Invocation(
            self._new_id(),
            target.function.key,
            target.module,
            target.module_key,
            event.joined if is_extended else Raw(_encode(event)),
            context,
            delivery.attempts,
            instance,
            cold,
            self.generation,
            timeout,
            starts_at + timeout,
            starts_at,
            id_of("event_id"),
            id_of("product_event_id"),
            kind.wants_result(delivery),
            id_of("call_id"),
            wants_places=self.await_habits.wants_places(target.function.key),
            added=event.added if is_extended else None,
        )
        delivery.invocation_id = invocation.invocation_id
        self.running[invocation.invocation_id] = RunningInvocation(invocation, delivery, now)
        self._dirty.mark(delivery)
        queue = delivery.queue
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
                duplicate=delivery.is_duplicate,
                event_id=id_of("event_id", UNSET),
                product_event_id=id_of("product_event_id", UNSET),
                queue=UNSET if queue is None else queue,
                call_id=id_of("call_id", UNSET),
            ),
            now,
        )
        return invocation

    def timeout_of(self, target: HandlerTarget) -> Millis:
        """The time a function has; serving several modules it gets the least of theirs.

        https://developer.atlassian.com/platform/forge/manifest-reference/modules/function/
        (2026-09-11)
        """
        function = target.function
        if isinstance(function, Endpoint):
            return self._settings[endpoint_timeout_setting(target.module)] * SECOND
        if function.key not in self._timeouts:
            self._timeouts[function.key] = self._function_timeout(function)
        return self._timeouts[function.key]

    def _function_timeout(self, function: Function) -> Millis:
        app = self.app
        own = (ms for kind in self._kinds.all for ms in kind.timeouts(function, app))
        others = other_timeouts(function, app, self._settings)
        unused = self._settings[s.OTHER_TIMEOUT_SECONDS] * SECOND
        return min((*own, *others), default=unused)
