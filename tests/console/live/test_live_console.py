"""The live console: it draws when something changed, and leaves the terminal as it was."""

from __future__ import annotations

import asyncio
import io

import pytest
from msgspec.structs import replace
from rich.console import Console

from forge_emu.console.live.live_console import LiveConsole
from forge_emu.console.live.state import Snapshot
from forge_emu.timeline.timeline import Timeline
from tests.console.live.actions import RecordedActions
from tests.timeline.stream import Stream

LEAVE_SCREEN = "\x1b[?1049l"


class DrawnConsole:
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
        self.live = LiveConsole(self._source, RecordedActions(), console)

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
        stage = DrawnConsole()
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
        stage = DrawnConsole()
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
