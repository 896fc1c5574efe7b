"""How values of options and arguments are read: spans of time, rates, speeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from forge_emu.arrivals import FASTEST, LONGEST_SPREAD, read_rate
from forge_emu.durations import read_duration
from forge_emu.model import Millis

if TYPE_CHECKING:
    from forge_emu.control.push_contract import PushConcurrency


def duration(text: str) -> Millis:
    """`10s`, `500ms`, `2m`, `1.5h` in milliseconds. Anything else is a usage error."""
    span = read_duration(text)
    if span is None:
        raise click.BadParameter(f"{text!r} is no span of time; write 10s, 500ms or 2m")
    return span


def rate(text: str) -> float:
    """`50/s`, `600/min` or a bare number a second, in events per second."""
    value = read_rate(text)
    if value is None:
        raise click.BadParameter(
            f"{text!r} is no rate; write 50/s or 600/min, up to {FASTEST:,.0f}/s"
        )
    return value


def spread(text: str) -> Millis:
    """A duration of up to a year."""
    span = duration(text)
    if span > LONGEST_SPREAD:
        raise click.BadParameter(f"{text!r} is too long; it is up to a year (8760h)")
    return span


def speed(text: str) -> float:
    """`60` or `60x`: emulated seconds per real second."""
    try:
        value = float(text.removesuffix("x"))
    except ValueError:
        value = 0.0
    if not 0.001 <= value <= 100_000:
        raise click.BadParameter(f"{text!r} is no speed; write a number such as 60")
    return value


def concurrency(text: str) -> PushConcurrency:
    """`KEY:LIMIT`: a concurrency key and how many events of it may be handled at once."""
    from forge_emu.control.push_contract import read_concurrency

    if (found := read_concurrency(text)) is None:
        raise click.BadParameter(f"{text!r} is no key with a limit; write account-7:2")
    return found
