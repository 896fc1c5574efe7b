"""A stage in virtual time: the clock goes from timer to timer, as the emulator's loop moves it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from forge_emu.clock import VirtualClock
from forge_emu.model import Instant, Outcome
from forge_emu.ports import DelayedMessages
from tests.runtime.stage import PATIENCE, Reply, Stage, play

T = TypeVar("T")
EPOCH = 1_767_225_600_000


class VirtualStage:
    """Plays rounds. `at` says when each message was heard."""

    def __init__(self, stage: Stage, clock: VirtualClock) -> None:
        self.stage = stage
        self.clock = clock
        self.invoke = stage.invoke
        self.logs = stage.logs
        self.ended_at: dict[str, Instant] = {}

    async def settle(self) -> None:
        """Until the round under way has ended, and what it said was answered."""
        while self.stage.runtime.busy:
            self.stage._changed.clear()
            await asyncio.wait_for(self.stage._changed.wait(), PATIENCE)
        heard = self.stage.heard
        while any(isinstance(m, DelayedMessages) for m in heard):
            late = next(m for m in heard if isinstance(m, DelayedMessages))
            at = heard.index(late)
            self.clock.skip_to(late.at)
            heard[at : at + 1] = late.messages
        for end in self.stage.ends():
            self.ended_at.setdefault(end.invocation_id, self.clock.now())

    async def run_until(self, deadline: Instant) -> None:
        """Move the clock to `deadline`, from one timer to the next."""
        runtime = self.stage.runtime
        runtime.flush()
        await self.settle()
        while (due := runtime.next_timer_due) is not None and due <= deadline:
            self.clock.skip_to(due)
            runtime.flush()
            await self.settle()
        self.clock.skip_to(deadline)

    async def outcome(self, name: str, deadline: Instant = 86_400_000) -> Outcome:
        """How an invocation ends, at its time and not later."""
        runtime = self.stage.runtime
        runtime.flush()
        await self.settle()
        while name not in self.ended_at:
            due = runtime.next_timer_due
            assert due is not None, "nothing will ever happen"
            assert due <= deadline
            self.clock.skip_to(due)
            runtime.flush()
            await self.settle()
        return next(e.outcome for e in self.stage.ends() if e.invocation_id == name)

    async def run(self, function: str, event: Any = None, **fields: Any) -> Outcome:
        """Run one invocation to its end."""
        return await self.outcome(self.invoke(function, event, **fields))

    def said(self, name: str | None = "") -> list[str]:
        """What was printed."""
        return [line.message for line in self.logs(name)]


def play_virtual(
    root: Path,
    source: str,
    scene: Callable[[VirtualStage], Awaitable[T]],
    *,
    reply: Reply | None = None,
    **options: Any,
) -> T:
    """As `play`, in virtual time that begins in 2026."""
    clock = VirtualClock()

    async def whole(stage: Stage) -> T:
        return await scene(VirtualStage(stage, clock))

    options = {"epoch_ms": EPOCH, **options}
    return play(root, source, whole, reply=reply, clock=clock, **options)
