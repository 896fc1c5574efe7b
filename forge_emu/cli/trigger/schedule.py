"""`forge-emu trigger schedule`: run a scheduled trigger now, or see when each is due."""

from __future__ import annotations

from pathlib import Path

import click

from forge_emu.cli import completions
from forge_emu.cli import options as o


@click.command(epilog="Example: forge-emu trigger schedule hourly-sync")
@click.argument("key", required=False, shell_complete=completions.schedules)
@o.app_option
@o.json_option
@o.color_option
def schedule(key: str | None, app_dir: Path, as_json: bool, color: bool | None) -> None:
    """Run the scheduled trigger KEY now, or list them all.

    It is one more run: those that are due by themselves keep their times. Without KEY, every
    scheduled trigger is listed with the time of its next run.
    """
    import msgspec

    from forge_emu.console.tables.schedule_lines import schedule_lines
    from forge_emu.control.client import connect_client

    out, _ = o.consoles(color)
    with connect_client(app_dir) as client:
        if key is None:
            found = client.schedules()
            lines = schedule_lines(found, client.status().now)
            result: object = found
        else:
            result = started = client.run_schedule(key)
            lines = [f"running {started.module_key} (call {started.call_id})"]
    if as_json:
        o.echo_json(msgspec.json.encode(result))
        return
    for line in lines:
        out.print(line, markup=False, highlight=False, soft_wrap=True)
