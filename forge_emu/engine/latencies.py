"""The latencies of a run. Each kind is drawn from a stream of chance of its own."""

from __future__ import annotations

from collections.abc import Callable

from forge_emu import settings as s
from forge_emu.engine.faults.injector import FaultInjector
from forge_emu.engine.faults.rules import RandomStreams
from forge_emu.latency import parse_latency
from forge_emu.model import Instant, Millis
from forge_emu.settings.faults import KVS_LATENCY, PRODUCT_LATENCY


class Latencies:
    """How long each kind of thing takes this time, in emulated milliseconds."""

    def __init__(
        self, settings: s.Settings, stream: RandomStreams, fault_injector: FaultInjector
    ) -> None:
        self._fault_injector = fault_injector
        self._draw_kvs = _sampler(s.LATENCY_KVS, settings, stream)
        self._draw_product = _sampler(s.LATENCY_PRODUCT, settings, stream)
        self._draw_push = _sampler(s.LATENCY_PUSH, settings, stream)
        self._draw_invocation = _sampler(s.LATENCY_INVOCATION, settings, stream)
        self._draw_cold_start = _sampler(s.LATENCY_COLD_START, settings, stream)
        self._draw_product_event = _sampler(s.LATENCY_PRODUCT_EVENT, settings, stream)

    def kvs(self, invocation_id: str | None, now: Instant) -> Millis:
        """From the store's work to its answer."""
        latency = self._draw_kvs()
        return self._fault_injector.apply_latency_faults(latency, KVS_LATENCY, invocation_id, now)

    def product(self, invocation_id: str | None, now: Instant) -> Millis:
        """From a request to a product to its answer."""
        latency = self._draw_product()
        return self._fault_injector.apply_latency_faults(
            latency, PRODUCT_LATENCY, invocation_id, now
        )

    def push(self) -> Millis:
        """From a queue's taking a push to its answer."""
        return self._draw_push()

    def invocation(self, *, cold_start: bool) -> Millis:
        """From the start of an invocation to the handler's first line."""
        return self._draw_invocation() + (self._draw_cold_start() if cold_start else 0)

    def product_event(self) -> Millis:
        """From a product event to its being due at a trigger."""
        return self._draw_product_event()


def _sampler(
    setting: s.Setting[str], settings: s.Settings, stream: RandomStreams
) -> Callable[[], Millis]:
    latency, chance = parse_latency(settings[setting]), stream(setting.name)
    if latency.is_fixed:
        ms = latency.sample(chance)
        return lambda: ms
    return lambda: latency.sample(chance)
