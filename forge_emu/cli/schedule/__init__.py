"""`forge-emu schedule`: when scheduled triggers run next, and pausing them."""

from __future__ import annotations

from pathlib import Path

import click

from forge_emu.cli import options as o
from forge_emu.cli.schedule.listing import list_schedules, print_schedules
from forge_emu.cli.schedule.pauses import pause, resume


@click.group(invoke_without_command=True, epilog="Example: forge-emu schedule list --json")
@o.app_option
@o.json_option
@o.color_option
@click.pass_context
def schedule(ctx: click.Context, app_dir: Path, as_json: bool, color: bool | None) -> None:
    """List the scheduled triggers of the running emulator, pause and resume them.

    Without a command it lists them. `forge-emu trigger schedule KEY` runs one now.
    """
    if ctx.invoked_subcommand is None:
        print_schedules(app_dir, as_json, color)


for command in (list_schedules, pause, resume):
    schedule.add_command(command)
