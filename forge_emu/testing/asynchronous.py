"""An emulator for tests that are coroutines, in this process, with its state in memory."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Any, Self, Unpack

from forge_emu.control.contract import ClockOrder
from forge_emu.emulator.admin import Admin
from forge_emu.emulator.emulator import Emulator as RunningEmulator
from forge_emu.emulator.shutdown import Stop, wait_first
from forge_emu.emulator.snapshots.run_snapshot import RunSnapshot
from forge_emu.errors import UserError
from forge_emu.model import App, Instant
from forge_emu.ports import Runtime
from forge_emu.records import Record, RecordBatch
from forge_emu.report.summary import Advice
from forge_emu.testing.actions import AsyncActions
from forge_emu.testing.events import Event, Events, ProductEvent
from forge_emu.testing.options import EmulatorOptions, check_options, milliseconds
from forge_emu.testing.queues import QueueCounts, queue_of
from forge_emu.testing.start import start_emulator
from forge_emu.testing.store import Store
from forge_emu.testing.summary import RunSummary


class AsyncEmulator(AsyncActions):
    """Runs the app of a directory: `async with AsyncEmulator("my-app", seed=1) as emu: …`.

    Its methods raise UserError for what they cannot take, and whatever ends the emulator itself.
    """

    _followed = False
    """Whether the records are kept for others to follow."""

    def __init__(self, app: str | os.PathLike[str], **options: Unpack[EmulatorOptions]) -> None:
        check_options(options)
        self._app = app
        self._options = options
        self._stack = AsyncExitStack()
        self._stop = Stop()
        self._running: RunningEmulator | None = None
        self._runtime: Runtime | None = None
        self._moving = 0
        self._events = Events()
        self._records: list[Record] = []
        self._counts: Counter[str] = Counter()

    async def __aenter__(self) -> Self:
        try:
            self._running, self._runtime = await start_emulator(
                self._app,
                self._options,
                self._stop,
                self._stack,
                self._add_batch,
                followed=self._followed,
            )
        except BaseException:
            await self._stack.aclose()
            raise
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._running is not None:
            self._running.loop.stop()
        self._running = None
        await self._stack.aclose()

    # --- time -------------------------------------------------------------------------------------

    @property
    def now(self) -> Instant:
        """Emulated milliseconds since the start."""
        return self._emulator.clock.now()

    async def until_idle(self) -> RunSummary:
        """Move time on until nothing is planned, waiting or running; return the summary."""
        await self._move(ClockOrder("until-idle"))
        return self.summary

    async def advance(self, span: str | float) -> None:
        """Move time on by `15m`, or by seconds, and do all that is due until then."""
        await self._move(ClockOrder("advance", milliseconds(span)))

    async def next(self) -> None:
        """Move time on to the next instant at which something is due, and do that."""
        await self._move(ClockOrder("next"))

    async def _move(self, order: ClockOrder) -> None:
        emulator = self._emulator
        driver = emulator.loop.clock_driver
        has_ended = (
            driver.only_time_goes_on
            if order.action == "until-idle"
            else lambda: driver.goal is None and not emulator.loop.busy
        )
        async with self._time_moves():
            emulator.set_clock(order)
            await self._wait(emulator.loop.wait_until(has_ended))

    @asynccontextmanager
    async def _time_moves(self) -> AsyncIterator[None]:
        """Between two such blocks nothing happens in virtual time, not even what is due."""
        loop = self._emulator.loop
        self._moving += 1
        loop.held = False
        try:
            yield
        finally:
            self._moving -= 1
            loop.held = loop.clock.virtual and not self._moving

    # --- snapshots --------------------------------------------------------------------------------

    async def snapshot(self) -> RunSnapshot:
        """All that there is now, in memory: `restore` goes back to it. Handlers begin anew, with
        new instances. Raises UserError in real time, and while a handler is at work."""
        emulator = await self._between_rounds()
        assert self._runtime is not None
        return RunSnapshot(emulator, self._runtime)

    async def restore(self, snapshot: RunSnapshot) -> None:
        """Go back to a snapshot of this emulator, as often as you like: queues, store, site, time,
        chance, records. Raises UserError while a handler is at work."""
        if snapshot.emulator is not self._emulator:
            raise UserError("this snapshot is of another emulator", "Restore it in that one.")
        await self._between_rounds()
        snapshot.restore()

    async def _between_rounds(self) -> RunningEmulator:
        """The emulator, once nothing moves in its handlers at the present instant."""
        emulator = self._emulator
        await self._wait(emulator.loop.wait_until(lambda: not emulator.loop.busy))
        return emulator

    # --- what came of it --------------------------------------------------------------------------

    @property
    def events(self) -> list[Event]:
        """The events of all queues, in the order of their pushes."""
        return list(self._events.queued.values())

    @property
    def product_events(self) -> list[ProductEvent]:
        """The product events, in the order in which they were sent."""
        return list(self._events.products.values())

    @property
    def dropped(self) -> list[Event | ProductEvent]:
        """The events and product events that were given up: work that was lost."""
        return self._events.in_state("dropped")

    def event(self, id: str) -> Event | ProductEvent:
        """An event or a product event by its id. Raises UserError where there is none."""
        return self._events.get(id)

    def queue(self, name: str) -> QueueCounts:
        """A queue of the app, with its events. Raises UserError where no consumer has it."""
        return queue_of(name, self._events.queued.values(), self.app)

    def payload(self, event: Event | ProductEvent | str) -> dict[str, Any]:
        """What is in an event, as `forge-emu queue show --payload` has it: its `body`, and of each
        of its `invocations` what was given, returned, printed and requested. Secrets are masked."""
        found: Any = self._emulator.payloads.payload(event if isinstance(event, str) else event.id)
        return dict(found)

    @property
    def kvs(self) -> Store:
        """The key-value store."""
        return Store(self.admin, lambda change: change())

    @property
    def app(self) -> App:
        """The app as its manifest describes it."""
        return self._emulator.app

    @property
    def controls(self) -> RunningEmulator:
        """What the control API serves."""
        return self._emulator

    @property
    def admin(self) -> Admin:
        """What changes queues and store by hand."""
        return self._emulator.admin

    @property
    def summary(self) -> RunSummary:
        """What has happened up to now."""
        return RunSummary(self._emulator.summary(), self._counts)

    @property
    def advice(self) -> list[Advice]:
        """Findings about the app, as in the summary of a run."""
        return self.summary.whole.advice

    @property
    def records(self) -> list[Record]:
        """Everything that has happened, as docs/records.md has it."""
        return list(self._records)

    @property
    def logs(self) -> list[str]:
        """Every line that the app printed."""
        return list(self._events.logs)

    # --- start and end ----------------------------------------------------------------------------

    @property
    def _emulator(self) -> RunningEmulator:
        if self._stop.failure is not None:
            raise self._stop.failure
        if self._running is None:
            raise UserError("the emulator does not run", "Use it inside its `with` block.")
        return self._running

    async def _wait(self, awaited: Awaitable[object]) -> None:
        async def wait() -> None:
            await awaited

        await wait_first(wait(), self._stop.draining.wait())
        if self._stop.failure is not None:
            raise self._stop.failure

    def _add_batch(self, batch: RecordBatch) -> None:
        for record in batch.records:
            self._counts[record.type] += 1
            self._records.append(record)
            self._events.add_record(record)
