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

from forge_emu.console.live.keys import Actions, press_key, split_keys
from forge_emu.console.live.state import Screen, Snapshot, ViewState
from forge_emu.console.live.terminal import Keyboard
from forge_emu.console.live.view import render

FRAME_SECONDS = 1 / 8

SnapshotSource: TypeAlias = Callable[[], Snapshot]
"""Returns the emulator's present state; called at most eight times a second, on the loop."""

__all__ = ["Actions", "LiveConsole", "SnapshotSource"]


class LiveConsole:
    """Draws on the terminal's alternate screen until it is closed or cancelled.

    Whatever ends it, the screen and the keyboard are as they were before.
    """

    def __init__(self, source: SnapshotSource, actions: Actions, console: Console) -> None:
        self.screen = Screen()
        self._source = source
        self._actions = actions
        self._console = console
        self._closed = asyncio.Event()
        self._last_frame_key: tuple[object, ...] = ()

    async def run(self) -> None:
        """Draw frames until `close` is called."""
        first = ViewState(self._source(), self.screen)
        live = Live(
            render(first, *self._console.size),
            console=self._console,
            screen=True,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        with (
            Keyboard(self._press_keys) as keyboard,
            live,
            _cut_at_the_edge(self._console),
            _suspend_on_ctrl_z(self._suspender(keyboard, live)),
        ):
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
        seen = (size, self.screen.version, *_frame_key(snapshot))
        if seen != self._last_frame_key:
            self._last_frame_key = seen
            state = ViewState(snapshot, self.screen)
            live.update(render(state, size.width, size.height), refresh=True)

    def _suspender(self, keyboard: Keyboard, live: Live) -> Callable[[], None]:
        """What Ctrl-Z does: restore the terminal, stop, and draw again on `fg`."""

        def stop() -> None:
            live.stop()
            keyboard.restore_mode()
            os.kill(os.getpid(), signal.SIGSTOP)
            keyboard.enter_cbreak()
            live.start()
            self._last_frame_key = ()

        return stop

    def _press_keys(self, typed: str) -> None:
        for key in split_keys(typed):
            press_key(key, self.screen, self._actions)


@contextmanager
def _cut_at_the_edge(console: Console) -> Iterator[None]:
    """Where text is written in ASCII, a row may be longer than the screen: it must not wrap."""
    if console.encoding.startswith("utf"):
        yield
        return
    console.file.write("\x1b[?7l")
    try:
        yield
    finally:
        console.file.write("\x1b[?7h")
        console.file.flush()


@contextmanager
def _suspend_on_ctrl_z(stop: Callable[[], None]) -> Iterator[None]:
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


def _frame_key(snapshot: Snapshot) -> tuple[object, ...]:
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
