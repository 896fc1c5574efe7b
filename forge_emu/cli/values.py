"""How values of options and arguments are read: spans of time, rates, speeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from forge_emu.arrivals import FASTEST, LONGEST_SPREAD, read_count, read_rate
from forge_emu.durations import read_duration
from forge_emu.model import Millis

if TYPE_CHECKING:
    from forge_emu.control.push_contract import PushConcurrency


if TYPE_CHECKING:
    _Number = click.ParamType[int]
else:
    # Older releases of click have it without a parameter.
    _Number = click.ParamType


class Count(_Number):
    """A whole number from `least` to `most`, written as `1000`, `1_000` or `1k`."""

    name = "number"

    def __init__(self, least: int, most: int) -> None:
        self.least = least
        self.most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """`value` as a number. Raises a usage error."""
        number = value if isinstance(value, int) else read_count(str(value))
        if number is None or not self.least <= number <= self.most:
            self.fail(
                f"{str(value)!r} is no number from {self.least:,} to {self.most:,}; write 1000, "
                "1_000 or 1k",
                param,
                ctx,
            )
        return number


def duration(text: str) -> Millis:
    """`10s`, `500ms`, `2m`, `1.5h` in milliseconds. Anything else is a usage error."""
    span = read_duration(text)
    if span is None and text.startswith("-") and (later := read_duration(text[1:])) is not None:
        positive = text[1:] if later else "10s"
        raise click.BadParameter(f"{text!r}: no span of time is negative; write {positive}")
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
