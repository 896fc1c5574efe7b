"""`simulate --watch`: play again when a file changes, and say what has changed with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from forge_emu.emulator.shutdown import Stop
from forge_emu.emulator.starting.terminal import Terminal
from forge_emu.errors import ExitCode, ForgeEmuError, ManifestError, UserError
from forge_emu.simulate.file_changes import FileChanges
from forge_emu.simulate.options import SimulateOptions
from forge_emu.simulate.plan.changes import Played, change_lines
from forge_emu.simulate.request import make_plan
from forge_emu.simulate.results import SimulateResults
from forge_emu.simulate.simulate import play

ShowError = Callable[[ForgeEmuError], object]
"""Prints what is wrong with the app, as the command does that ends with it."""


async def watch(options: SimulateOptions, terminal: Terminal, show_error: ShowError) -> ExitCode:
    """Play until Ctrl-C; the exit code is that of the last simulation that has ended.

    Raises UserError for invalid options, and for what is wrong at the start with more than files of
    the app and the scenario.
    """
    _check_options(options)
    stop = Stop()
    stop.install_signal_handlers()
    files = FileChanges(options)
    files.start()
    watching = _Watching(options, terminal, show_error, files)
    try:
        while not stop.draining.is_set():
            await watching.play(stop)
            if not stop.draining.is_set():
                terminal.print_message("waiting for a change; Ctrl-C ends it")
                changed = await _change_or_stop(files, stop)
                watching.print_changed_files(changed)
    finally:
        await files.stop()
    return watching.code


class _Watching:
    """What is known of the last simulation."""

    def __init__(
        self,
        options: SimulateOptions,
        terminal: Terminal,
        show_error: ShowError,
        files: FileChanges,
    ) -> None:
        self._options = options
        self._terminal = terminal
        self._show_error = show_error
        self._files = files
        self._last: Played | None = None
        self._has_played = False
        self.code = ExitCode.INTERRUPTED

    async def play(self, stop: Stop) -> None:
        """Play once, and print what differs from the last time. What is wrong is shown."""
        try:
            code, results = await play(self._options, self._terminal, stop)
        except UserError as error:
            if not (self._has_played or isinstance(error, ManifestError)):
                raise
            self._show_error(error)
            if self._last is None:
                self.code = error.exit_code
        else:
            if results is not None and not stop.draining.is_set():
                self.code = code
                self._files.add_files(name for run in results.runs for name in run.inputs)
                self._print_changes(results)
        self._has_played = True

    def print_changed_files(self, changed: list[Path]) -> None:
        """Say why it plays again."""
        names = [
            file.relative_to(self._files.root) if file.is_relative_to(self._files.root) else file
            for file in changed
        ]
        if names:
            more = f" and {len(names) - 3} others" if len(names) > 3 else ""
            text = ", ".join(str(name) for name in names[:3])
            self._terminal.print_message(f"\nchanged: {text}{more}")

    def _print_changes(self, results: SimulateResults) -> None:
        played = Played(results.comparison, results.worst.compared.outcome.summary.advice)
        if self._last is not None:
            lines = change_lines(self._last, played) or ["nothing"]
            self._terminal.print_message("\nchanged since the last run:")
            for line in lines:
                self._terminal.print_message(f"  {line}")
        self._last = played


def _check_options(options: SimulateOptions) -> None:
    if options.shard is not None:
        raise UserError("--watch and --shard exclude each other", "Leave one of them out.")
    if options.data == "-":
        raise UserError(
            "--watch: what --data - reads is there only once", "Name a file after --data."
        )
    # A scenario is mended while it is watched.
    with suppress(ManifestError):
        make_plan(options)


async def _change_or_stop(files: FileChanges, stop: Stop) -> list[Path]:
    """The files that have changed; none where the user has ended it before."""
    change = asyncio.create_task(files.next_change())
    end = asyncio.create_task(stop.draining.wait())
    try:
        await asyncio.wait((change, end), return_when=asyncio.FIRST_COMPLETED)
        return change.result() if change.done() else []
    finally:
        change.cancel()
        end.cancel()
        await asyncio.gather(change, end, return_exceptions=True)
