"""A thread that is taken over by another instance of its function, as if it were new."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.model import OutOfMemory, Success
from forge_emu.runtime.host.isolation import SPARE_THREADS
from tests.runtime.node.harness import RuntimeHarness, run_app
from tests.runtime.node.virtual_time_harness import VirtualTimeHarness, run_app_in_virtual_time

KEPT_THREADS = SPARE_THREADS + 1
"""Of a function that runs apart, if its invocations come one after the other."""

SOURCE = """
import events from 'node:events';
import v8 from 'node:v8';
import { threadId } from 'node:worker_threads';
const globals = new Function('return globalThis');
const MB = 1024 * 1024;
const kept = [];
let runs = 0;
export async function run({ mb, keep, leave, state, timer }) {
  runs += 1;
  const heap = Math.round(v8.getHeapStatistics().used_heap_size / MB);
  const all = new Array(mb * 131072).fill(1);
  if (keep) kept.push(all);
  if (leave) (events.left ??= []).push(Buffer.alloc(leave * MB, 1));
  if (state) globals().state = (globals().state ?? 0) + 1;
  if (timer) setTimeout(() => console.log('late'), 20_000);
  console.log([threadId, runs, heap, globals().state ?? 0]);
  await __forge_fetch__({}, '/any', {});
  return all.length > 0 && undefined;
}
"""


async def _run_apart(harness: RuntimeHarness) -> None:
    """Have the function come near its memory once."""
    assert await harness.run_invocation("run", {"mb": 90}) == Success()
    harness.messages.clear()


def _printed(harness: RuntimeHarness) -> list[list[int]]:
    """Thread, runs of the instance, megabytes of heap and state of the thread, each time."""
    lines = [line.message.strip("[] ").split(", ") for line in harness.logs()]
    return [[int(number) for number in line] for line in lines]


@pytest.mark.parametrize(
    "left", [{"mb": 70, "keep": True}, {"mb": 1, "leave": 70}], ids=["modules", "builtins"]
)
def test_what_an_earlier_instance_held_is_not_charged(
    tmp_path: Path, left: dict[str, object]
) -> None:
    """Neither what goes with it nor what it has left for good; modules are an instance's own."""

    async def scene(harness: RuntimeHarness) -> None:
        await _run_apart(harness)
        for event in (left, {"mb": 90}):
            for _ in range(KEPT_THREADS):
                assert await harness.run_invocation("run", event) == Success()
        threads, runs, heaps, _ = zip(*_printed(harness), strict=True)
        assert len(set(threads)) <= KEPT_THREADS
        assert set(runs) == {1}
        assert max(heaps) < 70

    run_app(tmp_path, SOURCE, scene)


def test_memory_is_counted_on_a_thread_that_was_taken_over(tmp_path: Path) -> None:
    """Of one invocation, and of what its instance keeps from one to the next."""

    async def scene(harness: RuntimeHarness) -> None:
        await _run_apart(harness)
        for _ in range(KEPT_THREADS):
            assert await harness.run_invocation("run", {"mb": 1}) == Success()
        outcome = await harness.run_invocation("run", {"mb": 150})
        assert isinstance(outcome, OutOfMemory)
        for _ in range(2):
            event = {"mb": 50, "keep": True}
            assert await harness.run_invocation("run", event, instance="keeps") == Success()
        outcome = await harness.run_invocation("run", {"mb": 50}, instance="keeps")
        assert isinstance(outcome, OutOfMemory)

    run_app(tmp_path, SOURCE, scene)


def test_a_thread_with_state_in_global_this_is_not_taken_over(tmp_path: Path) -> None:
    """Not even if the state comes when its function runs apart for another reason."""

    async def scene(harness: RuntimeHarness) -> None:
        await _run_apart(harness)
        for n in range(2 * KEPT_THREADS):
            event = {"mb": 1, "state": n >= KEPT_THREADS}
            assert await harness.run_invocation("run", event) == Success()
        states = [state for *_, state in _printed(harness)]
        assert states == [0] * KEPT_THREADS + [1] * KEPT_THREADS

    run_app(tmp_path, SOURCE, scene)


def test_timers_of_an_earlier_instance_go_with_it(tmp_path: Path) -> None:
    """Those of the instance that has the thread now fire."""

    async def scene(harness: VirtualTimeHarness) -> None:
        assert await harness.run_invocation("run", {"mb": 90}) == Success()
        names = []
        for _ in range(KEPT_THREADS + 2):
            names.append(harness.invoke("run", {"mb": 1, "timer": True}))
            await harness.wait_for_outcome(names[-1])
        await harness.run_until(20_000)
        late = {line.invocation_id for line in harness.logs() if line.message == "late"}
        # Three threads were taken over: that of the first invocation of all, and the next two.
        assert late == set(names[2:])

    run_app_in_virtual_time(tmp_path, SOURCE, scene)
