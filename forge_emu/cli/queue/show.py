"""`forge-emu queue show`: everything that happened to one event."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from forge_emu.cli import completions
from forge_emu.cli import options as o

if TYPE_CHECKING:
    from rich.console import Console


@click.command(epilog="Example: forge-emu queue show EMU-7")
@click.argument("id", shell_complete=completions.event_ids)
@o.inner_app_option
@click.option(
    "--payload",
    "with_payload",
    is_flag=True,
    help="Show what is in it as well: its body, and for each attempt what the handler was given "
    "and returned, its log and its requests.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print the records themselves; with --payload what is in the event, as one object.",
)
@o.color_option
def show(id: str, app_dir: Path, with_payload: bool, as_json: bool, color: bool | None) -> None:
    """Show the whole timeline of the event that ID names, ended or not.

    The key of an issue shows its product event and everything that came of it; --payload then is
    that of the product event.
    """
    from forge_emu.cli.connection.remote import admin_client
    from forge_emu.cli.queue.event_records import records_of_event
    from forge_emu.console.lines import record_line
    from forge_emu.console.tables.queue_table import state_sentences

    if with_payload and as_json:
        _print_payload_json(id, app_dir)
        return
    with admin_client(app_dir) as remote:
        event_records = records_of_event(remote.client, id)
        listing = {"events": remote.find_open(id), "now": remote.client.status().now}
    if as_json:
        for record in event_records:
            o.echo_json(record.line)
        return
    out, err = o.consoles(color)
    for record in event_records:
        out.print(record_line(record.record, context=record.context), soft_wrap=True)
    for words in state_sentences(listing):
        err.print(words, style="dim", markup=False, highlight=False, soft_wrap=True)
    if with_payload:
        # Last: where it is no longer kept, the timeline is there all the same.
        _print_payload(id, app_dir, out)


def _print_payload_json(id: str, app_dir: Path) -> None:
    import msgspec

    from forge_emu.cli.connection.remote import admin_client

    with admin_client(app_dir) as remote:
        o.echo_json(msgspec.json.encode(remote.payload(id)))


def _print_payload(id: str, app_dir: Path, out: Console) -> None:
    from forge_emu.cli.connection.remote import admin_client
    from forge_emu.console.payload_lines import payload_lines

    with admin_client(app_dir) as remote:
        payload = remote.payload(id)
    out.print()
    for line in payload_lines(payload):
        out.print(line, soft_wrap=True)
