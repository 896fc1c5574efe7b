"""Begins to keep what is in events, and goes on from what a state has kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from forge_emu.engine.engine import Engine
from forge_emu.payloads import KeptPayloads, PayloadCollector, PayloadRow
from forge_emu.settings import STATE_PAYLOADS_MB

_MB: Final = 1_000_000


def start_collecting(engine: Engine, rows: Iterable[PayloadRow] = ()) -> PayloadCollector | None:
    """Collect from now on, after `rows`; None where the setting keeps nothing."""
    most = engine.settings[STATE_PAYLOADS_MB]
    if not most:
        return None
    kept = KeptPayloads(most * _MB)
    kept.restore(rows)
    collector = PayloadCollector(kept, engine.secrets)
    engine.queue_admin.observe_events(collector.add_delivery, collector.add_product_event)
    return collector
