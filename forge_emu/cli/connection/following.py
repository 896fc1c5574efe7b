"""Follows the records of a running emulator, line by line, for `tail` and `logs`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec
from rich.console import Console

from forge_emu import records
from forge_emu.cli import options as o
from forge_emu.cli import values
from forge_emu.clock import sleep
from forge_emu.control.stream import WireWho
from forge_emu.errors import NoEmulatorError
from forge_emu.timeline.lineage import RecordContext

if TYPE_CHECKING:
    from forge_emu.control.client import Client, Status

_LONGEST_PAUSE = 1.0
"""Real seconds between two looks for an emulator that has gone."""

Printer = Callable[[bytes, RecordContext], None]
"""Prints a line of the stream; takes what its record concerns, too."""


class Follower:
    """Keeps following: through a notice that it was too slow, and through a restart."""

    def __init__(
        self, app_dir: Path, query: dict[str, Any], printer: Printer, err: Console
    ) -> None:
        self._app_dir = app_dir
        self._query = {**query, "follow": "1"}
        self._printer = printer
        self._err = err
        self._journal = ""

    def follow(self, client: Client) -> None:
        """Print what comes until it is interrupted."""
        self._journal = client.status().journal
        while True:
            self._print_stream(client)
            token = client.session.token
            client.close()
            client = self._wait_for_emulator(token)

    def _print_stream(self, client: Client) -> None:
        """Print until the stream ends, and remember where."""
        try:
            with client.stream_records(self._query) as lines:
                for line in lines:
                    self._print_line(line)
        except NoEmulatorError:
            return

    def _print_line(self, line: bytes) -> None:
        if seq := print_record(line, self._printer, self._err):
            self._query["since"] = seq
            self._query.pop("since_at", None)

    def _wait_for_emulator(self, token: str) -> Client:
        """The next emulator that answers, or the same one if it still does."""
        from forge_emu.control.client import connect_client

        waited = 0.05
        said = False
        while True:
            try:
                client = connect_client(self._app_dir)
            except NoEmulatorError:
                if not said:
                    self._print_notice("the emulator stopped; waiting for it to come back")
                    said = True
                sleep(waited)
                waited = min(waited * 2, _LONGEST_PAUSE)
                continue
            if client.session.token != token:
                self._print_notice("the emulator is back")
                self._restart_if_new_journal(client)
            return client

    def _restart_if_new_journal(self, client: Client) -> None:
        """Read all records of an emulator whose journal is not the one followed so far."""
        with suppress(NoEmulatorError):
            journal = client.status().journal
            if journal != self._journal:
                self._query["since"] = 0
                self._query.pop("since_at", None)
            self._journal = journal

    def _print_notice(self, message: str) -> None:
        _print_notice(self._err, message)


class _TailLine(msgspec.Struct):
    """The number and context of a line of the stream."""

    type: str
    seq: int = 0
    message: str = ""
    who: WireWho = WireWho()


def print_record(line: bytes, printer: Printer, err: Console) -> int:
    """Print a record and answer its number; 0 for a notice about the stream itself."""
    place = msgspec.json.decode(line, type=_TailLine)
    if place.type == "tail.dropped":
        _print_notice(err, place.message)
        return 0
    printer(line, place.who.to_who())
    return place.seq


def _print_notice(err: Console, message: str) -> None:
    err.print(message, style="dim", markup=False, highlight=False, soft_wrap=True)


def print_json(line: bytes, context: RecordContext) -> None:
    """Print a record as its line of JSON."""
    o.echo_json(line)


def line_printer(out: Console) -> Printer:
    """A function that prints a record as the console does."""
    from forge_emu.console.lines import LineWriter, record_parts

    writer = LineWriter(out)

    def show(line: bytes, context: RecordContext) -> None:
        writer.write([record_parts(records.decode_record(line), context=context)])

    return show


def start_query(since: str, status: Status) -> dict[str, int]:
    """What `--since` means for the stream. Raises a usage error."""
    if since == "all":
        return {"since": 0}
    if since == "now":
        return {"since": status.last_seq}
    if since.isascii() and since.isdigit():
        return {"since": int(since)}
    try:
        span = values.duration(since)
    except click.BadParameter:
        raise click.BadParameter(
            f"{since!r} is none of now, all, a span such as 10m, or a record's number",
            param_hint="--since",
        ) from None
    return {"since_at": max(status.now - span, 0)}
