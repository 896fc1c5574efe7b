"""The settings of a run."""

from __future__ import annotations

from collections.abc import Mapping

from forge_emu.appdir import LoadedApp
from forge_emu.settings import Preset, Settings, SettingValue


def merged_settings(
    loaded: LoadedApp, preset: Preset | None, overrides: Mapping[str, SettingValue]
) -> Settings:
    """The effective settings: the command line overrides `forge-emu.yml`."""
    return Settings(preset or loaded.preset or "current", {**loaded.overrides, **overrides})
