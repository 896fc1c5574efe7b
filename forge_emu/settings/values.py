"""The values that are in force in a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar, overload

from forge_emu.settings.setting import (
    LATENCY_PROFILE_NAME,
    LATENCY_PROFILES,
    SETTINGS,
    Preset,
    Setting,
    SettingValue,
)

T = TypeVar("T")

VIRTUAL_EPOCH_MS: Final = 1_767_225_600_000
"""Virtual time begins at 2026-01-01T00:00:00Z in every run: an emulator choice."""


class Settings(Mapping[str, SettingValue]):
    """The values in force. Look up by constant for its type, or by name."""

    def __init__(
        self, preset: Preset = "current", overrides: Mapping[str, SettingValue] | None = None
    ) -> None:
        self.preset = preset
        self.overrides = dict(overrides or {})
        self._values: dict[str, SettingValue] = {
            setting.name: setting.value_for(preset) for setting in SETTINGS
        }
        profile = str(self.overrides.get(LATENCY_PROFILE_NAME, LATENCY_PROFILES[0]))
        latencies = [setting for setting in SETTINGS if setting.is_latency]
        self._values.update({each.name: each.profiles[profile] for each in latencies})
        self._values.update(self.overrides)
        self.changed_latencies = {
            each.name: str(self.overrides[each.name])
            for each in latencies
            if each.name in self.overrides
        }
        """The latencies that are set by themselves, whatever `latency.profile` says."""

    @overload
    def __getitem__(self, key: Setting[T]) -> T: ...
    @overload
    def __getitem__(self, key: str) -> SettingValue: ...
    def __getitem__(self, key: Setting[Any] | str) -> Any:
        return self._values[key if isinstance(key, str) else key.name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)
