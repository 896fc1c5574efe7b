"""Every number in force: its value, where it comes from, what reaches it, and its present use.

Beside them the rules that refuse without a number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from forge_emu import settings as s
from forge_emu.model import LimitUsage
from forge_emu.settings import EMULATOR_CHOICE, Setting, Settings, SettingValue
from forge_emu.settings.refusals import REFUSALS

SITE = "https://developer.atlassian.com/platform/forge/"


class LimitRow(msgspec.Struct, frozen=True):
    """A setting. `origin` is `platform`, `emulator choice`, `preset legacy`, or who changed it.

    `platform_value` is what the source says today; `used` and the like are None unless an emulator
    runs and the setting limits a rate.
    """

    name: str
    value: SettingValue
    unit: str
    origin: str
    platform_value: SettingValue
    source: str
    date: str
    hit_by: str
    doc: str
    used: float | None = None
    peak: float | None = None
    hits: int | None = None

    @property
    def changed(self) -> bool:
        """Whether somebody has changed it from what the platform, or forge-emu, has today."""
        return self.origin not in ("platform", EMULATOR_CHOICE)


def limit_rows(
    settings: Settings,
    origins: Mapping[str, str],
    usage: Sequence[LimitUsage] = (),
    part: str = "",
) -> list[LimitRow]:
    """A row for each setting whose name holds `part`. `origins` says who changed a setting."""
    in_use = {use.name: use for use in usage}
    return [
        _limit_row(setting, settings, origins.get(setting.name), in_use.get(setting.name))
        for setting in s.all_settings()
        if part.lower() in setting.name
    ]


def _limit_row(
    setting: Setting[Any], settings: Settings, changed_by: str | None, use: LimitUsage | None
) -> LimitRow:
    is_choice = setting.source == EMULATOR_CHOICE
    origin = EMULATOR_CHOICE if is_choice else "platform"
    if setting.value_for(settings.preset) != setting.default:
        origin = f"preset {settings.preset}"
    return LimitRow(
        name=setting.name,
        value=settings[setting.name],
        unit=setting.unit,
        origin=changed_by or origin,
        platform_value=setting.default,
        source=setting.source if is_choice else _source_url(setting.source),
        date=setting.date,
        hit_by=setting.met_by,
        doc=setting.doc,
        used=use.used if use else None,
        peak=use.peak if use else None,
        hits=use.hits if use else None,
    )


class RuleRow(msgspec.Struct, frozen=True):
    """A rule that refuses and is no setting: what it refuses, and what the app sees."""

    name: str
    refuses: str
    seen: str
    source: str
    date: str


def rule_rows(part: str = "") -> list[RuleRow]:
    """A row for each rule whose name holds `part`."""
    return [
        RuleRow(
            name=rule.name,
            refuses=rule.refuses,
            seen=rule.seen,
            source=rule.source if rule.source == EMULATOR_CHOICE else _source_url(rule.source),
            date=rule.date,
        )
        for rule in REFUSALS
        if part.lower() in rule.name
    ]


def _source_url(source: str) -> str:
    if source.endswith("/") or source.startswith("changelog/"):
        return SITE + source
    return f"https://{source}" if source.startswith("community.") else source
