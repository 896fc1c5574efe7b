"""The files that a simulation writes, and what is said of one that cannot be written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import msgspec
import pytest

from forge_emu.errors import UserError
from forge_emu.records import Log, Record, RecordBatch
from forge_emu.report.summary import Summary
from forge_emu.simulate.artifacts import Artifacts, write_artifact
from forge_emu.simulate.options import SimulateOptions
from tests.emulator.emulator_harness import EmulatorHarness, text_of, text_terminal

Capture = pytest.CaptureFixture[bytes]
BATCH = RecordBatch([Record(1, 0, "", Log(level="info", message="hello"))])


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    """What closes the files."""
    with ExitStack() as stack:
        yield stack


def write_run(stack: ExitStack, **options: Any) -> str:
    """Write the files of a run with one record; answers what is printed."""
    artifacts = Artifacts(SimulateOptions(argv=("app",), **options), stack)
    for listen in artifacts.listeners_for(EmulatorHarness(followed=False).emulator):
        listen(BATCH)
    terminal = text_terminal(width=200)
    artifacts.write_summary(Summary(), terminal)
    stack.close()
    return text_of(terminal.stderr)


def test_nothing_is_written_that_was_not_asked_for(stack: ExitStack) -> None:
    """And nothing reads the records."""
    artifacts = Artifacts(SimulateOptions(), stack)
    assert artifacts.listeners_for(EmulatorHarness(followed=False).emulator) == []
    assert write_run(stack) == ""


def test_records_end_with_the_summary(stack: ExitStack, tmp_path: Path) -> None:
    """One JSON object per line, as a run prints them."""
    file = tmp_path / "records.jsonl"
    assert write_run(stack, records=file) == ""
    lines = [msgspec.json.decode(line) for line in file.read_bytes().splitlines()]
    assert [line["type"] for line in lines] == ["log", "summary"]


def test_records_go_to_stdout_where_a_minus_stands_for_the_file(
    stack: ExitStack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: Capture
) -> None:
    """No file of that name comes to be."""
    monkeypatch.chdir(tmp_path)
    assert write_run(stack, records=Path("-")) == ""
    lines = [msgspec.json.decode(line) for line in capsysbinary.readouterr().out.splitlines()]
    assert [line["type"] for line in lines] == ["log", "summary"]
    assert list(tmp_path.iterdir()) == []


def test_a_trace_is_named_when_it_is_written(stack: ExitStack, tmp_path: Path) -> None:
    """Like a report; both are made of the same records."""
    file = tmp_path / "trace.json"
    assert write_run(stack, trace=file) == f"wrote {file}\n"
    assert msgspec.json.decode(file.read_bytes())["otherData"]["seed"] is None


def test_a_trace_that_is_not_finished_leaves_nothing(stack: ExitStack, tmp_path: Path) -> None:
    """An interrupted simulation has no half of one."""
    artifacts = Artifacts(SimulateOptions(trace=tmp_path / "trace.json"), stack)
    artifacts.listeners_for(EmulatorHarness(followed=False).emulator)
    assert list(tmp_path.iterdir()) != []
    stack.close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", ["records", "junit"])
def test_a_file_that_cannot_be_written_is_told_before_the_run(
    stack: ExitStack, tmp_path: Path, option: str
) -> None:
    """With the option that names it."""
    with pytest.raises(UserError) as caught:
        Artifacts(SimulateOptions(**{option: tmp_path / "nowhere" / "file"}), stack)  # type: ignore[arg-type]
    assert caught.value.message.startswith(f"--{option}: ")
    assert "nowhere" in caught.value.message
    assert caught.value.hint


def test_a_file_that_has_become_unwritable_is_told(tmp_path: Path) -> None:
    """What was made for it is lost, and that is no defect."""
    with pytest.raises(UserError, match=r"--junit: cannot write .*No such file"):
        write_artifact(tmp_path / "nowhere" / "file", b"", "--junit")
    write_artifact(tmp_path / "file", b"<x/>", "--junit")
    assert (tmp_path / "file").read_bytes() == b"<x/>"
