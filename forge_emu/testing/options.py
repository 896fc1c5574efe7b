"""What a test may say of an emulator, and what is made of it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, TypedDict, get_args

import msgspec

from forge_emu.durations import read_duration
from forge_emu.emulator.initial_state.store_values import (
    PlacedEntry,
    decode_store_values,
    read_store_file,
)
from forge_emu.errors import UserError
from forge_emu.model import Json, Millis
from forge_emu.nearest import nearest_hint
from forge_emu.settings import Preset, SettingValue
from forge_emu.settings.parse import parse_setting

_PRESETS: Final = ", ".join(get_args(Preset))


class EmulatorOptions(TypedDict, total=False):
    """The options of an emulator for tests, all of which may be left out."""

    virtual: bool
    """Whether time moves only when it is told to, and waits for nothing: the default. Without it
    time is real, and goes on while a method of the emulator waits."""
    seed: int
    """The seed of chance and ids: 1 by default. The same seed gives the same records."""
    limits: Preset
    """`current`, `legacy` or `off`; by default that of `forge-emu.yml`, else `current`."""
    latency: str
    """How long the platform takes: `none`, `typical` or `slow`."""
    settings: Mapping[str, object]
    """Settings by name, as with `--set`: `{"limits.kvs.write_units_per_minute": 100}`."""
    faults: Sequence[str]
    """Faults as with `--fault`: `["kvs.error=5%"]`."""
    kvs: Mapping[str, Json] | str | Path
    """What the store begins with: keys and values, or a file as of `kvs export`."""
    site: str | Path
    """A file for the site to begin with, as with `--site`."""
    variables: Mapping[str, str]
    """Variables of the app and of its manifest, as with `--env-file`."""
    network: bool
    """Whether requests to the outside go out: they do not by default."""
    install: bool
    """Whether a missing bundler may be installed from npm."""


def check_options(options: EmulatorOptions) -> None:
    """Raises UserError for an option that there is not."""
    for name in options:
        if name not in EmulatorOptions.__annotations__:
            known = sorted(EmulatorOptions.__annotations__)
            hint = nearest_hint(name, known, f"There are {', '.join(known)}.")
            raise UserError(f"an emulator has no option {name!r}", hint)


def app_folder(app: str | os.PathLike[str]) -> Path:
    """The app's directory. Raises UserError where there is none."""
    folder = Path(app)
    if not folder.is_dir():
        raise UserError(f"{str(app)!r} is no directory", "Give the directory of manifest.yml.")
    return folder.resolve()


def read_preset(options: EmulatorOptions) -> Preset | None:
    """The preset of the limits, if one is given. Raises UserError for one that there is not."""
    preset = options.get("limits")
    if preset is not None and preset not in get_args(Preset):
        raise UserError(f"limits: there is no preset {preset!r}", f"There is {_PRESETS}.")
    return preset


def read_settings(options: EmulatorOptions) -> dict[str, SettingValue]:
    """The settings by name. Raises UserError for an unknown one or a wrong value."""
    given = dict(options.get("settings", {}))
    if "latency" in options:
        given["latency.profile"] = options["latency"]
    return {name: parse_setting(name, value, "settings") for name, value in given.items()}


def read_store(options: EmulatorOptions) -> tuple[PlacedEntry, ...]:
    """What the store begins with. Raises UserError."""
    kvs = options.get("kvs", {})
    if isinstance(kvs, Mapping):
        return decode_store_values(json_bytes(dict(kvs), "kvs"), "kvs")
    return read_store_file(Path(kvs), "kvs")


def milliseconds(span: str | float) -> Millis:
    """A span such as `15m`, or seconds, in milliseconds. Raises UserError."""
    read = read_duration(span) if isinstance(span, str) else round(span * 1000)
    if read is None or read < 0:
        raise UserError(f"{span!r} is no span of time", "Write '15m', '1.5h', or seconds.")
    return read


def json_bytes(value: object, name: str) -> bytes:
    """`value` as JSON. Raises UserError for what cannot be written so; `name` says which it is."""
    try:
        return msgspec.json.encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise UserError(
            f"{name} cannot be {repr(value)[:60]}: {error}",
            "Give what JSON can hold: texts, numbers, truth values, None, lists and dictionaries.",
        ) from None


def set_text(value: object, path: str) -> str:
    """A value of `sets`, at `path`, as `--set` takes it: a text as it is, any other as JSON."""
    return value if isinstance(value, str) else json_bytes(value, path).decode()
