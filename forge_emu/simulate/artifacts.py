"""The files a simulation writes: records, a report, a trace."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import msgspec

from forge_emu.emulator.emulator import Emulator, Show
from forge_emu.emulator.startup import Terminal
from forge_emu.errors import UserError
from forge_emu.records import Record, encode_record
from forge_emu.report import Summary
from forge_emu.reporting import Reports, check_writable
from forge_emu.simulate.request import Asked


class Outlets:
    """Everything that is written of a single run; `stack` closes it. Raises UserError."""

    def __init__(self, asked: Asked, stack: ExitStack) -> None:
        self._asked = asked
        self._stack = stack
        self._reports: Reports | None = None
        self._file: BinaryIO | None = None
        if asked.junit is not None:
            check_writable(asked.junit, "--junit")
        if asked.records is not None:
            try:
                self._file = stack.enter_context(asked.records.open("wb"))
            except OSError as error:
                raise _unwritable(asked.records, "--records", error) from None

    def attach(self, emulator: Emulator) -> Sequence[Show]:
        """What reads the records of the run."""
        readers: list[Show] = [self._record] if self._file is not None else []
        if self._asked.report or self._asked.trace:
            self._reports = self._stack.enter_context(
                Reports(
                    self._asked.report,
                    self._asked.trace,
                    emulator.settings,
                    emulator.app,
                    command=shlex.join(["forge-emu", "simulate", *self._asked.words]),
                    seed=emulator.seed,
                    epoch_ms=emulator.started_at,
                )
            )
            readers.append(self._reports.add_records)
        return readers

    def finish(self, summary: Summary, terminal: Terminal) -> None:
        """The run is over."""
        if self._file is not None:
            self._file.write(msgspec.json.encode(summary) + b"\n")
        if self._reports is not None:
            for path in self._reports.write_files(summary):
                terminal.say(f"wrote {path}")

    def _record(self, records: Sequence[Record]) -> None:
        assert self._file is not None
        self._file.write(b"".join(encode_record(record) + b"\n" for record in records))


def write(path: Path, text: bytes, option: str) -> None:
    """Write a whole file. Raises UserError."""
    try:
        path.write_bytes(text)
    except OSError as error:
        raise _unwritable(path, option, error) from None


def _unwritable(path: Path, option: str, error: OSError) -> UserError:
    return UserError(
        f"{option}: cannot write {str(path)!r}: {error.strerror or error}",
        "Give a file in a folder that you may write to.",
    )
