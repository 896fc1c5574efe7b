"""`forge-emu schedule pause` and `resume`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forge_emu.cli import completions
from forge_emu.cli import options as o

if TYPE_CHECKING:
    from forge_emu.control.schedules.contract import SchedulePause

_key = click.argument("key", required=False, shell_complete=completions.schedules)
_all = click.option("--all", "every", is_flag=True, help="All scheduled triggers of the app.")


@click.command(epilog="Example: forge-emu schedule pause hourly-sync")
@_key
@_all
@o.inner_app_option
@o.json_option
def pause(key: str | None, every: bool, app_dir: Path, as_json: bool) -> None:
    """Skip the runs of the scheduled trigger KEY that are due, until it is resumed.

    It keeps its times, and each run that is skipped is a record. A run under way goes on. The pause
    is kept with the state.
    """
    from forge_emu.control.schedules.contract import SchedulePause

    _require_one(key, every)
    _send_order(app_dir, as_json, "paused", SchedulePause("pause", key))


@click.command(epilog="Example: forge-emu schedule resume --all")
@_key
@_all
@o.inner_app_option
@o.json_option
def resume(key: str | None, every: bool, app_dir: Path, as_json: bool) -> None:
    """Run the scheduled trigger KEY again at its times. What was skipped is not made up for."""
    from forge_emu.control.schedules.contract import SchedulePause

    _require_one(key, every)
    _send_order(app_dir, as_json, "resumed", SchedulePause("resume", key))


def _require_one(key: str | None, every: bool) -> None:
    if (key is None) == (not every):
        raise click.UsageError("Give the KEY of a scheduled trigger, or --all for all of them.")


def _send_order(app_dir: Path, as_json: bool, done: str, order: SchedulePause) -> None:
    import msgspec

    from forge_emu.control.client import connect_client

    with connect_client(app_dir) as client:
        receipt = client.pause_schedules(order)
    if as_json:
        o.echo_json(msgspec.json.encode(receipt))
        return
    for key in receipt.keys:
        click.echo(f"{key} {'is' if key in receipt.changed else 'was already'} {done}")
