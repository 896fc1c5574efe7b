"""Serves the live page: the report's page, fed with what happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from typing import Any, Final

import msgspec

from forge_emu.control.page.access import PageAccess
from forge_emu.control.page.browser import open_link
from forge_emu.control.page.contract import WaitForDisconnect
from forge_emu.emulator.emulator import Emulator
from forge_emu.report.page import PageBuilder, RowsReader, RunInfo, render_live_page
from forge_emu.reporting import built_page
from forge_emu.run.live_page.feed import PageFeed, wait_for_frame

FRAME_SECONDS: Final = 0.25
"""Real seconds between two lines to a page while something happens."""
FRAMES_PER_FIGURES: Final = 4
"""Figures, which are counted anew each time, go with every fourth line at most."""
FRAMES_PER_MEANS: Final = 40
"""Where nothing happens, time alone changes means: every fortieth line has them."""


class LivePage:
    """Implements `control.page.contract.PageContract` for a run."""

    def __init__(self, emulator: Emulator, access: PageAccess, about: RunInfo) -> None:
        self.access = access
        self._emulator = emulator
        self._about = about
        self._readers = 0
        self._opening: asyncio.Future[bool] | None = None
        self._feed = PageFeed(emulator.hub, partial(PageBuilder, emulator.settings))

    @property
    def url(self) -> str:
        """The address of the emulator."""
        return self._emulator.url or ""

    def new_link(self) -> str:
        """A link to the page, which works once."""
        return self.access.new_link(self.url)

    @property
    def shown_link(self) -> str:
        """The link that the console shows."""
        return self.access.shown_link(self.url)

    @property
    def readers(self) -> int:
        """Pages that are open."""
        return self._readers

    def open(self) -> str:
        """Open the page in the user's browser; answers what to tell the user."""
        loop = asyncio.get_running_loop()
        # A browser that is started may take its time.
        self._opening = loop.run_in_executor(None, open_link, self.new_link())
        return "the browser opens the page; if not, the link above does"

    def html(self) -> bytes:
        """The page. Raises UserError where it was not built."""
        return render_live_page(built_page(), self._about)

    async def collect(self) -> None:
        """Collect what the page shows, from the first call on; return once all so far is there."""
        await self._feed.start()

    async def follow_changes(self, wait_for_disconnect: WaitForDisconnect) -> AsyncIterator[bytes]:
        """Lines of JSON: all that happened so far, then what has changed, until somebody goes."""
        await self.collect()
        reader = self._feed.builder.reader()
        self._readers += 1
        closed = asyncio.Event()
        watching = asyncio.create_task(_close_after(wait_for_disconnect, closed))
        frames = _Frames(self._emulator, self._feed, reader)
        try:
            async for _ in wait_for_frame(closed, FRAME_SECONDS):
                if self._feed.done:
                    closed.set()
                if line := frames.next_line():
                    yield line
        finally:
            watching.cancel()
            reader.close()
            self._readers -= 1


class _Frames:
    """The lines for one reader."""

    def __init__(self, emulator: Emulator, feed: PageFeed, reader: RowsReader) -> None:
        self._emulator = emulator
        self._feed = feed
        self._reader = reader
        self._count = 0
        self._seq = -1
        self._figures_of = (-1, -1)
        self._in_use = False

    def next_line(self) -> bytes:
        """The next line; nothing where nothing has changed and the page needs no sign of life."""
        self._count += 1
        with_figures = self._count % FRAMES_PER_FIGURES == 1
        found: dict[str, Any] = {}
        if with_figures and self._are_figures_due():
            found |= self._figures()
        # Rows come last: they bring the words that the rest refers to.
        if self._seq != self._feed.seq:
            self._seq = self._feed.seq
            found |= self._feed.builder.running()
            found |= self._reader.read(self._emulator.clock.shown())
        if not found and not with_figures:
            return b""
        return msgspec.json.encode({**found, "live": self._state()}) + b"\n"

    def _are_figures_due(self) -> bool:
        """Whether they have changed: by what happened, or by time, which empties what was used."""
        clock = self._emulator.clock
        seq, now = self._figures_of
        if seq != self._feed.seq:
            return True
        is_slow_change = not self._in_use and not clock.paused
        return now != clock.now() and (not is_slow_change or self._count % FRAMES_PER_MEANS == 1)

    def _figures(self) -> dict[str, Any]:
        # Figures of one moment: the summary is of now, what was collected may be a little behind.
        self._feed.catch_up()
        now = self._emulator.clock.now()
        summary = self._emulator.summary()
        self._figures_of = (self._feed.seq, now)
        self._in_use = any(usage.used for usage in summary.limits)
        return {"summary": summary, **self._feed.builder.figures(now)}

    def _state(self) -> dict[str, Any]:
        """What the page shows of the emulator besides the records."""
        emulator = self._emulator
        pauses = emulator.engine.queue_admin.pauses
        return {
            "clock": emulator.clock_state(),
            "paused": emulator.engine.paused,
            "paused_queues": pauses.queues,
            "queues": sorted({c.queue for c in emulator.app.consumers}),
            "events": sorted(emulator.app.triggers_by_event),
            "seed": emulator.seed,
        }


async def _close_after(wait_for_disconnect: WaitForDisconnect, closed: asyncio.Event) -> None:
    with suppress(asyncio.CancelledError):
        await wait_for_disconnect()
        closed.set()
