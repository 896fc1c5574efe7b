"""Where a shard is written, and when."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from forge_emu import __version__
from forge_emu.errors import ExitCode, UserError
from forge_emu.simulate.plan.shard import Shard
from forge_emu.simulate.shards.shard_file import read_shard
from forge_emu.simulate.shards.shard_writer import default_shard_file
from forge_emu.simulate.simulate import simulate
from tests.emulator.emulator_harness import text_of, text_terminal
from tests.python_app import write_app
from tests.simulate.simulations import INTERRUPTING, PROCESS, options_for


def test_the_file_is_named_after_the_shard(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the present folder, where the command names none."""
    assert default_shard_file(Shard(3, 10)) == Path("forge-emu-shard-3-of-10.json")
    monkeypatch.chdir(tmp_path)
    root = write_app(tmp_path / "app").resolve()
    terminal = text_terminal(width=80)
    code = asyncio.run(simulate(options_for(root, seeds=3, shard="2/2"), terminal))
    assert code is ExitCode.OK
    assert text_of(terminal.stderr).startswith("wrote forge-emu-shard-2-of-2.json\n")
    content = read_shard(tmp_path / "forge-emu-shard-2-of-2.json", __version__)
    assert [run.seed for run in content.runs] == [2, 3]


def test_a_file_that_cannot_be_written_is_told_before_anything_runs(tmp_path: Path) -> None:
    """With its option."""
    root = write_app(tmp_path / "app").resolve()
    options = options_for(root, seeds=3, shard="2/2", shard_file=tmp_path / "no" / "file.json")
    with pytest.raises(UserError, match=r"^--shard-file: there is no directory"):
        asyncio.run(simulate(options, text_terminal(width=80)))


def test_an_interrupted_shard_is_not_written(tmp_path: Path) -> None:
    """It would be merged as if it were whole."""
    root = write_app(tmp_path / "app", INTERRUPTING).resolve()
    file = tmp_path / "shard.json"
    options = options_for(
        root, seeds=3, shard="2/2", shard_file=file, assignments=(PROCESS, "env.AT=EMU-1")
    )
    assert asyncio.run(simulate(options, text_terminal(width=80))) is ExitCode.INTERRUPTED
    assert not file.exists()
