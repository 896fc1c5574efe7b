"""The words of the catalogue: one function for each kind of setting, which also registers it."""

from __future__ import annotations

from typing import Any, TypeVar

from forge_emu.latency import LATENCY_FORMS
from forge_emu.settings.rate import POINTS, Rate
from forge_emu.settings.registry import DeclarationError
from forge_emu.settings.setting import (
    EMULATOR_CHOICE,
    LATENCY_PROFILES,
    SAME,
    SETTINGS,
    RateSetting,
    Setting,
)

S = TypeVar("S", bound=Setting[Any])


def _declare(setting: S) -> S:
    SETTINGS.declare(setting)
    return setting


def limit(
    name: str,
    default: int | None,
    unit: str,
    source: str = EMULATOR_CHOICE,
    date: str = "",
    *,
    doc: str = "",
    met_by: str = "",
    refuses: bool = False,
    may_pass: bool = False,
    legacy: object = SAME,
    off: object = None,
    minimum: int = 1,
) -> Setting[int | None]:
    """A whole number that may be `none`, and usually is under the preset `off`."""
    return _declare(
        Setting(
            name, default, unit, doc, source, date, minimum=minimum, nullable=True, whole=True,
            legacy=legacy, off=off, met_by=met_by, refuses=refuses, may_pass=may_pass,
        )
    )  # fmt: skip


def rate_limit(
    name: str,
    default: int | None,
    unit: str,
    source: str = EMULATOR_CHOICE,
    date: str = "",
    *,
    rate: Rate | None = None,
    doc: str = "",
    met_by: str = "",
    legacy: object = SAME,
    off: object = None,
) -> RateSetting:
    """A limit per time: a whole number that may be `none`. One of invocations makes retries, the
    others refuse."""
    if rate is None:
        raise DeclarationError(name, "it needs a `rate`")
    return _declare(
        RateSetting(
            name, default, unit, doc, source, date, minimum=1, nullable=True, whole=True,
            legacy=legacy, off=off, met_by=met_by, rate=rate,
            refuses=rate.counts in ("pushed_events", "store_calls", *POINTS.values()),
        )
    )  # fmt: skip


def number(
    name: str,
    default: float,
    unit: str,
    source: str = EMULATOR_CHOICE,
    date: str = "",
    *,
    doc: str = "",
    met_by: str = "",
    minimum: float | None = 0,
    maximum: float | None = None,
) -> Setting[float]:
    """A number within bounds."""
    return _declare(
        Setting(
            name, default, unit, doc, source, date, minimum=minimum, maximum=maximum, met_by=met_by
        )
    )


def count(
    name: str,
    default: int,
    unit: str,
    source: str = EMULATOR_CHOICE,
    date: str = "",
    *,
    doc: str = "",
    met_by: str = "",
    minimum: int = 0,
) -> Setting[int]:
    """Declare a whole number."""
    return _declare(
        Setting(name, default, unit, doc, source, date, minimum=minimum, whole=True, met_by=met_by)
    )


def choice(
    name: str,
    choices: tuple[str, ...],
    source: str = EMULATOR_CHOICE,
    date: str = "",
    *,
    doc: str = "",
    met_by: str = "",
    refuses: bool = False,
) -> Setting[str]:
    """One of a few words; the first is the default."""
    return _declare(
        Setting(
            name, choices[0], "", doc, source, date, choices=choices, met_by=met_by,
            refuses=refuses,
        )
    )  # fmt: skip


def latency(
    name: str,
    source: str = EMULATOR_CHOICE,
    date: str = "",
    *,
    typical: str = "",
    slow: str = "",
    doc: str = "",
    met_by: str = "",
) -> Setting[str]:
    """A model of `forge_emu.latency` under each profile; under `none` it is 0."""
    text = f"{doc} {LATENCY_FORMS}." if doc else ""
    profiles = dict(zip(LATENCY_PROFILES, ("0", typical, slow), strict=True))
    return _declare(Setting(name, "0", "", text, source, date, profiles=profiles, met_by=met_by))


def flag(name: str, default: bool, *, doc: str = "", met_by: str = "") -> Setting[bool]:
    """Declare a choice between true and false."""
    return _declare(Setting(name, default, "", doc, met_by=met_by))
