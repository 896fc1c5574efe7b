"""A live page without an emulator: an import that goes on while it is looked at."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec

from forge_emu.control.page.access import PageAccess
from forge_emu.control.page.contract import WaitForDisconnect
from forge_emu.report.page import RunInfo, render_live_page
from forge_emu.reporting import built_page
from tests.report.page.pages import ReportedStream

PlayMore = Callable[[ReportedStream, int], int]
"""Plays what belongs to the line of a number; answers the instant by which it has happened."""


class StreamedPage:
    """Sends so many lines, and more of the run with each."""

    def __init__(self, lines: int, play_more: PlayMore) -> None:
        self.access = PageAccess(
            "secret-of-a-test", iter([f"token{n:011}" for n in range(9)]).__next__
        )
        self._lines = lines
        self._play_more = play_more
        self.url = ""

    def new_link(self) -> str:
        return self.access.new_link(self.url)

    def html(self) -> bytes:
        return render_live_page(built_page(), RunInfo("1", "Sample", "ari:1"))

    async def collect(self) -> None:
        """Nothing to wait for."""

    async def follow_changes(self, wait_for_disconnect: WaitForDisconnect) -> AsyncIterator[bytes]:
        played = ReportedStream()
        reader = played.builder.reader()
        for n in range(self._lines):
            now = self._play_more(played, n)
            yield (
                msgspec.json.encode(
                    {
                        "summary": played.summary.summary(now=now, usage=[]),
                        **played.builder.figures(now),
                        **played.builder.running(),
                        **reader.read(now),
                        "live": _live(now),
                    }
                )
                + b"\n"
            )
        await wait_for_disconnect()


def _live(now: int) -> dict[str, Any]:
    clock = {
        "now": now, "time": "", "speed": None, "paused": False, "goal": None, "until_idle": False,
        "next_due": None, "running": 0, "pending": 0, "planned": 0,
    }  # fmt: skip
    return {
        "clock": clock, "paused": False, "paused_queues": [], "queues": ["q"], "events": ["e"],
        "seed": 1,
    }  # fmt: skip
