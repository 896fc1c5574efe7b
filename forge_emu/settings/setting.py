"""The shape of a setting: its value under each preset, its source, and what meets it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Generic, Literal, TypeVar

import msgspec

from forge_emu.settings.rate import Rate, is_per_time
from forge_emu.settings.registry import DeclarationError, Registry, require_fields

T = TypeVar("T")
SettingValue = int | float | bool | str | None
Preset = Literal["current", "legacy", "off"]
PRESETS: Final = ("current", "legacy", "off")
SAME: Final = object()
"""The value of a preset that changes nothing."""

LATENCY_PROFILE_NAME: Final = "latency.profile"
"""The setting that chooses the profile of all latencies."""
LATENCY_PROFILES: Final = ("none", "typical", "slow")

EMULATOR_CHOICE: Final = "emulator choice"


class Setting(msgspec.Struct, Generic[T], frozen=True):
    """One named number or choice.

    `source` is a page of Atlassian's documentation with the date it was last changed, or "emulator
    choice". `met_by` says what reaches it and the error or effect that follows; `refuses` whether
    its name stands as `limit` in the records of refused pushes and calls, `may_pass` whether the
    same call can go through later. A nullable setting takes `none`: no such limit. A latency has a
    value under each of the `profiles`.

    Raises DeclarationError for a declaration that lacks something.
    """

    name: str
    default: T
    unit: str
    doc: str
    source: str = EMULATOR_CHOICE
    date: str = ""
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    maximum: float | None = None
    nullable: bool = False
    whole: bool = False
    profiles: Mapping[str, str] = msgspec.field(default_factory=dict)
    legacy: Any = SAME
    off: Any = SAME
    met_by: str = ""
    refuses: bool = False
    may_pass: bool = False

    def __post_init__(self) -> None:
        require_fields(self, "name", "doc", "source", "met_by")
        if (self.source == EMULATOR_CHOICE) is bool(self.date):
            raise DeclarationError(self.name, "a page has a `date`, an emulator choice has none")
        if is_per_time(self.unit) and not isinstance(self, RateSetting):
            raise DeclarationError(self.name, f"a limit in {self.unit} needs a `rate`")
        if not all(self.profiles.values()):
            raise DeclarationError(self.name, "it needs `typical` and `slow`")

    @property
    def is_latency(self) -> bool:
        """Whether its value is a model of `forge_emu.latency`."""
        return bool(self.profiles)

    def value_for(self, preset: Preset) -> T:
        """The value that `preset` gives."""
        value = {"current": SAME, "legacy": self.legacy, "off": self.off}[preset]
        return self.default if value is SAME else value


class RateSetting(Setting[int | None], frozen=True, kw_only=True):
    """A limit per time. Without a limit (`none`) it is counted all the same."""

    rate: Rate

    def __post_init__(self) -> None:
        super().__post_init__()
        self.rate.check(self.name, self.unit)

    @property
    def bytes_per_unit(self) -> int:
        """By what a counted amount is divided to be in the setting's unit; 1 unless it is bytes."""
        return self.rate.bytes_per_unit(self.unit)

    @property
    def only_where_set(self) -> bool:
        """Whether its use is shown only where the limit is in force: the platform has none."""
        return self.default is None


SETTINGS: Final[Registry[Setting[Any]]] = Registry()
"""Every setting."""
