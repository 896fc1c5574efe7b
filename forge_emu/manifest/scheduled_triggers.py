"""`modules.scheduledTrigger`: a function or endpoint that runs again and again.

https://developer.atlassian.com/platform/forge/manifest-reference/modules/scheduled-trigger/
(2026-06-17), and the schema of `@forge/manifest` 13.7.0.
"""

from __future__ import annotations

from collections.abc import Sequence

from forge_emu import settings as s
from forge_emu.errors import Problem
from forge_emu.manifest.targets.module_reader import TARGETS, ModuleReader
from forge_emu.model import SCHEDULE_INTERVALS, App, ScheduledTrigger
from forge_emu.yamlsource import typed_reading
from forge_emu.yamlsource.findings import join_names
from forge_emu.yamlsource.nodes import Part

_PROPERTIES = frozenset({"key", "interval", "filter", *TARGETS})


class ScheduledTriggerReader(ModuleReader[ScheduledTrigger]):
    """Reads scheduled triggers of `functions` and `endpoints`."""

    def read_entry(self, part: Part) -> None:
        """Read one entry of `modules.scheduledTrigger`."""
        if not self._begin_entry(part, _PROPERTIES, "a scheduled trigger"):
            return
        key = self._keys.read_key(part)
        interval = self._interval(part)
        licensed_only = self._licensed_only(part)
        target = self._read_target(part, key, "scheduledTrigger", "schedule-target")
        if target is None:
            return
        function, endpoint = target
        if key is not None and interval is not None:
            self.modules.append(
                ScheduledTrigger(
                    key,
                    function,
                    interval,
                    part.place.line,
                    endpoint,
                    licensed_only,
                    part.place.column,
                )
            )

    def _interval(self, part: Part) -> str | None:
        value = typed_reading.read_required_text(
            self._findings,
            part,
            "interval",
            f"It is one of {join_names(tuple(SCHEDULE_INTERVALS))}.",
        )
        at = part.get("interval")
        if value is None or at is None:
            return None
        if value not in SCHEDULE_INTERVALS:
            self._findings.error(
                at,
                f"{at.name} cannot be {value[:60]!r}",
                self._findings.did_you_mean(value, SCHEDULE_INTERVALS)
                or f"It is one of: {join_names(tuple(SCHEDULE_INTERVALS))}.",
                "schedule-interval",
            )
            return None
        return value

    def _licensed_only(self, part: Part) -> bool:
        """Its filter, which has nothing but `appIsLicensed`."""
        at = part.get("filter")
        if at is None or not typed_reading.require_mapping(self._findings, at):
            return False
        typed_reading.warn_unknown_properties(
            self._findings, at, frozenset({"appIsLicensed"}), "the filter of a scheduled trigger"
        )
        licensed = at.get("appIsLicensed")
        return bool(licensed and typed_reading.read_bool(self._findings, licensed))


def schedule_number_problems(app: App, settings: s.Settings) -> list[Problem]:
    """An error for each scheduled trigger over the number that an app may have."""
    every_five = [t for t in app.scheduled_triggers if t.interval == "fiveMinute"]
    return [
        *_excess(app, settings, s.SCHEDULES_PER_APP, app.scheduled_triggers, "scheduled triggers"),
        *_excess(
            app,
            settings,
            s.SCHEDULES_FIVE_MINUTE_PER_APP,
            every_five,
            "scheduled triggers with the interval fiveMinute",
        ),
    ]


def _excess(
    app: App,
    settings: s.Settings,
    limit: s.Setting[int | None],
    found: Sequence[ScheduledTrigger],
    what: str,
) -> list[Problem]:
    most = settings[limit]
    if most is None:
        return []
    return [
        Problem(
            app.manifest,
            each.line,
            each.column,
            f"the scheduled trigger {each.key!r} is one too many: the app has {len(found)} {what},"
            f" {most} {'is' if most == 1 else 'are'} allowed ({limit.name})",
            "One schedule can push events to several queues: let it do the work of two.",
            "error",
            "schedule-number",
        )
        for each in found[most:]
    ]
