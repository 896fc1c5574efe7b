"""How a run looks on its own terminal: the live console, or plain lines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType

from forge_emu.console.lines import LineFormatter, LineWriter
from forge_emu.console.live.live_console import LiveConsole
from forge_emu.console.live.state import Snapshot
from forge_emu.console.summary import render_summary
from forge_emu.console.tables.schedule_lines import next_run_text
from forge_emu.control.contract import ClockOrder
from forge_emu.emulator.emulator import Emulator
from forge_emu.emulator.shutdown import Stop
from forge_emu.emulator.views.start_hint import start_hint
from forge_emu.errors import Problem, UserError
from forge_emu.model import Instant
from forge_emu.records import AppLoaded, AppRejected, AppReloaded, RecordBatch
from forge_emu.report.summary import Summary
from forge_emu.run.live_page.live_page import LivePage
from forge_emu.run.progress_lines import (
    PIPE_WIDTH,
    PROGRESS_INSTANTS,
    is_message,
    next_progress_instant,
    progress_line,
)


class LinesOutput:
    """One readable line per record on stdout."""

    def __init__(self, console: Console, stop: Stop) -> None:
        self._console = console
        self._stop = stop
        self._formatter = LineFormatter()
        self._writer = LineWriter(console)

    def start(self) -> None:
        """Nothing to prepare."""

    def show_batch(self, batch: RecordBatch) -> None:
        """Print a line for each record."""
        if not self._stop.stdout_closed:
            with self._reader_may_go():
                self._writer.write(self._formatter.format_parts(r) for r in batch.records)

    async def stop(self) -> None:
        """Nothing to release."""

    def show_summary(self, summary: Summary) -> None:
        """Print it below the lines."""
        if not self._stop.stdout_closed:
            with self._reader_may_go():
                self._console.print(self._summary_view(summary), soft_wrap=True)

    def _summary_view(self, summary: Summary) -> RenderableType:
        return render_summary(summary, self._console.width)

    @contextmanager
    def _reader_may_go(self) -> Iterator[None]:
        try:
            yield
        except BrokenPipeError:
            self._stop.on_stdout_closed()


class QuietOutput(LinesOutput):
    """No records of events: what the emulator itself has to say, and the summary."""

    def show_batch(self, batch: RecordBatch) -> None:
        """Print a line for each message of the emulator."""
        said = [record for record in batch.records if is_message(record.body)]
        super().show_batch(RecordBatch(said))


class ProgressOutput(QuietOutput):
    """The same, and how far the run is at some instants of emulated time, ever fewer of them, where
    it has changed."""

    def __init__(
        self, console: Console, stop: Stop, progress: Callable[[], dict[str, int]]
    ) -> None:
        super().__init__(console, stop)
        self._progress = progress
        self._next_at: Instant = PROGRESS_INSTANTS[0]
        self._last: dict[str, int] = {}

    def show_batch(self, batch: RecordBatch) -> None:
        """Print the messages, and a line of progress where the records pass an instant."""
        super().show_batch(batch)
        if self._stop.stdout_closed or not batch.records:
            return
        at = batch.records[-1].at
        if at >= self._next_at:
            self._next_at = next_progress_instant(at)
            figures, last = self._progress(), self._last
            self._last = figures
            with self._reader_may_go():
                if figures != last:
                    self._console.print(progress_line(at, figures), soft_wrap=True)

    def _summary_view(self, summary: Summary) -> RenderableType:
        return render_summary(summary, PIPE_WIDTH, brief=True)


class ConsoleOutput:
    """The live console; its keys act on the emulator."""

    def __init__(
        self,
        emulator: Emulator,
        console: Console,
        stop: Stop,
        page: LivePage | None = None,
        root: Path | None = None,
    ) -> None:
        self._emulator = emulator
        self._page = page
        self._root = root.resolve() if root else None
        self._console = console
        self._stop = stop
        self._problems: Sequence[Problem] = ()
        self._live = LiveConsole(self._snapshot, self, console)
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Draw the console on the whole screen."""
        self._task = asyncio.create_task(self._live.run())

    def show_batch(self, batch: RecordBatch) -> None:
        """The next frame shows them through the timeline."""
        for record in batch.records:
            if isinstance(record.body, AppRejected):
                self._problems = record.body.problems
            elif isinstance(record.body, AppLoaded | AppReloaded):
                self._problems = ()

    async def stop(self) -> None:
        """Restore the terminal's screen."""
        self._live.close()
        if self._task:
            await self._task

    def show_summary(self, summary: Summary) -> None:
        """Print it on the normal screen."""
        self._console.print(render_summary(summary, self._console.width))

    def toggle_pause(self) -> None:
        """Key: hold delivery, or go on."""
        if self._emulator.clock.paused and not self._emulator.engine.paused:
            self._emulator.set_clock(ClockOrder("resume"))
        else:
            self._emulator.admin.toggle_delivery()

    def deliver_one(self) -> None:
        """Key: deliver the first event in line."""
        self._emulator.admin.deliver_next()

    def skip_to_next(self) -> None:
        """Key: go to the next due time."""
        self._emulator.set_clock(ClockOrder("next"))

    def retry_now(self, event_id: str) -> None:
        """Key: skip the wait of the selected event."""
        self._emulator.admin.run_now(event_id)

    def read_payload(self, event_id: str) -> dict[str, Any] | str:
        """Key: what is in the selected event; why that is not there."""
        # A product event's delivery to a trigger is named after both.
        try:
            found: dict[str, Any] = self._emulator.payloads.payload(event_id.partition("/")[0])
        except UserError as error:
            return error.message
        return found

    def open_page(self) -> str:
        """Key: open the live page in the browser; answers what to tell the user."""
        if self._page is None:
            return "there is no live page"
        return self._page.open()

    def quit(self) -> None:
        """Key: end the run, as Ctrl-C does."""
        self._stop.request()

    def _snapshot(self) -> Snapshot:
        emulator = self._emulator
        return Snapshot(
            timeline=emulator.timeline,
            usage=emulator.usage(),
            now=emulator.clock.shown(),
            speed=emulator.clock.speed,
            measured_speed=emulator.clock.measured_speed,
            lag_ms=emulator.engine.lag(emulator.clock.now()),
            seed=emulator.seed,
            limits=emulator.settings.preset,
            next_run=next_run_text(emulator.schedules.list_schedules(), emulator.clock.shown()),
            app_name=emulator.app.name or emulator.app.id,
            url=emulator.url,
            page=self._page.shown_link if self._page else None,
            web_triggers=[
                (each.key, each.urls[-1])
                for each in emulator.calls.list_web_triggers()
                if each.urls
            ],
            paused=emulator.engine.paused or emulator.clock.paused,
            stopping=self._stop.draining.is_set(),
            problems=self._problems,
            settings=emulator.settings,
            start_hint=start_hint(emulator.app, self._root, Path.cwd()) if self._root else None,
            attempts=emulator.summary_builder.attempts_over_time(),
        )
