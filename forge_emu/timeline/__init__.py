"""Records → what is going on: counts, attempts of retried events, what descends from what."""

from forge_emu.timeline.counts import ProductCounts, QueueCounts
from forge_emu.timeline.ledger import Ledger, OpenEvent, OpenProductEvent
from forge_emu.timeline.lineage import Lineage, Who
from forge_emu.timeline.timeline import Hits, Timeline, Window
from forge_emu.timeline.tracks import Attempt, Deferral, Retry, Track

__all__ = [
    "Attempt",
    "Deferral",
    "Hits",
    "Ledger",
    "Lineage",
    "OpenEvent",
    "OpenProductEvent",
    "ProductCounts",
    "QueueCounts",
    "Retry",
    "Timeline",
    "Track",
    "Who",
    "Window",
]
