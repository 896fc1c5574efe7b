"""When each scheduled trigger is due next: some time after its load, then at every interval.

https://developer.atlassian.com/platform/forge/manifest-reference/modules/scheduled-trigger/
(2026-06-17)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import msgspec

from forge_emu import settings as s
from forge_emu.model import SCHEDULE_INTERVALS, App, Instant, ScheduledTrigger, seconds_to_ms


class SavedSchedule(msgspec.Struct, frozen=True, array_like=True):
    """When a scheduled trigger is due next, and what the manifest said of it by then.

    `function` is the key of its endpoint where it has one. `last_outcome` is how its last run
    ended, at `last_ended`.
    """

    function: str
    interval: str
    next_due: Instant
    paused: bool = False
    last_ended: Instant | None = None
    last_outcome: str | None = None


class DueRun(NamedTuple):
    """A run of the schedule `key` that is due: since `due_at`, after `missed` others."""

    key: str
    due_at: Instant
    first_missed: Instant
    missed: int


class Schedules:
    """The scheduled triggers of the app with their due times.

    Nothing is due from `end` on.
    """

    def __init__(self, settings: s.Settings) -> None:
        self._settings = settings
        self._planned: dict[str, SavedSchedule] = {}
        self._restored = False
        self.end: Instant | None = None
        self.changed = False
        """Whether something changed since it was last saved."""

    @property
    def snapshot(self) -> dict[str, SavedSchedule]:
        """What is saved, by key."""
        return dict(self._planned)

    def restore(self, saved: dict[str, SavedSchedule]) -> None:
        """Go on with the due times of before a restart."""
        self._planned = dict(saved)
        self._restored = True

    def use_app(self, app: App, now: Instant) -> list[DueRun]:
        """Plan the schedules of `app`; those that are as they were keep their due times.

        Answers the runs that were missed while no emulator ran and are not made up for.
        """
        wanted = {t.key: t for t in app.scheduled_triggers}
        old = self._planned
        same = {key for key in wanted.keys() & old.keys() if _is_same(wanted[key], old[key])}
        if len(same) < max(len(wanted), len(old)):
            if self._settings[s.SCHEDULES_CHANGED] == "reset_all":
                same = set()
            self.changed = True
        first = now + seconds_to_ms(self._settings[s.SCHEDULES_FIRST_RUN_SECONDS])
        self._planned = {
            key: old[key] if key in same else _begun(t, first, old.get(key))
            for key, t in wanted.items()
        }
        restored, self._restored = self._restored, False
        makes_up = self._settings[s.SCHEDULES_MISSED] == "one"
        return [] if makes_up or not restored else list(self.pop_due(now))

    def next_due(self) -> Instant | None:
        """When the first run is due, one that is skipped included."""
        own = (due for each in self._planned.values() if self._is_before_end(due := each.next_due))
        return min(own, default=None)

    def next_due_of(self, key: str) -> Instant | None:
        """When the schedule `key` is due; None when it is not planned."""
        found = self._planned.get(key)
        return found.next_due if found and self._is_before_end(found.next_due) else None

    def function_of(self, key: str) -> str:
        """The function or endpoint of the schedule `key`; empty when it is not planned."""
        found = self._planned.get(key)
        return "" if found is None else found.function

    def pop_due(self, now: Instant) -> Iterator[DueRun]:
        """The runs that are due by `now`, the first due first; their schedules go on."""
        if self.end is not None:
            now = min(now, self.end - 1)
        due = [(each.next_due, key) for key, each in self._planned.items() if each.next_due <= now]
        for first, key in sorted(due, key=lambda each: each[0]):
            planned = self._planned[key]
            interval = SCHEDULE_INTERVALS[planned.interval]
            missed = (now - first) // interval
            last = first + missed * interval
            self._planned[key] = msgspec.structs.replace(planned, next_due=last + interval)
            self.changed = True
            yield DueRun(key, last, first, missed)

    def is_paused(self, key: str) -> bool:
        """Whether the schedule `key` is paused."""
        found = self._planned.get(key)
        return found is not None and found.paused

    def set_paused(self, key: str, paused: bool) -> bool:
        """Pause or resume the schedule `key`; False where it was so already."""
        found = self._planned.get(key)
        if found is None or found.paused is paused:
            return False
        self._planned[key] = msgspec.structs.replace(found, paused=paused)
        self.changed = True
        return True

    def note_end(self, key: str, outcome: str, now: Instant) -> None:
        """Keep how the last run of the schedule `key` ended."""
        if (found := self._planned.get(key)) is not None:
            self._planned[key] = msgspec.structs.replace(
                found, last_ended=now, last_outcome=outcome
            )
            self.changed = True

    def _is_before_end(self, instant: Instant) -> bool:
        return self.end is None or instant < self.end


def _is_same(module: ScheduledTrigger, planned: SavedSchedule) -> bool:
    return (_target(module), module.interval) == (planned.function, planned.interval)


def _begun(module: ScheduledTrigger, first: Instant, old: SavedSchedule | None) -> SavedSchedule:
    """A schedule with a new start; a pause and the last outcome of its key stay."""
    new = SavedSchedule(_target(module), module.interval, first)
    if old is None:
        return new
    return msgspec.structs.replace(
        new, paused=old.paused, last_ended=old.last_ended, last_outcome=old.last_outcome
    )


def _target(module: ScheduledTrigger) -> str:
    """The function or the endpoint that it names."""
    return module.endpoint or module.function
