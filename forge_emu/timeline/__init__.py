"""Records → what is going on: counts, attempts of retried events, what descends from what."""

from forge_emu.timeline.counts import ProductCounts, QueueCounts
from forge_emu.timeline.event_states import EventStates, OpenEvent, OpenProductEvent
from forge_emu.timeline.lineage import Lineage, RecordContext
from forge_emu.timeline.timeline import LimitHits, Timeline
from forge_emu.timeline.tracks import Attempt, Deferral, ScheduledRetry, Track
from forge_emu.timeline.windows import TrackOrder, TrackWindow

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
    "TrackOrder",
    "TrackWindow",
]
