"""The latencies of a run, drawn from a stream of chance of their own."""

from __future__ import annotations

from collections.abc import Callable

from forge_emu import settings as s
from forge_emu.engine.faults.injector import FaultInjector
from forge_emu.latency import parse_latency
from forge_emu.model import Instant, Millis
from forge_emu.settings.faults import KVS_LATENCY, PRODUCT_LATENCY


class Latencies:
    """How long each kind of thing takes this time, in emulated milliseconds."""

    def __init__(
        self, settings: s.Settings, chance: Callable[[], float], fault_injector: FaultInjector
    ) -> None:
        self._chance = chance
        self._fault_injector = fault_injector
        self._kvs = parse_latency(settings[s.LATENCY_KVS])
        self._product = parse_latency(settings[s.LATENCY_PRODUCT])
        self._push = parse_latency(settings[s.LATENCY_PUSH])
        self._invocation = parse_latency(settings[s.LATENCY_INVOCATION])
        self._product_event = parse_latency(settings[s.LATENCY_PRODUCT_EVENT])

    def kvs(self, invocation_id: str | None, now: Instant) -> Millis:
        """From the store's work to its answer."""
        latency = self._kvs.sample(self._chance)
        return self._fault_injector.apply_latency_faults(latency, KVS_LATENCY, invocation_id, now)

    def product(self, invocation_id: str | None, now: Instant) -> Millis:
        """From a request to a product to its answer."""
        latency = self._product.sample(self._chance)
        return self._fault_injector.apply_latency_faults(
            latency, PRODUCT_LATENCY, invocation_id, now
        )

    def push(self) -> Millis:
        """From a queue's taking a push to its answer."""
        return self._push.sample(self._chance)

    def invocation(self) -> Millis:
        """From the start of an invocation to the handler's first line."""
        return self._invocation.sample(self._chance)

    def product_event(self) -> Millis:
        """From a product event to its being due at a trigger."""
        return self._product_event.sample(self._chance)
