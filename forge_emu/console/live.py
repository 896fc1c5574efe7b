"""The console redraws at most eight times a second, and only when something changed."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from rich.console import Console
from rich.live import Live

from forge_emu.console.keys import Actions, press, split
from forge_emu.console.state import Screen, Snapshot, ViewState
from forge_emu.console.terminal import Keyboard
from forge_emu.console.view import render

FRAME_SECONDS = 1 / 8

Source: TypeAlias = Callable[[], Snapshot]
"""Answers the emulator's present state; called at most eight times a second, on the loop."""

__all__ = ["Actions", "LiveConsole", "Source"]


class LiveConsole:
    """Draws on the terminal's alternate screen until it is closed or cancelled.

    Whatever ends it, the screen and the keyboard are as they were before.
    """

    def __init__(self, source: Source, actions: Actions, console: Console) -> None:
        self.screen = Screen()
        self._source = source
        self._actions = actions
        self._console = console
        self._closed = asyncio.Event()
        self._seen: tuple[object, ...] = ()

    async def run(self) -> None:
        """Draw until `close`."""
        first = ViewState(self._source(), self.screen)
        live = Live(
            render(first, *self._console.size),
            console=self._console,
            screen=True,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        with Keyboard(self._type) as keyboard, live, _suspended_well(self._stop(keyboard, live)):
            while not self._closed.is_set():
                self._draw(live)
                try:
                    await asyncio.wait_for(self._closed.wait(), FRAME_SECONDS)
                except TimeoutError:
                    continue

    def close(self) -> None:
        """Leave the screen; `run` returns soon after."""
        self._closed.set()

    def _draw(self, live: Live) -> None:
        snapshot = self._source()
        size = self._console.size
        seen = (size, self.screen.version, *_changes(snapshot))
        if seen != self._seen:
            self._seen = seen
            state = ViewState(snapshot, self.screen)
            live.update(render(state, size.width, size.height), refresh=True)

    def _stop(self, keyboard: Keyboard, live: Live) -> Callable[[], None]:
        """What Ctrl-Z does: restore the terminal, stop, and draw again on `fg`."""

        def stop() -> None:
            live.stop()
            keyboard.disarm()
            os.kill(os.getpid(), signal.SIGSTOP)
            keyboard.arm()
            live.start()
            self._seen = ()

        return stop

    def _type(self, typed: str) -> None:
        for key in split(typed):
            press(key, self.screen, self._actions)


@contextmanager
def _suspended_well(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` on Ctrl-Z, where there is such a thing."""
    loop = asyncio.get_running_loop()
    try:
        loop.add_signal_handler(signal.SIGTSTP, stop)
    except (AttributeError, NotImplementedError, RuntimeError, ValueError):
        yield  # Windows, or not the main thread.
        return
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTSTP)


def _changes(snapshot: Snapshot) -> tuple[object, ...]:
    """What a frame shows that can change without a key: time counts by the emulated second."""
    # A fast clock passes many seconds between two frames; four changes a second are enough then.
    tick = max(1_000, int(250 * (snapshot.speed or 1)))
    return (
        snapshot.timeline.version,
        snapshot.now // tick,
        snapshot.paused,
        snapshot.stopping,
        len(snapshot.problems),
        tuple((u.used, u.hits) for u in snapshot.usage),
    )
