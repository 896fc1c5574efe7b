"""Writes the file of a shard when all of its runs have ended."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from forge_emu.appdir import LoadedApp
from forge_emu.emulator.starting.terminal import Terminal
from forge_emu.reporting import check_writable
from forge_emu.simulate.artifacts import write_artifact
from forge_emu.simulate.options import SimulateOptions
from forge_emu.simulate.plan.run_result import RunResult
from forge_emu.simulate.plan.shard import Shard
from forge_emu.simulate.request import SimulatePlan
from forge_emu.simulate.shards.app_notes import AppNotes
from forge_emu.simulate.shards.identity import identity_of
from forge_emu.simulate.shards.shard_file import ShardContent, ShardRun, encode_shard


class ShardWriter:
    """Knows which simulation a shard belongs to before it runs. Raises UserError for a file that
    cannot be written."""

    def __init__(
        self,
        options: SimulateOptions,
        plan: SimulatePlan,
        shard: Shard,
        loaded: LoadedApp,
        notes: AppNotes,
    ) -> None:
        self._shard = shard
        self._file = options.shard_file or default_shard_file(shard)
        check_writable(self._file, "--shard-file")
        self._notes = notes
        self._simulation = identity_of(options, plan, loaded)

    def write(self, runs: Sequence[RunResult], terminal: Terminal) -> None:
        """Write the runs, and say where. Raises UserError."""
        written = [ShardRun.of(run) for run in runs]
        content = ShardContent(self._simulation, self._shard, written, self._notes)
        write_artifact(self._file, encode_shard(content), "--shard-file")
        terminal.print_message(f"wrote {self._file}")


def default_shard_file(shard: Shard) -> Path:
    """The file in the present folder that is written where none is named."""
    return Path(f"forge-emu-shard-{shard.number}-of-{shard.of}.json")
