"""Which output a run has. What a terminal needs is imported for a terminal alone."""

from __future__ import annotations

import importlib
from pathlib import Path

from forge_emu.emulator.emulator import Emulator
from forge_emu.emulator.shutdown import Stop
from forge_emu.emulator.starting.terminal import Terminal
from forge_emu.run.json_output import JsonOutput, Output
from forge_emu.run.live_page.live_page import LivePage
from forge_emu.run.options import OutputKind


def output_for(
    kind: OutputKind,
    emulator: Emulator,
    terminal: Terminal,
    stop: Stop,
    page: LivePage | None = None,
    root: Path | None = None,
) -> Output:
    """The output of the given kind. The console shows where `page` is, and opens it; it says what
    starts the app at `root`."""
    if kind == "json":
        return JsonOutput(stop)
    from forge_emu.run import outputs

    console = terminal.stdout
    if kind == "lines":
        return outputs.LinesOutput(console, stop)
    if kind == "quiet":
        return outputs.QuietOutput(console, stop)
    if kind == "progress":
        return outputs.ProgressOutput(console, stop, emulator.summary_builder.progress)
    return outputs.ConsoleOutput(emulator, console, stop, page, root)


def import_output(kind: OutputKind) -> None:
    """Import what an output of this kind needs. It takes some hundredths of a second."""
    if kind != "json":
        importlib.import_module("forge_emu.run.outputs")
