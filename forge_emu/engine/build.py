"""Puts the parts of an engine together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from forge_emu import settings as s
from forge_emu.engine.delivery.admin import QueueAdmin
from forge_emu.engine.delivery.calls.function_calls import FunctionCalls
from forge_emu.engine.delivery.cyclic_pushes import PushChains
from forge_emu.engine.delivery.deliveries import Deliveries
from forge_emu.engine.delivery.delivery_loop import DeliveryLoop
from forge_emu.engine.delivery.dispatcher import Dispatcher
from forge_emu.engine.delivery.kind import KindContext
from forge_emu.engine.delivery.kinds import DeliveryKinds
from forge_emu.engine.delivery.pauses import PausedQueues
from forge_emu.engine.delivery.push import PushHandler
from forge_emu.engine.delivery.queued_event import QueuedEvents
from forge_emu.engine.delivery.scheduled.scheduled_run import ScheduledRuns
from forge_emu.engine.delivery.trigger_delivery import TriggerDeliveries
from forge_emu.engine.dirty import DirtySet
from forge_emu.engine.faults.injector import FaultInjector
from forge_emu.engine.faults.rules import FaultRule, FaultRules, RandomStreams
from forge_emu.engine.installation import Installation
from forge_emu.engine.journal.journal import Journal
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.engine.kvs.calls import KvsCalls
from forge_emu.engine.kvs.store import KvsStore
from forge_emu.engine.latencies import Latencies
from forge_emu.engine.life_cycle import LifeCycle
from forge_emu.engine.product_rates.product_rates import ProductRates
from forge_emu.engine.retry_mistakes import FindPlace, RetryMistakes
from forge_emu.engine.snapshot.parts import SavedParts
from forge_emu.engine.snapshot.save import SnapshotWriter
from forge_emu.engine.unawaited import UnawaitedRequests
from forge_emu.engine.web_trigger_urls import WebTriggerUrls
from forge_emu.model import App, Instant, LimitUsage
from forge_emu.site.collection import Place
from forge_emu.site.site import Site


# No struct, which a snapshot in memory takes for a value: this holds what changes.
@dataclass(frozen=True)
class EngineParts:
    """Everything an engine consists of."""

    settings: s.Settings
    saved: SavedParts
    fault_rules: FaultRules
    fault_injector: FaultInjector
    latencies: Latencies
    unawaited_requests: UnawaitedRequests
    kvs: KvsCalls
    delivery_loop: DeliveryLoop
    queue_admin: QueueAdmin
    snapshot_writer: SnapshotWriter
    retry_mistakes: RetryMistakes

    def usage(self, now: Instant) -> list[LimitUsage]:
        """How much of each limited resource is in use."""
        saved = self.saved
        return [
            *saved.push_handler.meters.usage(now),
            *saved.kvs_store.usage(now),
            *saved.dispatcher.meters.usage(now),
            # Few apps are called so: what was never used is not listed.
            *(use for use in saved.function_calls.meters.usage(now) if use.peak),
            *saved.product_rates.usage(now),
        ]


def build_parts(
    app: App,
    settings: s.Settings,
    *,
    epoch_ms: int,
    new_id: Callable[[], str],
    chance: Callable[[], float],
    faults: Sequence[FaultRule] = (),
    stream: RandomStreams | None = None,
    secrets: Secrets | None = None,
    find_place: FindPlace | None = None,
) -> EngineParts:
    """The parts of a new engine.

    `epoch_ms` is the instant 0 in real time (ms since 1970). `chance` gives numbers from 0 up to 1
    and `new_id` fresh ids; both come from the run's seed. Faults, duplicates and each kind of
    latency are drawn from a `stream` of their own, so that one that is added changes no other
    chance; without it they share `chance`. `secrets` are
    masked in records; the values that the app stores as secrets are added to them. `find_place`
    knows where in the app's code a mistake about retries is.
    """
    stream = stream or (lambda name: chance)
    installation = Installation.new(new_id)
    journal = Journal(epoch_ms, Secrets() if secrets is None else secrets)
    fault_rules = FaultRules(faults, stream)
    fault_injector = FaultInjector(fault_rules, journal, settings)
    latencies = Latencies(settings, stream, fault_injector)
    push_chains = PushChains()
    deliveries = Deliveries(settings, journal, chance, push_chains)
    site_changes: DirtySet[Place] = DirtySet()
    site = Site(site_changes.mark)
    kinds = DeliveryKinds(
        KindContext(
            settings,
            journal,
            latencies,
            new_id,
            chance,
            stream,
            deliveries.add_delivery,
            site.jira.property_value,
        )
    )
    deliveries.kinds = kinds
    queued_events = kinds.of_type(QueuedEvents)
    kvs_store = KvsStore(settings, epoch_ms)
    dispatcher = Dispatcher(
        app,
        settings,
        installation,
        journal,
        new_id,
        latencies,
        kinds,
        deliveries.dirty,
    )
    pauses = PausedQueues()
    saved = SavedParts(
        journal,
        queued_events,
        kinds.of_type(TriggerDeliveries),
        kinds.of_type(ScheduledRuns),
        kinds.of_type(FunctionCalls),
        kvs_store,
        deliveries,
        PushHandler(settings, journal, queued_events, new_id, push_chains),
        dispatcher,
        pauses,
        site,
        site_changes,
        ProductRates(settings, epoch_ms),
        WebTriggerUrls(journal.secrets),
        LifeCycle(),
    )
    retry_mistakes = RetryMistakes(journal, find_place)
    loop = DeliveryLoop(
        deliveries,
        dispatcher,
        pauses,
        fault_injector,
        journal,
        retry_mistakes,
        settings[s.DELIVERY_PYTHON_STARTS],
    )
    return EngineParts(
        settings,
        saved,
        fault_rules,
        fault_injector,
        latencies,
        UnawaitedRequests(settings, stream),
        KvsCalls(kvs_store, fault_injector, journal),
        loop,
        QueueAdmin(deliveries, loop, pauses, journal, new_id),
        SnapshotWriter(saved),
        retry_mistakes,
    )
