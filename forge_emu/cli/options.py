"""Options and values that several commands share."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import click
from rich.console import Console

from forge_emu.model import Millis

color_option = click.option(
    "--color/--no-color", default=None, help="Colours.  [default: on a terminal]"
)

app_option = click.option(
    "--app", "app_dir", default=".", type=click.Path(path_type=Path), metavar="DIR",
    help="The app whose emulator is meant.  [default: the one you stand in]",
)  # fmt: skip

_UNITS: dict[str, float] = {"ms": 1, "s": 1_000, "m": 60_000, "min": 60_000, "h": 3_600_000}


def duration(text: str) -> Millis:
    """`10s`, `500ms`, `2m`, `1.5h` in milliseconds. Anything else is a usage error."""
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?)\s*(ms|s|m|min|h)", text.strip())
    if match is None:
        raise click.BadParameter(f"{text!r} is no span of time; write 10s, 500ms or 2m")
    return round(float(match[1]) * _UNITS[match[2]])


def rate(text: str) -> float:
    """`50/s`, `600/min` or a bare number a second, in events per second."""
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?)(?:/(s|m|min|h))?", text.strip())
    if match is None or float(match[1]) <= 0:
        raise click.BadParameter(f"{text!r} is no rate; write 50/s or 600/min")
    return float(match[1]) * 1_000 / _UNITS[match[2] or "s"]


def speed(text: str) -> float:
    """`60` or `60x`: emulated seconds per real second."""
    try:
        value = float(text.removesuffix("x"))
    except ValueError:
        value = 0.0
    if not 0.001 <= value <= 100_000:
        raise click.BadParameter(f"{text!r} is no speed; write a number such as 60")
    return value


def consoles(color: bool | None) -> tuple[Console, Console]:
    """A console for stdout and one for stderr."""
    plain = True if color is False else None
    forced = True if color else None
    return (
        Console(file=sys.stdout, no_color=plain, force_terminal=_terminal(sys.stdout, forced)),
        Console(file=sys.stderr, no_color=plain, force_terminal=_terminal(sys.stderr, forced)),
    )


def _terminal(stream: object, forced: bool | None) -> bool | None:
    # FORCE_COLOR of a CI system means colours, not cursor movements.
    if forced or os.environ.get("FORCE_COLOR"):
        return forced
    return None
