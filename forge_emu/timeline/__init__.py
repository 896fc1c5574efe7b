"""Records → what is going on: counts, attempts of retried events, what descends from what."""

from forge_emu.timeline.counts import ProductCounts, QueueCounts
from forge_emu.timeline.event_states import EventStates, OpenEvent, OpenProductEvent
from forge_emu.timeline.lineage import Lineage, RecordContext
from forge_emu.timeline.timeline import LimitHits, Timeline, TrackWindow
from forge_emu.timeline.tracks import Attempt, Deferral, ScheduledRetry, Track

__all__ = [
    "Attempt",
    "Deferral",
    "EventStates",
    "LimitHits",
    "Lineage",
    "OpenEvent",
    "OpenProductEvent",
    "ProductCounts",
    "QueueCounts",
    "RecordContext",
    "ScheduledRetry",
    "Timeline",
    "Track",
    "TrackWindow",
]
