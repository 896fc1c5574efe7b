"""The saved shapes of an engine's state: data only.

Shapes are arrays on disk, so a field may only be added at the end, with a default.
"""

from __future__ import annotations

from typing import Final

import msgspec

from forge_emu.engine.delivery.jobs import SavedJob
from forge_emu.engine.delivery.kind import SavedDelivery
from forge_emu.engine.delivery.product_events import SavedProductEvent
from forge_emu.engine.delivery.scheduled.schedules import SavedSchedule
from forge_emu.engine.installation import Installation
from forge_emu.engine.life_cycle import InstalledVersion
from forge_emu.engine.quota import QuotaUse
from forge_emu.engine.web_trigger_urls import SavedWebTriggerUrls
from forge_emu.model import Instant, Json, Millis, SavedPlace, StoredValue
from forge_emu.settings import longest_window
from forge_emu.site.collection import Place

_WINDOW: Final = longest_window()


class SavedInvocation(msgspec.Struct, frozen=True, array_like=True):
    """The invocation that is under way."""

    invocation_id: str
    function: str
    started_at: Instant


class DeliveryProgress(msgspec.Struct, frozen=True, array_like=True):
    """The fields of a delivery that change.

    `drop_reason` is set where it waits for being dropped at `due_at`, or was dropped or expired
    then and can still be replayed. The end of its retention window, and such a `due_at`, are those
    of an emulator that has run all the time.
    """

    state: str
    due_at: Instant
    attempts: int = 0
    retry_count: int = 0
    platform_errors: int = 0
    deferrals: int = 0
    retry_reason: str | None = None
    retry_data: Json = None
    window_end: Instant | None = None
    drop_reason: str | None = None
    attempt: SavedInvocation | None = None
    after_platform_error: bool = False
    asked_by: str | None = None


class QuotaCost(msgspec.Struct, frozen=True, array_like=True):
    """The cost counted at an instant: all of it, not what was added last.

    `place` is set for limits that hold for each key.
    """

    meter: str
    at: Instant
    cost: float
    place: SavedPlace | None = None


class EngineChanges(msgspec.Struct):
    """What has changed since the last call, keyed so that later changes replace earlier ones.

    Deliveries are numbered; `added` holds what never changes of new ones, `standing` the
    progress of each changed one, `ended` those that are no more. None stands for what has been
    removed, and for `paused` (`PausedQueues.snapshot`), `schedules` (by key), `web_triggers` and
    `installed` where they are unchanged.
    """

    added: dict[int, SavedDelivery] = {}
    standing: dict[int, DeliveryProgress] = {}
    ended: set[int] = set()
    jobs: dict[str, SavedJob | None] = {}
    values: dict[SavedPlace, StoredValue | None] = {}
    pushes: dict[str, int | None] = {}
    progress: dict[str, SavedProductEvent | None] = {}
    uses: list[QuotaCost] = []
    figures: dict[str, QuotaUse] = {}
    paused: tuple[str, ...] | None = None
    site: dict[Place, bytes | None] = {}
    schedules: dict[str, SavedSchedule] | None = None
    web_triggers: SavedWebTriggerUrls | None = None
    installed: InstalledVersion | None = None

    def __bool__(self) -> bool:
        """Whether anything has changed."""
        if any(each is not None for each in (self.paused, self.schedules, self.web_triggers)):
            return True
        return any(getattr(self, name) for name in self.__struct_fields__)

    def merge(self, later: EngineChanges) -> None:
        """Take in what has changed after these."""
        for number in later.ended:
            # One that was never saved need not be removed.
            if self.added.pop(number, None) is None:
                self.ended.add(number)
            self.standing.pop(number, None)
        self.added.update(later.added)
        self.standing.update(later.standing)
        self.jobs.update(later.jobs)
        self.values.update(later.values)
        self.pushes.update(later.pushes)
        self.progress.update(later.progress)
        self.uses.extend(later.uses)
        if later.uses and self.uses[0].at < (now := later.uses[-1].at) - 10 * _WINDOW:
            # No limit looks so far back.
            self.uses = [use for use in self.uses if use.at >= now - 2 * _WINDOW]
        self.figures.update(later.figures)
        self.site.update(later.site)
        self.paused = self.paused if later.paused is None else later.paused
        self.schedules = self.schedules if later.schedules is None else later.schedules
        self.web_triggers = self.web_triggers if later.web_triggers is None else later.web_triggers
        self.installed = later.installed or self.installed


class EngineSnapshot(msgspec.Struct):
    """A whole engine, as of the instant `at`. `seq` is the number of its last record, `away_ms`
    how long no emulator ran since the state began.

    `deliveries` are by number, in the order in which they came to be.
    """

    at: Instant
    seq: int
    installation: Installation
    away_ms: Millis = 0
    deliveries: dict[int, tuple[SavedDelivery, DeliveryProgress]] = {}
    jobs: dict[str, SavedJob] = {}
    values: dict[SavedPlace, StoredValue] = {}
    pushes: dict[str, int] = {}
    progress: dict[str, SavedProductEvent] = {}
    uses: list[QuotaCost] = []
    figures: dict[str, QuotaUse] = {}
    paused: tuple[str, ...] = ()
    site: dict[Place, bytes] = {}
    schedules: dict[str, SavedSchedule] = {}
    web_triggers: SavedWebTriggerUrls = SavedWebTriggerUrls()
    installed: InstalledVersion | None = None
