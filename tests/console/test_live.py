"""The live console: it draws when something changed, and leaves the terminal as it was."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest
from rich.console import Console

from forge_emu.console import LiveConsole, Snapshot
from forge_emu.console.terminal import Keyboard
from forge_emu.timeline import Timeline
from tests.console.test_keys import Asked
from tests.timeline.stream import Stream

LEAVE_SCREEN = "\x1b[?1049l"


class Stage:
    """A console on a string, and a snapshot that tests change."""

    def __init__(self) -> None:
        self.out = io.StringIO()
        self.timeline = Timeline()
        self.stream = Stream(self.timeline.add_record)
        self.asked = 0
        self.enough = asyncio.Event()
        self.wanted = 0
        self.snapshot = Snapshot(self.timeline, [], 0, 1.0, 42, "current", "sample-app")
        console = Console(
            file=self.out, force_terminal=True, width=80, height=24, color_system=None, _environ={}
        )
        self.live = LiveConsole(self._source, Asked(), console)

    def _source(self) -> Snapshot:
        self.asked += 1
        if self.asked >= self.wanted:
            self.enough.set()
        return self.snapshot

    async def looks(self, more: int) -> None:
        """Until the console has looked `more` times at the snapshot."""
        self.wanted = self.asked + more
        self.enough.clear()
        await self.enough.wait()

    @property
    def frames(self) -> int:
        """How often a whole frame was written: each shows the name of the app once."""
        return self.out.getvalue().count("sample-app")


def test_it_draws_only_when_something_changed() -> None:
    """Nothing happens, nothing is written; a record, and there is a new frame."""

    async def play() -> list[int]:
        stage = Stage()
        task = asyncio.create_task(stage.live.run())
        await stage.looks(3)
        counts = [stage.frames]
        await stage.looks(3)
        counts.append(stage.frames)
        stage.stream.sent(10, "p")
        await stage.looks(2)
        counts.append(stage.frames)
        stage.snapshot = replace(stage.snapshot, now=1_500)
        await stage.looks(2)
        counts.append(stage.frames)
        stage.live.close()
        await task
        return counts

    calm, still, after_record, after_second = asyncio.run(play())
    assert calm == still
    assert after_record == still + 1
    assert after_second == after_record + 1


@pytest.mark.parametrize("how", ["close", "cancel", "crash"])
def test_the_screen_is_left_however_it_ends(how: str) -> None:
    """Closed, cancelled or failed: the alternate screen is gone."""

    async def play() -> str:
        stage = Stage()
        task = asyncio.create_task(stage.live.run())
        await stage.looks(2)
        if how == "close":
            stage.live.close()
        elif how == "cancel":
            task.cancel()
        else:
            stage.snapshot = None  # type: ignore[assignment]
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()
        return stage.out.getvalue()

    assert LEAVE_SCREEN in asyncio.run(play())


@pytest.fixture
def terminal() -> Iterator[tuple[int, int]]:
    """The two ends of a pseudo-terminal: what a person types into, and what a program reads."""
    if sys.platform == "win32":
        pytest.skip("Windows has no pseudo-terminals")
    person, program = os.openpty()
    yield person, program
    os.close(person)
    os.close(program)


def test_keys_are_read_one_by_one_and_the_mode_is_put_back(terminal: tuple[int, int]) -> None:
    """No Enter, no echo; afterwards the terminal is as it was, even after a failure."""
    import termios

    person, program = terminal
    before = termios.tcgetattr(program)
    typed: list[str] = []

    async def play() -> None:
        got = asyncio.Event()

        def take(text: str) -> None:
            typed.append(text)
            if sum(map(len, typed)) >= 2:
                got.set()

        with Keyboard(take, program):
            assert not termios.tcgetattr(program)[3] & termios.ECHO
            os.write(person, "qü".encode())
            await got.wait()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        asyncio.run(play())

    assert "".join(typed) == "qü"
    assert termios.tcgetattr(program) == before


def test_without_a_terminal_no_keys_are_read() -> None:
    """A pipe on stdin is left alone."""
    reading, writing = os.pipe()

    async def play() -> None:
        with Keyboard(lambda text: None, reading):
            pass

    asyncio.run(play())
    os.close(reading)
    os.close(writing)
