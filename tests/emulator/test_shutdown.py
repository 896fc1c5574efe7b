"""How a run is asked to stop: once to finish what runs, twice to stop at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from forge_emu.appdir import load_settings
from forge_emu.emulator.shutdown import Stop, wait_first, with_mocks_file, write_missing_mocks
from forge_emu.report import Summary
from forge_emu.report.summary import MissingAnswers
from tests.emulator.harness import in_event_loop


def state(stop: Stop) -> tuple[bool, bool]:
    """Whether it drains, and whether it is forced."""
    return stop.draining.is_set(), stop.force.is_set()


def test_the_second_request_forces_the_stop() -> None:
    """The first one lets running handlers finish."""
    stop = Stop()
    assert state(stop) == (False, False)
    stop.request()
    assert state(stop) == (True, False)
    stop.request()
    assert state(stop) == (True, True)


def test_a_failure_stops_at_once_and_the_first_one_is_reported() -> None:
    """What fails after it may only be its consequence."""
    stop = Stop()
    first, second = RuntimeError("first"), RuntimeError("second")
    stop.fail(first)
    stop.fail(second)
    assert state(stop) == (True, True)
    assert stop.failure is first


def test_a_reader_that_has_gone_is_no_failure() -> None:
    """The run ends as after one request, and writes no more."""
    stop = Stop()
    stop.on_stdout_closed()
    assert state(stop) == (True, False)
    assert (stop.stdout_closed, stop.failure) == (True, None)


@in_event_loop
async def test_the_first_of_several_ends_the_wait() -> None:
    """The others are cancelled, and have ended when it returns."""
    ended: list[str] = []

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    async def at_once() -> None:
        ended.append("done")

    await wait_first(forever(), at_once())
    assert ended == ["done", "cancelled"]


@in_event_loop
async def test_an_error_of_one_of_several_is_raised() -> None:
    """Nobody waits for the others then."""

    async def broken() -> None:
        raise RuntimeError("broken")

    async def forever() -> None:
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="broken"):
        await wait_first(forever(), broken())


LINES = ["{request: 'GET /rest/api/3/issue/{key}', body: {}}", "{request: 'POST /a''b', body: {}}"]


def lacking(*mocks: str) -> Summary:
    """The summary of a run that lacked these."""
    return Summary(missing_answers=MissingAnswers(requests=len(mocks), mocks=list(mocks)))


def test_the_reader_of_mocks_takes_the_file(tmp_path: Path) -> None:
    """Each mock of all runs is there once."""
    file = write_missing_mocks(tmp_path, [lacking(LINES[0]), lacking(*LINES)])

    assert file == ".forge-emu/missing-mocks.yml"
    (tmp_path / "forge-emu.yml").write_bytes((tmp_path / file).read_bytes())
    patterns = [mock.pattern.text for mock in load_settings(tmp_path).mocks]
    assert patterns == ["GET /rest/api/3/issue/{key}", "POST /a'b"]


def test_a_run_that_lacked_nothing_removes_the_file(tmp_path: Path) -> None:
    """And makes no folder for it."""
    assert write_missing_mocks(tmp_path, [lacking()]) is None
    assert list(tmp_path.iterdir()) == []
    write_missing_mocks(tmp_path, [lacking(*LINES)])
    assert write_missing_mocks(tmp_path, [lacking()]) is None
    assert not (tmp_path / ".forge-emu" / "missing-mocks.yml").exists()


def test_a_folder_that_cannot_be_written_to_is_no_error(tmp_path: Path) -> None:
    """The summary names no file then."""
    (tmp_path / ".forge-emu").write_text("a file")
    assert write_missing_mocks(tmp_path, [lacking(*LINES)]) is None


def test_a_summary_names_the_file_of_what_it_lacked() -> None:
    """One that lacked nothing names none."""
    assert with_mocks_file(lacking(*LINES), "f").missing_answers.mocks_file == "f"
    assert with_mocks_file(lacking(), "f").missing_answers.mocks_file is None
