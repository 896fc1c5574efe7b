"""An emulator for tests that are plain functions."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, Unpack

from forge_emu.emulator.snapshots.run_snapshot import RunSnapshot
from forge_emu.errors import UserError
from forge_emu.model import Instant
from forge_emu.records import Record
from forge_emu.report.summary import Advice
from forge_emu.testing.asynchronous import AsyncEmulator
from forge_emu.testing.errors import CallError, PushError
from forge_emu.testing.events import Event, ProductEvent
from forge_emu.testing.options import EmulatorOptions
from forge_emu.testing.queues import QueueCounts
from forge_emu.testing.site import Site
from forge_emu.testing.store import Store
from forge_emu.testing.summary import RunSummary
from forge_emu.testing.sync_actions import Actions

__tracebackhide__ = True
"""pytest shows the line of the test instead."""


class Clock:
    """Emulated time."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    @property
    def now(self) -> Instant:
        """Emulated milliseconds since the start."""
        return self._emulator.inner.now

    def advance(self, span: str | float) -> None:
        """Move time on by `15m`, or by seconds, and do all that is due until then."""
        self._emulator.run(self._emulator.inner.advance(span))

    def next(self) -> None:
        """Move time on to the next instant at which something is due, and do that."""
        self._emulator.run(self._emulator.inner.next())


class Emulator(Actions):
    """Runs the app of a directory: `with Emulator("my-app", seed=1) as emu: …`.

    Its methods raise UserError for what they cannot take. `inner` is the same for coroutines.
    """

    def __init__(self, app: str | os.PathLike[str], **options: Unpack[EmulatorOptions]) -> None:
        self.inner = AsyncEmulator(app, **options)
        self.clock = Clock(self)
        self._runner: asyncio.Runner | None = None

    def __enter__(self) -> Self:
        _check_no_loop_runs()
        self._runner = asyncio.Runner()
        try:
            self.run(self.inner.__aenter__())
        except BaseException:
            self._runner.close()
            self._runner = None
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.run(self.inner.__aexit__(kind, error, trace))
        finally:
            if self._runner is not None:
                self._runner.close()
            self._runner = None

    def run(self, coroutine: Any) -> Any:
        """Run a coroutine of `inner` to its end, and the emulator meanwhile."""
        if self._runner is None:
            coroutine.close()
            raise UserError("the emulator does not run", "Use it inside its `with` block.")
        try:
            return self._runner.run(coroutine)
        except (UserError, CallError, PushError) as error:
            # What the test can mend happened in the test, not in here.
            raise error.with_traceback(None) from None

    def until_idle(self) -> RunSummary:
        """Move time on until nothing is planned, waiting or running; return the summary."""
        summary: RunSummary = self.run(self.inner.until_idle())
        return summary

    def snapshot(self) -> RunSnapshot:
        """All that there is now, in memory: `restore` goes back to it. Handlers begin anew, with
        new instances. Raises UserError in real time, and while a handler is at work."""
        taken: RunSnapshot = self.run(self.inner.snapshot())
        return taken

    def restore(self, snapshot: RunSnapshot) -> None:
        """Go back to a snapshot of this emulator, as often as you like: queues, store, site, time,
        chance, records. Raises UserError while a handler is at work."""
        self.run(self.inner.restore(snapshot))

    # --- what came of it --------------------------------------------------------------------------

    @property
    def events(self) -> list[Event]:
        """The events of all queues, in the order of their pushes."""
        return self.inner.events

    @property
    def product_events(self) -> list[ProductEvent]:
        """The product events, in the order in which they were sent."""
        return self.inner.product_events

    @property
    def dropped(self) -> list[Event | ProductEvent]:
        """The events and product events that were given up: work that was lost."""
        return self.inner.dropped

    def event(self, id: str) -> Event | ProductEvent:
        """An event or a product event by its id. Raises UserError where there is none."""
        return self.inner.event(id)

    def queue(self, name: str) -> QueueCounts:
        """A queue of the app, with its events. Raises UserError where no consumer has it."""
        return self.inner.queue(name)

    def payload(self, event: Event | ProductEvent | str) -> dict[str, Any]:
        """What is in an event, as `forge-emu queue show --payload` has it: its `body`, and of each
        of its `invocations` what was given, returned, printed and requested. Secrets are masked."""
        return self.inner.payload(event)

    @property
    def kvs(self) -> Store:
        """The key-value store."""
        return Store(self.inner.admin, self._run_call)

    @property
    def site(self) -> Site:
        """The site behind the product calls of the app."""
        return Site(self.inner.controls.site_admin, self._run_call)

    @property
    def summary(self) -> RunSummary:
        """What has happened up to now."""
        return self.inner.summary

    @property
    def advice(self) -> list[Advice]:
        """Findings about the app, as in the summary of a run."""
        return self.inner.advice

    @property
    def records(self) -> list[Record]:
        """Everything that has happened, as docs/records.md has it."""
        return self.inner.records

    @property
    def logs(self) -> list[str]:
        """Every line that the app printed."""
        return self.inner.logs

    def _run_call(self, call: Callable[[], Any]) -> Any:
        async def inside() -> Any:
            return call()

        return self.run(inside())


def _check_no_loop_runs() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise UserError(
        "an event loop runs here already", "Use AsyncEmulator with `async with` in a coroutine."
    )
