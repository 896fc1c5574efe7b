"""The files a simulation writes: records, a report, a trace."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import msgspec

from forge_emu.console.format import escape_json
from forge_emu.emulator.emulator import Emulator, RecordListener
from forge_emu.emulator.starting.terminal import Terminal
from forge_emu.errors import UserError
from forge_emu.records import RecordBatch
from forge_emu.report.summary import Summary
from forge_emu.reporting import Reports, check_writable
from forge_emu.simulate.options import SimulateOptions


class Artifacts:
    """The files written for a single run; `stack` closes them. Raises UserError.

    The report of `several` runs is made of their figures, and not here.
    """

    def __init__(
        self, options: SimulateOptions, stack: ExitStack, *, several: bool = False
    ) -> None:
        self._report = None if several else options.report
        self._options = options
        self._stack = stack
        self.root: Path | None = None
        """The app's directory, once it is known."""
        self._reports: Reports | None = None
        self._file: BinaryIO | None = None
        for option, file in (("--junit", options.junit), ("--report", options.report)):
            if file is not None:
                check_writable(file, option)
        if options.prints_records:
            self._file = sys.stdout.buffer
        elif options.records is not None:
            try:
                self._file = stack.enter_context(options.records.open("wb"))
            except OSError as error:
                raise _unwritable_error(options.records, "--records", error) from None

    def listeners_for(self, emulator: Emulator) -> Sequence[RecordListener]:
        """The listeners that write the records of the run."""
        listeners: list[RecordListener] = [self._write_batch] if self._file is not None else []
        if self._report or self._options.trace:
            self._reports = self._stack.enter_context(
                Reports(
                    self._report,
                    self._options.trace,
                    emulator.settings,
                    emulator.app,
                    command=shlex.join(["forge-emu", "simulate", *self._options.argv]),
                    seed=emulator.seed,
                    epoch_ms=emulator.started_at,
                    payloads=emulator.payload_collector,
                    with_payloads=self._options.with_payloads,
                    root=self.root,
                )
            )
            reports = self._reports
            listeners.append(lambda batch: reports.add_records(batch.records))
        return listeners

    def write_summary(self, summary: Summary, terminal: Terminal) -> None:
        """Write the summary, and finish the reports."""
        if self._file is not None:
            self._write(msgspec.json.encode(summary) + b"\n")
            self._file.flush()
        if self._reports is not None:
            for path in self._reports.write_files(summary):
                terminal.print_message(f"wrote {path}")

    def _write_batch(self, batch: RecordBatch) -> None:
        self._write(batch.text)

    def _write(self, lines: bytes) -> None:
        assert self._file is not None
        on_terminal = self._options.prints_records and sys.stdout.isatty()
        self._file.write(escape_json(lines) if on_terminal else lines)


def write_artifact(path: Path, text: bytes, option: str) -> None:
    """Write a whole file. Raises UserError."""
    try:
        path.write_bytes(text)
    except OSError as error:
        raise _unwritable_error(path, option, error) from None


def _unwritable_error(path: Path, option: str, error: OSError) -> UserError:
    return UserError(
        f"{option}: cannot write {str(path)!r}: {error.strerror or error}",
        "Give a file in a folder that you may write to.",
    )
