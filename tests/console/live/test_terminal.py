"""The keyboard: keys one by one, and the terminal's mode as it was."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator

import pytest

from forge_emu.console.live.terminal import Keyboard


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
