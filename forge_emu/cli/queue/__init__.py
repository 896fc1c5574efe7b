"""`forge-emu queue`: what waits, runs, was dropped or expired, and acting on it by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from forge_emu.cli import options as o
from forge_emu.cli.queue.actions import cancel, pause, replay, resume, run_now
from forge_emu.cli.queue.listing import list_events, list_options, print_events
from forge_emu.cli.queue.push import push
from forge_emu.cli.queue.show import show


@click.group(
    invoke_without_command=True,
    epilog="Example: forge-emu queue --state waiting",
)
@o.app_option
@list_options
@click.pass_context
def queue(ctx: click.Context, /, app_dir: Path, **given: Any) -> None:
    """List the events of the running emulator that wait, run, were dropped or expired.

    Without a command it lists; the commands act on the events that their ids name. An id may be
    given by its first characters, by its job's id, or by the key of its issue.
    """
    if ctx.invoked_subcommand is None:
        print_events(ctx, app_dir, **given)


for command in (list_events, show, push, cancel, run_now, replay, pause, resume):
    queue.add_command(command)
