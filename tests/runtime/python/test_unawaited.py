"""What a handler in Python has not waited for: tasks and threads that go on after its return."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from forge_emu.clock import VirtualClock
from forge_emu.model import Success
from forge_emu.ports import AppRequest, AppResponse
from tests.runtime.node.virtual_time_harness import VirtualTimeHarness
from tests.runtime.python.harness import PythonHarness, default_reply, run_app

HEAD = """\
import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor
from forge_emu.sdk import kvs
"""


def run_in_virtual_time(
    root: Path,
    source: str,
    scenario: Callable[[VirtualTimeHarness], Awaitable[None]],
    reply: Callable[[AppRequest], AppResponse | None] = default_reply,
) -> None:
    """Run `scenario` with an app in virtual time."""
    clock = VirtualClock()

    async def whole(stage: PythonHarness) -> None:
        await scenario(VirtualTimeHarness(stage, clock))

    run_app(root, HEAD + source, whole, reply=reply, clock=clock)


def marks(stage: VirtualTimeHarness) -> list[tuple[str, bool, str | None]]:
    """Of each request the key, when it was made, and where."""
    return [((r.body or "").split('"')[3], r.late, r.place) for r in stage.harness.requests()]


def test_tasks_go_on_after_the_return(tmp_path: Path) -> None:
    """Their requests are named, marked, and belong to the invocation that made the task."""
    source = """
async def _chain(key):
    await kvs.delete(key)
    await kvs.delete(key + "-next")
async def run(event):
    for key in ("a", "b"):
        asyncio.create_task(_chain(key))
async def good(event):
    await asyncio.gather(_chain("a"), _chain("b"))
"""

    async def scene(stage: VirtualTimeHarness) -> None:
        name = stage.invoke("run")
        assert await stage.wait_for_outcome(name) == Success()
        (end,) = stage.harness.ended_invocations()
        assert [(r.path, r.place) for r in end.unanswered] == [
            ("/api/v1/delete", "src/index.py:7")
        ] * 2
        await stage.run_until(1_000)
        assert marks(stage) == [
            ("a", False, None),
            ("b", False, None),
            ("a-next", True, "src/index.py:8"),
            ("b-next", True, "src/index.py:8"),
        ]
        assert {r.invocation_id for r in stage.harness.requests()} == {name}
        good = stage.invoke("good")
        assert await stage.wait_for_outcome(good) == Success()
        assert stage.harness.ended_invocations()[1].unanswered_requests == 0

    run_in_virtual_time(tmp_path, source, scene)


def test_a_task_that_sleeps_goes_on_until_the_timeout(tmp_path: Path) -> None:
    """In its own time though nothing else happens then; one that sleeps longer holds no time."""
    source = """
async def _later(seconds, key):
    await asyncio.sleep(seconds)
    await kvs.delete(key)
async def run(event):
    asyncio.create_task(_later(3, "soon"))
    asyncio.create_task(_later(30, "too late"))
"""

    async def scene(stage: VirtualTimeHarness) -> None:
        await stage.wait_for_outcome(stage.invoke("run"))
        assert stage.harness.runtime.next_timer_due == 3_000
        await stage.run_until(100_000)
        assert [key for key, *_ in marks(stage)] == ["soon"]

    run_in_virtual_time(tmp_path, source, scene)


def test_threads_go_on_after_the_return(tmp_path: Path) -> None:
    """What a thread asks for before it first waits was asked for before the return."""
    source = """
pool = ThreadPoolExecutor(1)
def _chain(key):
    kvs.delete(key)
    kvs.delete(key + "-next")
def run(event):
    threading.Thread(target=_chain, args=("thread",)).start()
def submits(event):
    pool.submit(_chain, "job")
def joins(event):
    thread = threading.Thread(target=_chain, args=("joined",))
    thread.start()
    thread.join()
"""

    async def scene(stage: VirtualTimeHarness) -> None:
        expected = []
        for function, key in (("run", "thread"), ("submits", "job")):
            await stage.wait_for_outcome(stage.invoke(function, instance="i"))
            await stage.run_until(1_000)
            expected += [
                (key, False, None),
                (f"{key}-next", True, "src/index.py:9"),
            ]
        await stage.wait_for_outcome(stage.invoke("joins", instance="i"))
        expected += [("joined", False, None), ("joined-next", False, None)]
        assert marks(stage) == expected
        ends = stage.harness.ended_invocations()
        assert [e.unanswered_requests for e in ends] == [1, 1, 0]
        assert ends[0].unanswered[0].place == "src/index.py:8"

    run_in_virtual_time(tmp_path, source, scene)


def test_a_lost_request_is_never_answered(tmp_path: Path) -> None:
    """Neither in a task nor in a thread; the instance works as before, and is replaced in time."""
    source = """
import os
def _asks(key):
    kvs.delete(key)
    print("answered")
async def _awaits(key):
    await asyncio.sleep(1)
    await kvs.delete(key)
    print("answered")
async def tasks(event):
    asyncio.create_task(_awaits("late-task"))
def threads(event):
    def later():
        kvs.delete("early")
        _asks("late-thread")
    threading.Thread(target=later).start()
def pid(event):
    print(os.getpid())
"""

    def reply(request: AppRequest) -> AppResponse | None:
        return None if "late-" in (request.body or "") else default_reply(request)

    async def scene(stage: VirtualTimeHarness) -> None:
        runtime = stage.harness.runtime
        for asked, function in enumerate(["tasks", *["threads"] * 17]):
            name = stage.invoke(function, instance="i")
            assert await stage.wait_for_outcome(name) == Success()
            await stage.run_until(stage.clock.now() + 2_000)
            late = [r for r in stage.harness.requests() if r.late]
            assert len(late) == asked + 1
            runtime.lose_request(late[asked].request_id)
            assert stage.printed_lines(name) == []
        pids = []
        for _ in range(3):
            name = stage.invoke("pid", instance="i")
            assert await stage.wait_for_outcome(name) == Success()
            await stage.run_until(stage.clock.now() + 1_000)
            pids.append(stage.printed_lines(name))
        assert pids[0] != pids[1] == pids[2]

    run_in_virtual_time(tmp_path, source, scene, reply)
