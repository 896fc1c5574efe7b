"""Begins to keep what is in events, and goes on from what a state has kept."""

from __future__ import annotations

from typing import Final

from forge_emu.engine.engine import Engine
from forge_emu.payloads import KeptPayloads, PayloadCollector, PayloadsInMemory, PayloadsOnDisk
from forge_emu.settings import STATE_PAYLOADS_MB
from forge_emu.store.database import Database

_MB: Final = 1_000_000


def start_collecting(engine: Engine, state: Database | None = None) -> PayloadCollector | None:
    """Collect from now on, after what `state` has; None where the setting keeps nothing.

    What is kept is in memory where there is no state. Raises StateError.
    """
    most = engine.settings[STATE_PAYLOADS_MB]
    if not most:
        return None
    collector = PayloadCollector(_kept(most * _MB, state), engine.secrets)
    engine.queue_admin.observe_events(collector.add_delivery, collector.add_product_event)
    return collector


def _kept(most_bytes: int, state: Database | None) -> KeptPayloads:
    if state is None:
        return PayloadsInMemory(most_bytes)
    kept = PayloadsOnDisk(most_bytes, state)
    kept.restore(state.payload_lengths())
    return kept
