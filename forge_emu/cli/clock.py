"""`forge-emu clock`: look at the emulated time of a running emulator, move it, stop it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import msgspec

from forge_emu.cli import options as o
from forge_emu.cli import values
from forge_emu.clock import sleep
from forge_emu.console.format import plural, speed_text
from forge_emu.control.client import Client, connect_client
from forge_emu.control.contract import ClockOrder, ClockState
from forge_emu.model import Millis
from forge_emu.offsets import offset_text

_POLL_SECONDS = (0.01, 0.02, 0.05, 0.1, 0.25)
"""Real seconds between polls of a clock that is being moved; the last one repeats."""


def _clock_options(command: Callable[..., Any]) -> Callable[..., Any]:
    return o.inner_app_option(o.json_option(command))


@click.group(
    invoke_without_command=True,
    epilog="Example: forge-emu clock pause, then: forge-emu clock advance 15m",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@o.app_option
@click.pass_context
def clock(ctx: click.Context, app_dir: Path) -> None:
    """Look at the emulated time of the running emulator, move it, or stop it.

    Without a command it shows where time stands.

    Moving goes from one due time to the next, so that everything happens at its own time, and waits
    for running handlers: time passes while a handler runs, but never jumps.
    """
    if ctx.invoked_subcommand is None:
        ctx.invoke(show, app_dir=app_dir)


@clock.command(epilog="Example: forge-emu clock show --json")
@_clock_options
def show(app_dir: Path, as_json: bool) -> None:
    """Show where time stands and what is due."""
    with connect_client(app_dir) as client:
        _print_state(client.clock_state(), as_json)


@clock.command(epilog="Example: forge-emu clock advance 15m")
@click.argument("span", type=values.spread)
@_clock_options
def advance(span: Millis, app_dir: Path, as_json: bool) -> None:
    """Move time on by SPAN, such as 90s, 15m or 24h."""
    _send_order(app_dir, ClockOrder("advance", span_ms=span), as_json)


@clock.command(name="next", epilog="Example: forge-emu clock next")
@_clock_options
def next_(app_dir: Path, as_json: bool) -> None:
    """Move time on to the next due time."""
    _send_order(app_dir, ClockOrder("next"), as_json)


@clock.command(name="until-idle", epilog="Example: forge-emu clock until-idle")
@_clock_options
def until_idle(app_dir: Path, as_json: bool) -> None:
    """Move time on until every event has ended."""
    _send_order(app_dir, ClockOrder("until-idle"), as_json)


@clock.command(name="pause", epilog="Example: forge-emu clock pause")
@_clock_options
def pause_(app_dir: Path, as_json: bool) -> None:
    """Let time stand still."""
    _send_order(app_dir, ClockOrder("pause"), as_json)


@clock.command(epilog="Example: forge-emu clock resume")
@_clock_options
def resume(app_dir: Path, as_json: bool) -> None:
    """Let time go on."""
    _send_order(app_dir, ClockOrder("resume"), as_json)


@clock.command(epilog="Example: forge-emu clock speed 60")
@click.argument("speed", type=values.speed)
@_clock_options
def speed(speed: float, app_dir: Path, as_json: bool) -> None:
    """Let SPEED emulated seconds pass in a real one."""
    _send_order(app_dir, ClockOrder("speed", speed=speed), as_json)


def _send_order(app_dir: Path, order: ClockOrder, as_json: bool) -> None:
    """Send an order and wait until it is done. Ctrl-C ends the waiting alone."""
    with connect_client(app_dir) as client:
        state = _wait_until_settled(client, client.set_clock(order))
        _print_state(state, as_json)


def _wait_until_settled(client: Client, state: ClockState) -> ClockState:
    looks = 0
    while state.goal is not None or state.until_idle:
        sleep(_POLL_SECONDS[min(looks, len(_POLL_SECONDS) - 1)])
        looks += 1
        state = client.clock_state()
    return state


def _print_state(state: ClockState, as_json: bool) -> None:
    if as_json:
        o.echo_json(msgspec.json.encode(state))
        return
    still = ", standing still" if state.paused else ""
    click.echo(f"{offset_text(state.now)}  {state.time}  {speed_text(state.speed)}{still}")
    waiting = [
        plural(state.pending, "event") + " pending",
        plural(state.running, "handler") + " running",
    ]
    if state.planned:
        waiting.append(plural(state.planned, "event") + " to be sent")
    due = "nothing is due" if state.next_due is None else f"next due {offset_text(state.next_due)}"
    click.echo(f"{', '.join(waiting)}; {due}")
