"""`forge-emu queue`: what waits, runs, was dropped or expired, and acting on it by hand."""

from __future__ import annotations

from pathlib import Path

import click

from forge_emu.cli import completions, values
from forge_emu.cli import options as o
from forge_emu.cli.queue.actions import cancel, pause, replay, resume, run_now
from forge_emu.cli.queue.push import push
from forge_emu.cli.queue.show import show

STATES = ("pending", "scheduled", "ready", "running", "waiting", "dropped", "expired")


@click.group(
    invoke_without_command=True,
    epilog="Example: forge-emu queue --state waiting",
)
@o.app_option
@click.option(
    "--queue",
    "name",
    metavar="Q",
    shell_complete=completions.queue_names,
    help="Only events of this queue.",
)
@click.option(
    "--state",
    type=click.Choice(STATES),
    help="Only those in this state; pending means all that have not ended.",
)
@click.option(
    "--limit",
    default=50,
    type=values.Count(1, 10_000),
    metavar="N",
    help="How many to list.  [default: 50]",
)
@o.json_option
@o.color_option
@click.pass_context
def queue(
    ctx: click.Context,
    app_dir: Path,
    name: str | None,
    state: str | None,
    limit: int,
    as_json: bool,
    color: bool | None,
) -> None:
    """List the events of the running emulator that wait, run, were dropped or expired.

    Without a command it lists; the commands act on the events that their ids name. An id may be
    given by its first characters, by its job's id, or by the key of its issue.
    """
    if ctx.invoked_subcommand is not None:
        return
    import msgspec

    from forge_emu.cli.connection.remote import admin_client
    from forge_emu.cli.parsing.apps import for_given_app
    from forge_emu.console.tables.listing import print_listing as show_table
    from forge_emu.console.tables.queue_table import deliveries_notes, deliveries_table
    from forge_emu.control.contract import QueueQuery

    with admin_client(app_dir) as remote:
        listing = remote.list_queue(QueueQuery(name, state, None, limit))
    if as_json:
        o.echo_json(msgspec.json.encode(listing))
        return
    out, err = o.consoles(color)
    if listing["events"]:
        show_table(out, deliveries_table(listing))
    for words in deliveries_notes(listing):
        err.print(
            for_given_app(ctx, words), style="dim", markup=False, highlight=False, soft_wrap=True
        )


for command in (show, push, cancel, run_now, replay, pause, resume):
    queue.add_command(command)
