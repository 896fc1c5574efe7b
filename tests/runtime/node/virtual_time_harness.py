"""A harness in virtual time: the clock goes from timer to timer, as in the emulator."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from forge_emu.clock import VirtualClock
from forge_emu.model import Instant, Outcome
from forge_emu.ports import DelayedMessages
from tests.runtime.node.harness import TIMEOUT_SECONDS, Reply, RuntimeHarness, run_app

T = TypeVar("T")
EPOCH = 1_767_225_600_000


class VirtualTimeHarness:
    """Runs rounds. `ended_at` says when the end of each invocation was received."""

    def __init__(self, harness: RuntimeHarness, clock: VirtualClock) -> None:
        self.harness = harness
        self.clock = clock
        self.invoke = harness.invoke
        self.logs = harness.logs
        self.ended_at: dict[str, Instant] = {}

    async def wait_for_round(self) -> None:
        """Until the round under way has ended, and what it said was answered."""
        while self.harness.runtime.busy:
            self.harness._changed.clear()
            await asyncio.wait_for(self.harness._changed.wait(), TIMEOUT_SECONDS)
        heard = self.harness.messages
        while any(isinstance(m, DelayedMessages) for m in heard):
            late = next(m for m in heard if isinstance(m, DelayedMessages))
            at = heard.index(late)
            self.clock.skip_to(late.at)
            heard[at : at + 1] = late.messages
        for end in self.harness.ended_invocations():
            self.ended_at.setdefault(end.invocation_id, self.clock.now())

    async def run_until(self, deadline: Instant) -> None:
        """Move the clock to `deadline`, from one timer to the next."""
        runtime = self.harness.runtime
        runtime.flush()
        await self.wait_for_round()
        while (due := runtime.next_timer_due) is not None and due <= deadline:
            self.clock.skip_to(due)
            runtime.flush()
            await self.wait_for_round()
        self.clock.skip_to(deadline)

    async def wait_for_outcome(self, name: str, deadline: Instant = 86_400_000) -> Outcome:
        """How an invocation ends, at its time and not later."""
        runtime = self.harness.runtime
        runtime.flush()
        await self.wait_for_round()
        while name not in self.ended_at:
            due = runtime.next_timer_due
            assert due is not None, "nothing will ever happen"
            assert due <= deadline
            self.clock.skip_to(due)
            runtime.flush()
            await self.wait_for_round()
        return next(e.outcome for e in self.harness.ended_invocations() if e.invocation_id == name)

    async def run_invocation(self, function: str, event: Any = None, **fields: Any) -> Outcome:
        """Run one invocation to its end."""
        return await self.wait_for_outcome(self.invoke(function, event, **fields))

    def printed_lines(self, name: str | None = "") -> list[str]:
        """What was printed; not the warnings about what no seed repeats."""
        lines = [line.message for line in self.logs(name)]
        return [line for line in lines if "does not follow the seed" not in line]


def run_app_in_virtual_time(
    root: Path,
    source: str,
    scenario: Callable[[VirtualTimeHarness], Awaitable[T]],
    *,
    reply: Reply | None = None,
    **options: Any,
) -> T:
    """As `run_app`, in virtual time that begins in 2026."""
    clock = VirtualClock()

    async def whole(stage: RuntimeHarness) -> T:
        return await scenario(VirtualTimeHarness(stage, clock))

    options = {"epoch_ms": EPOCH, **options}
    return run_app(root, source, whole, reply=reply, clock=clock, **options)
