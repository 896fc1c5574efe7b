"""`forge-emu logs`: what the app's handlers have printed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from forge_emu import records
from forge_emu.cli import completions
from forge_emu.cli import options as o
from forge_emu.cli.connection.following import (
    Follower,
    Printer,
    line_printer,
    print_json,
    print_record,
    start_query,
)
from forge_emu.control.filters import SHORTEST_ID
from forge_emu.nearest import did_you_mean, nearest
from forge_emu.timeline.lineage import RecordContext


class _LogLine(msgspec.Struct):
    """What a choice of lines depends on."""

    level: str
    invocation_id: str | None = None


@click.command(epilog="Example: forge-emu logs store-snapshot --level warn --follow")
@click.argument(
    "target",
    required=False,
    metavar="[FUNCTION|EVENT]",
    shell_complete=completions.log_targets,
)
@o.app_option
@click.option("--follow", "-f", is_flag=True, help="Wait for more, until Ctrl-C.")
@click.option(
    "--since",
    metavar="all|10m|SEQ",
    default="all",
    help="Where to begin: a span of emulated time back, or after a record's number.  "
    "[default: all]",
)
@click.option(
    "--level",
    type=click.Choice(records.LOG_LEVELS),
    default="debug",
    show_default=True,
    help="Only lines of this level and above.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the records themselves.")
@o.color_option
def logs(
    target: str | None,
    app_dir: Path,
    follow: bool,
    since: str,
    level: str,
    as_json: bool,
    color: bool | None,
) -> None:
    """Print what the handlers of the running app have printed.

    FUNCTION is the key of a function, EVENT the id of an event, the start of one (four characters
    or more), or the key of what it is about, such as EMU-7.
    """
    from forge_emu.control.client import connect_client

    out, err = o.consoles(color)
    choice = _Choice(target, level, print_json if as_json else line_printer(out))
    query: dict[str, Any] = {"type": ["log"], "who": "1"}
    with connect_client(app_dir) as client:
        query |= start_query(since, client.status())
        if follow:
            Follower(app_dir, query, choice.print_line, err).follow(client)
            return
        with client.stream_records(query) as lines:
            for line in lines:
                print_record(line, choice.print_line, err)
    if not choice.printed:
        of = f" of {target!r}" if target else ""
        near = _near_function(target, app_dir) if target else None
        words = f"no line{of} yet" + (f". {near}" if near else "")
        err.print(words, style="dim", markup=False, highlight=False, soft_wrap=True)


def _near_function(target: str, app_dir: Path) -> str | None:
    """Which function of the app was meant, where there is none of this name."""
    from forge_emu.appdir.manifest_names import functions_of_folder

    known = functions_of_folder(app_dir)
    return None if target in known else did_you_mean(nearest(target, known))


class _Choice:
    """Prints the app's own lines that are wanted."""

    def __init__(self, target: str | None, level: str, printer: Printer) -> None:
        self._target = target
        self._levels = records.LOG_LEVELS[records.LOG_LEVELS.index(level) :]
        self._printer = printer
        self.printed = 0

    def print_line(self, line: bytes, context: RecordContext) -> None:
        """Print the line of a log record, if it is wanted."""
        log = msgspec.json.decode(line, type=_LogLine)
        if log.invocation_id is None or log.level not in self._levels or not self._is_of(context):
            return
        self.printed += 1
        self._printer(line, context)

    def _is_of(self, context: RecordContext) -> bool:
        target = self._target
        if target is None or target in (context.function, context.subject):
            return True
        ids = (context.event_id, context.product_event_id, context.call_id)
        return len(target) >= SHORTEST_ID and any(id and id.startswith(target) for id in ids)
