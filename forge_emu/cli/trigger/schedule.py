"""`forge-emu trigger schedule`: run a scheduled trigger now, or see when each is due."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forge_emu.cli import options as o

if TYPE_CHECKING:
    from forge_emu.control.client import Client
    from forge_emu.control.contract import ScheduleState


@click.command(epilog="Example: forge-emu trigger schedule hourly-sync")
@click.argument("key", required=False)
@o.app_option
@o.json_option
@o.color_option
def schedule(key: str | None, app_dir: Path, as_json: bool, color: bool | None) -> None:
    """Run the scheduled trigger KEY now, or list them all.

    It is one more run: those that are due by themselves keep their times. Without KEY, every
    scheduled trigger is listed with the time of its next run.
    """
    import msgspec

    from forge_emu.control.client import connect_client

    out, _ = o.consoles(color)
    with connect_client(app_dir) as client:
        if key is None:
            found = client.schedules()
            lines = _listing(client, found)
            result: object = found
        else:
            result = started = client.run_schedule(key)
            lines = [f"running {started.module_key} (call {started.call_id})"]
    if as_json:
        click.echo(msgspec.json.encode(result))
        return
    for line in lines:
        out.print(line, markup=False, highlight=False, soft_wrap=True)


def _listing(client: Client, found: list[ScheduleState]) -> list[str]:
    """A line for each schedule: its interval, and when it runs next."""
    from forge_emu.durations import countdown_text

    if not found:
        return ["the app has no scheduled triggers"]
    now, width = client.status().now, max(len(each.key) for each in found)
    return [
        f"{each.key:<{width}}  {each.interval:<10}  "
        + (
            "no further run"
            if each.next_due is None
            else f"next run in {countdown_text(max(each.next_due - now, 0))}"
        )
        for each in found
    ]
