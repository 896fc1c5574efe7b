"""What a frame is drawn from: a snapshot of the emulator, and what the developer has selected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from forge_emu.errors import Problem
from forge_emu.model import Instant, LimitUsage, Millis
from forge_emu.report.summary import AttemptSeries
from forge_emu.settings import Settings
from forge_emu.timeline.timeline import Timeline
from forge_emu.timeline.windows import TrackOrder

Overlay = Literal["limits", "keys", "problems", "payload"]


class Snapshot(msgspec.Struct, frozen=True):
    """The emulator at one moment. Cheap to make: it refers to the timeline rather than copy it.

    `problems` are those of the last build if it failed, and empty once a build succeeds.
    """

    timeline: Timeline
    usage: Sequence[LimitUsage]
    now: Instant
    speed: float | None
    seed: int
    limits: str
    app_name: str
    url: str | None = None
    page: str | None = None
    """A link to the live page."""
    paused: bool = False
    stopping: bool = False
    problems: Sequence[Problem] = ()
    settings: Settings | None = None
    measured_speed: float | None = None
    next_run: str | None = None
    """The next run of a schedule in a few words."""
    web_triggers: Sequence[tuple[str, str]] = ()
    """Keys of web triggers, each with its address."""
    lag_ms: Millis = 0
    """In real time: how long an invocation has waited for this machine."""
    start_hint: str | None = None
    """What to type so that something happens."""
    attempts: AttemptSeries | None = None
    """Attempts over time."""


@dataclass
class Screen:
    """What the developer has chosen to see. `version` grows with every change."""

    selected: str | None = None
    """Id of the selected track."""
    filter: str = ""
    typing: bool = False
    """Whether keys go into the filter."""
    overlay: Overlay | None = None
    payload: dict[str, Any] | None = None
    """What is in the event that was opened, as `GET /v1/payload` answers it."""
    scroll: int = 0
    """First row of the overlay."""
    note: str = ""
    """A passing word, such as what a key has just done."""
    version: int = 0
    rows: list[str] = field(default_factory=list)
    """Ids of the tracks on the last frame and next to it, from the top: what keys move among."""
    order: TrackOrder = "due"
    """How the retried events are ordered."""
    records_focused: bool = False
    """Whether keys scroll the records rather than select an event."""
    last_record: int | None = None
    """Number of the last record shown; None follows what comes."""
    record_numbers: list[int] = field(default_factory=list)
    """Numbers of the records that the filter leaves, from the oldest: what keys scroll among."""
    record_texts: dict[int, str] = field(default_factory=dict)
    """Records by number as the filter sees them, in lower case."""
    record_rows: int = 0
    """How many records the last frame had room for."""


class ViewState(msgspec.Struct, frozen=True):
    """Everything that a frame shows: the emulator, and what is selected."""

    snapshot: Snapshot
    screen: Screen = msgspec.field(default_factory=Screen)
