"""The commands that are measured: forge-emu with the app of the benchmarks."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.measuring import Spent, measure, run_command

FORGE_EMU: Final = (sys.executable, "-m", "forge_emu")
EVENT: Final = "issue-created"


class Commands:
    """Measures commands with `issues` created issues of the app in `root`."""

    def __init__(self, root: Path, issues: int) -> None:
        self._root = str(root)
        self._issues = issues

    def run(self, *options: str) -> Spent:
        """A run to its end without limits, with its records, and its state on a new file."""
        subprocess.run([*FORGE_EMU, "reset", self._root, "--yes"], check=True, capture_output=True)
        command = [*FORGE_EMU, "run", self._root, "--no-watch", "--limits", "off", "--until-idle"]
        return run_command([*command, "--trigger", EVENT, "--count", str(self._issues), *options])

    def simulate(self, *options: str, issues: int | None = None) -> Spent:
        """A simulation to its end."""
        event = f"{EVENT}:{issues or self._issues}"
        return run_command([*FORGE_EMU, "simulate", self._root, event, "--json", *options])

    def invocations(self) -> int:
        """How many invocations a simulation makes: more than two an issue where limits refuse."""
        command = [*FORGE_EMU, "simulate", self._root, f"{EVENT}:{self._issues}", "--json"]
        done = subprocess.run(command, check=True, capture_output=True)
        return sum(json.loads(done.stdout)["invocations"].values())

    def ready(self) -> Spent:
        """From the command until the app is loaded."""
        with self._emulator() as spent:
            return spent

    def tails(self) -> tuple[Spent, Spent]:
        """All records of an emulator as lines, and as JSON: what the client takes alone."""
        with self._emulator():
            order = ["trigger", EVENT, "--count", str(self._issues), "--wait", "--app", self._root]
            subprocess.run([*FORGE_EMU, *order], check=True, capture_output=True)
            tail = [*FORGE_EMU, "tail", "--since", "all", "--no-follow", "--app", self._root]
            return run_command(tail), run_command([*tail, "--json"])

    @contextmanager
    def _emulator(self) -> Iterator[Spent]:
        command = [*FORGE_EMU, "run", self._root, "--json", "--ephemeral", "--no-watch"]
        with measure() as spent:
            process = subprocess.Popen(
                [*command, "--limits", "off"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
            assert process.stdout is not None
            while b'"app.loaded"' not in (line := process.stdout.readline()):
                assert line, "the emulator has ended"
        reader = subprocess.Popen(["cat"], stdin=process.stdout, stdout=subprocess.DEVNULL)
        process.stdout.close()
        try:
            yield spent
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()
            reader.wait()
