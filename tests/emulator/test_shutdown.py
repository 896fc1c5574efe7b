"""How a run is asked to stop: once to finish what runs, twice to stop at once."""

from __future__ import annotations

import asyncio

import pytest

from forge_emu.emulator.shutdown import Stop, wait_first
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
