"""How a run tells programs what happens: records as JSON, without what a terminal needs."""

from __future__ import annotations

import sys
from typing import Protocol

import msgspec

from forge_emu.console.format import escape_json
from forge_emu.emulator.shutdown import Stop
from forge_emu.records import RecordBatch
from forge_emu.report.summary import Summary


class Output(Protocol):
    """Writes records as they come, and the summary at the end."""

    def start(self) -> None:
        """Begin: the app is ready."""
        ...

    def show_batch(self, batch: RecordBatch) -> None:
        """Write the records of a turn."""
        ...

    async def stop(self) -> None:
        """Release the terminal."""
        ...

    def show_summary(self, summary: Summary) -> None:
        """Write the summary of the run."""
        ...


class JsonOutput:
    """Records on stdout, one JSON object per line; the summary is the last line."""

    def __init__(self, stop: Stop) -> None:
        self._stop = stop
        self._out = sys.stdout.buffer
        self._on_terminal = sys.stdout.isatty()

    def start(self) -> None:
        """Nothing to prepare."""

    def show_batch(self, batch: RecordBatch) -> None:
        """Write them at once, so that a reader of the pipe sees them now."""
        self._write(escape_json(batch.text) if self._on_terminal else batch.text)

    async def stop(self) -> None:
        """Nothing to release."""

    def show_summary(self, summary: Summary) -> None:
        """Write the summary as the last line."""
        text = msgspec.json.encode(summary) + b"\n"
        self._write(escape_json(text) if self._on_terminal else text)

    def _write(self, text: bytes) -> None:
        if self._stop.stdout_closed:
            return
        try:
            self._out.write(text)
            self._out.flush()
        except BrokenPipeError:
            self._stop.on_stdout_closed()
