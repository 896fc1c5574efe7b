"""`forge-emu tail`: follow what happens in the running emulator."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from forge_emu.cli import completions
from forge_emu.cli import options as o
from forge_emu.cli.connection.following import (
    Follower,
    line_printer,
    print_json,
    print_record,
    start_query,
)
from forge_emu.control.filters import RecordFilter
from forge_emu.nearest import nearest_hint


@click.command(epilog="Example: forge-emu tail --type retry.scheduled,kvs.refused --since 5m")
@o.app_option
@click.option(
    "--since",
    metavar="now|all|10m|SEQ",
    help="Where to begin: a span of emulated time back, or after a record's number.  "
    "[default: now; with --no-follow: all]",
)
@click.option(
    "--follow/--no-follow",
    default=True,
    help="Wait for more, or end with what there is.  [default: follow]",
)
@click.option(
    "--queue",
    metavar="Q",
    shell_complete=completions.queue_names,
    help="Only events of this queue.",
)
@click.option(
    "--type",
    "types",
    multiple=True,
    metavar="TYPE",
    shell_complete=completions.record_types,
    help="Only this type, or first part of a type. May be repeated.",
)
@click.option(
    "--event",
    metavar="ID",
    shell_complete=completions.event_ids,
    help="Only one event, or all that comes of a product event: id, start of an id, or issue key.",
)
@click.option(
    "--outcome",
    metavar="O",
    shell_complete=completions.outcomes,
    help="Only this outcome: success, error, timeout, dropped, expired, …",
)
@click.option("--json", "as_json", is_flag=True, help="Print the records themselves.")
@o.color_option
def tail(
    app_dir: Path,
    since: str | None,
    follow: bool,
    queue: str | None,
    types: tuple[str, ...],
    event: str | None,
    outcome: str | None,
    as_json: bool,
    color: bool | None,
) -> None:
    """Follow the records of the running emulator, one line each.

    Waits when the emulator stops and goes on when it is back, with that run's first record.
    Ctrl-C ends it.
    """
    from forge_emu.control.client import connect_client

    RecordFilter(types, queue, event, outcome)
    wanted = {"type": list(types), "queue": queue, "event": event, "outcome": outcome}
    query: dict[str, Any] = {name: value for name, value in wanted.items() if value}
    out, err = o.consoles(color)
    printer = print_json if as_json else line_printer(out)
    if not as_json:
        query["who"] = "1"
    start = since or ("now" if follow else "all")
    if queue and (words := _unknown_queue(queue, app_dir)):
        err.print(words, style="dim", markup=False, highlight=False, soft_wrap=True)
    with connect_client(app_dir) as client:
        query |= start_query(start, client.status())
        if not follow:
            with client.stream_records(query) as lines:
                for line in lines:
                    print_record(line, printer, err)
            return
        Follower(app_dir, query, printer, err).follow(client)


def _unknown_queue(queue: str, app_dir: Path) -> str | None:
    """That no consumer of the app has the queue: its events are dropped, if there are any."""
    from forge_emu.appdir.manifest_names import queues_of_folder

    known = queues_of_folder(app_dir)
    if not known or queue in known:
        return None
    hint = nearest_hint(queue, known, f"There are {', '.join(known)}.")
    return f"no consumer of the app has a queue {queue!r}. {hint}"
