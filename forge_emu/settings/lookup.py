"""Finds what is declared. Every answer is that of the moment: nothing is listed twice."""

from __future__ import annotations

from typing import Any

from forge_emu.model import Millis
from forge_emu.settings.rate import Resource
from forge_emu.settings.setting import SETTINGS, RateSetting, Setting


def all_settings() -> tuple[Setting[Any], ...]:
    """Every setting, in the order of the catalogue."""
    return tuple(SETTINGS)


def find_setting(name: str) -> Setting[Any] | None:
    """The setting of this name; None where there is none."""
    return SETTINGS.find(name)


def rates(counts: Resource | None = None, *, per_key: bool | None = None) -> list[RateSetting]:
    """The limits per time, in the order of the catalogue.

    With `counts` those of a resource; with `per_key` those that hold for each key or partition
    alone, or (False) those of the whole installation.
    """
    return [
        setting
        for setting in SETTINGS
        if isinstance(setting, RateSetting)
        and counts in (None, setting.rate.counts)
        and per_key in (None, setting.rate.per != "installation")
    ]


def find_rate(name: str) -> RateSetting | None:
    """The limit per time of this name; None where there is none."""
    found = SETTINGS.find(name)
    return found if isinstance(found, RateSetting) else None


def longest_window() -> Millis:
    """The longest time over which a limit counts costs one by one."""
    return max(setting.rate.window for setting in rates() if not setting.rate.is_long)
