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

    `function` is the key of its endpoint where it has one.
    """

    function: str
    interval: str
    next_due: Instant


class DueRun(NamedTuple):
    """A run of the schedule `key` that is due: since `due_at`, after `missed` others."""

    key: str
    due_at: Instant
    first_missed: Instant
    missed: int


class Schedules:
    """The scheduled triggers of the app with their due times.

    Nothing is due from `end` on. `extra` are runs that are asked for besides, with their times.
    """

    def __init__(self, settings: s.Settings) -> None:
        self._settings = settings
        self._planned: dict[str, SavedSchedule] = {}
        self._restored = False
        self.end: Instant | None = None
        self.extra: list[tuple[Instant, str]] = []
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
            key: old[key] if key in same else SavedSchedule(_target(t), t.interval, first)
            for key, t in wanted.items()
        }
        restored, self._restored = self._restored, False
        makes_up = self._settings[s.SCHEDULES_MISSED] == "one"
        return [] if makes_up or not restored else list(self.pop_due(now))

    def next_due(self) -> Instant | None:
        """When the first run is due, an extra one included."""
        own = [due for each in self._planned.values() if self._is_before_end(due := each.next_due)]
        return min((*own, *(at for at, _ in self.extra)), default=None)

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

    def pop_extra(self, now: Instant) -> list[str]:
        """The schedules of the extra runs that are due by `now`."""
        due = [key for at, key in sorted(self.extra) if at <= now]
        self.extra = [each for each in self.extra if each[0] > now]
        return due

    def _is_before_end(self, instant: Instant) -> bool:
        return self.end is None or instant < self.end


def _is_same(module: ScheduledTrigger, planned: SavedSchedule) -> bool:
    return (_target(module), module.interval) == (planned.function, planned.interval)


def _target(module: ScheduledTrigger) -> str:
    """The function or the endpoint that it names."""
    return module.endpoint or module.function
