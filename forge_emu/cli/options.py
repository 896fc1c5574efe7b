"""Options and values that several commands share."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TextIO

import click
from rich.console import Console

from forge_emu.cli import completions
from forge_emu.control.contract import FASTEST, LONGEST_SPREAD, SLOWEST
from forge_emu.durations import MILLIS_PER_UNIT, read_duration
from forge_emu.model import Millis
from forge_emu.settings import DELIVERY_ORDER
from forge_emu.settings.faults import FAULTS

color_option = click.option(
    "--color/--no-color", default=None, help="Colours.  [default: on a terminal]"
)

app_option = click.option(
    "--app", "app_dir", default=".", type=click.Path(path_type=Path), metavar="DIR",
    help="The app whose emulator is meant.  [default: the one you stand in]",
)  # fmt: skip

report_option = click.option(
    "--report", type=click.Path(path_type=Path), metavar="FILE.html",
    help="Write a page that shows the run, when it ends.",
)  # fmt: skip

trace_option = click.option(
    "--trace", type=click.Path(path_type=Path), metavar="FILE.json",
    help="Write a trace for https://ui.perfetto.dev, when it ends.",
)  # fmt: skip

order_option = click.option(
    "--order", type=click.Choice(DELIVERY_ORDER.choices),
    help="Order among events due at the same instant: by chance, or as pushed.  "
    "[default: shuffle]",
)  # fmt: skip

fault_option = click.option(
    "--fault", "faults", multiple=True, metavar="FAULT", shell_complete=completions.faults,
    help="Let the platform fail by chance: "
    f"{', '.join(f'{kind.name}={kind.example}' for kind in FAULTS)}, each with a window such as "
    "@10m..20m if you like; may be repeated.",
)  # fmt: skip


def _own_or_group_app(ctx: click.Context, param: click.Parameter, value: Path | None) -> Path:
    """A command's own --app, else that of its group."""
    outer = ctx.parent.params.get("app_dir") if ctx.parent else None
    return value or outer or Path()


inner_app_option = click.option(
    "--app", "app_dir", type=click.Path(path_type=Path), metavar="DIR", callback=_own_or_group_app,
    help="The app whose emulator is meant.  [default: the one you stand in]",
)  # fmt: skip


def duration(text: str) -> Millis:
    """`10s`, `500ms`, `2m`, `1.5h` in milliseconds. Anything else is a usage error."""
    span = read_duration(text)
    if span is None:
        raise click.BadParameter(f"{text!r} is no span of time; write 10s, 500ms or 2m")
    return span


def rate(text: str) -> float:
    """`50/s`, `600/min` or a bare number a second, in events per second."""
    match = re.fullmatch(r"(\d{1,9}(?:\.\d{1,6})?)(?:/(s|m|min|h))?", text.strip())
    if match is None:
        raise click.BadParameter(f"{text!r} is no rate; write 50/s or 600/min")
    value = float(match[1]) * 1_000 / MILLIS_PER_UNIT[match[2] or "s"]
    if not SLOWEST <= value <= FASTEST:
        raise click.BadParameter(f"{text!r} is too slow or too fast; it is up to {FASTEST:,.0f}/s")
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


class _PipeConsole(Console):
    def on_broken_pipe(self) -> None:
        """Let the command end as it sees fit; rich would exit with 1."""
        raise BrokenPipeError


def consoles(color: bool | None) -> tuple[Console, Console]:
    """A console for stdout and one for stderr."""
    return _console(sys.stdout, color), _console(sys.stderr, color)


def _console(stream: TextIO, color: bool | None) -> Console:
    if color is None and not os.environ.get("NO_COLOR") and os.environ.get("FORCE_COLOR"):
        color = True
    terminal = stream.isatty()
    return _PipeConsole(
        file=stream,
        # `:cloud:` in an app's id is no picture.
        emoji=False,
        # Colours that were asked for make no terminal: cursor movements stay out of files.
        force_terminal=terminal,
        color_system="256" if color and not terminal else "auto",
        no_color=None if color is None else not color,
    )
