"""Which settings are in force for an app: those of its emulator, or those a run would have."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from forge_emu.appdir import SETTINGS_NAME, load_settings
from forge_emu.commands.limits import LimitRow, limit_rows
from forge_emu.control.client import connect_client
from forge_emu.errors import NoEmulatorError, UserError
from forge_emu.model import LimitUsage
from forge_emu.settings import Preset, Settings, SettingValue


@dataclass(frozen=True)
class ActiveLimits:
    """Settings, who changed which of them, and their use where an emulator runs."""

    settings: Settings
    origins: Mapping[str, str]
    usage: Sequence[LimitUsage] = ()
    running: bool = False

    @property
    def preset(self) -> Preset:
        """The preset in force."""
        return self.settings.preset

    def rows(self, part: str) -> list[LimitRow]:
        """A row for each setting whose name holds `part`."""
        return limit_rows(self.settings, self.origins, self.usage, part)


class _ActiveSetting(msgspec.Struct):
    name: str
    value: SettingValue
    overridden: bool


class _LimitsAnswer(msgspec.Struct):
    preset: Preset
    settings: list[_ActiveSetting]
    usage: list[LimitUsage]


def active_limits(
    root: Path, preset: Preset | None, overrides: Mapping[str, SettingValue]
) -> ActiveLimits:
    """The numbers of the emulator of the app at `root`, unless a preset or overrides are given.

    Raises UserError, and ManifestError for a wrong `forge-emu.yml`.
    """
    if not root.is_dir():
        raise UserError(f"there is no directory {str(root)!r}", "Give the app's directory.")
    if preset is None and not overrides and (running := _running_limits(root)):
        return running
    in_file = load_settings(root)
    origins = dict.fromkeys(in_file.overrides, SETTINGS_NAME) | dict.fromkeys(overrides, "--set")
    settings = Settings(preset or in_file.preset or "current", {**in_file.overrides, **overrides})
    return ActiveLimits(settings, origins)


def _running_limits(root: Path) -> ActiveLimits | None:
    try:
        with connect_client(root) as client:
            answer = client.request("GET", "/v1/limits", _LimitsAnswer)
            app = Path(client.session.app or root)
    except NoEmulatorError:
        return None
    changed = {n.name: n.value for n in answer.settings if n.overridden}
    try:
        in_file = load_settings(app).overrides
    except UserError:
        # It was sound when the emulator started.
        in_file = {}
    # The emulator does not say who changed a setting; the file is as it was unless it was edited.
    origins = {
        name: SETTINGS_NAME if name in in_file and in_file[name] == value else "--set"
        for name, value in changed.items()
    }
    return ActiveLimits(Settings(answer.preset, changed), origins, answer.usage, running=True)
