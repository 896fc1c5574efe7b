"""Which output a run has, and that each of them bears a reader that goes away."""

from __future__ import annotations

import subprocess
import sys
from io import RawIOBase, TextIOWrapper
from typing import Any

import pytest

from forge_emu.cli.options import consoles
from forge_emu.emulator.shutdown import Stop
from forge_emu.emulator.starting.terminal import Terminal
from forge_emu.report.summary import Summary
from forge_emu.run.chosen_output import output_for
from forge_emu.run.json_output import JsonOutput, Output
from forge_emu.run.options import OutputKind
from forge_emu.run.outputs import ConsoleOutput, LinesOutput, ProgressOutput, QuietOutput
from tests.emulator.emulator_harness import EmulatorHarness, text_terminal
from tests.run.test_outputs import batch


class ClosedPipe(RawIOBase):
    """A pipe whose reader has gone."""

    def __init__(self) -> None:
        super().__init__()
        self.writes = 0

    def writable(self) -> bool:
        """It was, once."""
        return True

    def write(self, text: Any) -> int:
        """Fail as a pipe does."""
        self.writes += 1
        raise BrokenPipeError


@pytest.mark.parametrize(
    ("kind", "type"),
    [
        ("json", JsonOutput),
        ("lines", LinesOutput),
        ("quiet", QuietOutput),
        ("progress", ProgressOutput),
        ("console", ConsoleOutput),
    ],
)
def test_each_kind_has_its_output(kind: OutputKind, type: type[Output]) -> None:
    """As `--json` and the terminal choose."""
    emulator = EmulatorHarness().emulator
    assert isinstance(output_for(kind, emulator, text_terminal(), Stop()), type)


@pytest.mark.parametrize("kind", ["json", "lines"])
def test_a_reader_that_goes_away_ends_the_run_quietly(
    kind: OutputKind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing more is written to it."""
    pipe, stop = ClosedPipe(), Stop()
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(pipe, write_through=True))  # type: ignore[type-var]
    terminal = Terminal(lambda: consoles(None)[0], lambda: consoles(None)[1], None)
    output = output_for(kind, EmulatorHarness().emulator, terminal, stop)
    output.show_batch(batch("one"))
    writes = pipe.writes
    assert (stop.stdout_closed, stop.draining.is_set(), writes) == (True, True, 1)
    output.show_batch(batch("two"))
    output.show_summary(Summary())
    assert pipe.writes == writes


@pytest.mark.parametrize(("kind", "needed"), [("json", False), ("lines", True), ("console", True)])
def test_what_a_terminal_needs_is_imported_for_one(kind: OutputKind, needed: bool) -> None:
    """Programs do not wait for it."""
    code = (
        "import sys, forge_emu.run.run; from forge_emu.run.chosen_output import import_output;"
        f"import_output({kind!r}); print('rich' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert told.stdout.split() == [str(needed)]
