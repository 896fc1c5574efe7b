"""`forge-emu schedule list`: each scheduled trigger with its next run and its last one."""

from __future__ import annotations

from pathlib import Path

import click

from forge_emu.cli import options as o


@click.command("list", epilog="Example: forge-emu schedule list --json")
@o.inner_app_option
@o.json_option
@o.color_option
def list_schedules(app_dir: Path, as_json: bool, color: bool | None) -> None:
    """List every scheduled trigger: its interval, when it runs next, how its last run ended."""
    print_schedules(app_dir, as_json, color)


def print_schedules(app_dir: Path, as_json: bool, color: bool | None) -> None:
    """Print the schedules of the app's emulator."""
    import msgspec

    from forge_emu.console.tables.schedule_lines import schedule_lines
    from forge_emu.control.client import connect_client

    with connect_client(app_dir) as client:
        found, now = client.schedules(), client.status().now
    if as_json:
        o.echo_json(msgspec.json.encode(found))
        return
    out, _ = o.consoles(color)
    for line in schedule_lines(found, now):
        out.print(line, markup=False, highlight=False, soft_wrap=True)
