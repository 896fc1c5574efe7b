"""`forge-emu reset`: clears an app's state."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from forge_emu.cli import options as o
from forge_emu.errors import UserError


@click.command(epilog="Example: forge-emu reset my-app --yes")
@o.app_argument("[APP]")
@click.option("--yes", is_flag=True, help="Do not ask.")
def reset(app_dir: Path, yes: bool) -> None:
    """Clear what forge-emu keeps of an app, after showing what goes and asking.

    That is the folder .forge-emu in APP (default: here), and nothing else. The app's emulator must
    not be running.
    """
    from forge_emu.commands.reset import lock_state_folder, remove_state_folder
    from forge_emu.console.format import escape

    with lock_state_folder(app_dir) as state:
        if state is None:
            click.echo("there is nothing to clear", err=True)
            return
        for thing in state.entries:
            click.echo(
                f"{thing.size:>12,} bytes  {escape(str(state.folder / thing.name))}", err=True
            )
        if not yes:
            if not sys.stdin.isatty():
                raise UserError("nobody is there to ask whether this may go", "Add --yes.")
            click.confirm(f"Remove {escape(str(state.folder))}?", abort=True, err=True)
        remove_state_folder(state)
    click.echo(f"removed {escape(str(state.folder))}", err=True)
