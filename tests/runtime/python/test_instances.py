"""Instances of a Python app: what they share, what they print, and how their errors read."""

from __future__ import annotations

import asyncio
from pathlib import Path

from forge_emu.model import Failed, RetryMistake, RetryRequested, Success
from tests.runtime.python.harness import PythonHarness, run_app


def test_each_instance_evaluates_the_modules_anew(tmp_path: Path) -> None:
    """State survives in an instance and is never another's; packages are imported once."""
    files = {
        "src/index.py": "import lib, decimal\ndef run():\n    lib.runs += 1\n    print(lib.runs)\n",
        "src/lib.py": "runs = 0\nprint('evaluated')\n",
    }

    async def scene(harness: PythonHarness) -> list[str]:
        for instance in ("a", "a", "b", "a", "b"):
            assert await harness.run_invocation("run", instance=instance) == Success()
        return [line.message for line in harness.logs()]

    assert run_app(tmp_path, files, scene) == ["evaluated", "1", "2", "evaluated", "1", "3", "2"]


def test_blocking_handlers_run_side_by_side(tmp_path: Path) -> None:
    """Each waits until all have begun."""
    source = """
import os, time
def run(event):
    open(f"{event}/{os.getpid()}", "w").close()
    while len(os.listdir(event)) < 5:
        time.sleep(0.01)
"""
    meeting = tmp_path / "meeting"
    meeting.mkdir()

    async def scene(harness: PythonHarness) -> None:
        names = [harness.invoke("run", str(meeting)) for _ in range(5)]
        assert [await harness.wait_for_outcome(name) for name in names] == [Success()] * 5

    run_app(tmp_path, source, scene)


def test_what_is_printed_belongs_to_its_invocation(tmp_path: Path) -> None:
    """print, the streams, descriptors, logging, warnings, threads, and children, with levels."""
    source = """
import logging, os, subprocess, sys, threading, warnings
def run(event):
    print("one", "line", end="")
    print()
    print("two\\nlines")
    sys.stderr.write("err\\n")
    sys.stdout.buffer.write(b"bytes\\n")
    os.write(2, b"fd two\\n")
    subprocess.run(["echo", "child"])
    logging.debug("debug")
    logging.getLogger("x.y").info("info %s", event)
    logging.warning("warning")
    logging.critical("critical")
    warnings.warn("careful")
    thread = threading.Thread(target=lambda: 1 / 0, name="worker")
    thread.start()
    thread.join()
    print("no end", end="")
def configured():
    logging.basicConfig(level=logging.INFO, format="%(levelname)s! %(message)s", force=True)
    logging.debug("debug")
    logging.info("info")
    logging.error("error")
"""

    async def scene(harness: PythonHarness) -> None:
        name = harness.invoke("run", 7)
        assert await harness.wait_for_outcome(name) == Success()
        lines = [(line.level, line.message) for line in harness.logs(name)]
        thread = lines.pop(-2)
        # What comes by way of a descriptor is ordered among itself alone.
        assert sorted(lines) == sorted(
            [
                ("info", "one line"),
                ("info", "two\nlines"),
                ("error", "err"),
                ("info", "bytes"),
                ("error", "fd two"),
                ("info", "child"),
                ("debug", "debug"),
                ("info", "info 7"),
                ("warn", "warning"),
                ("error", "critical"),
                ("warn", "src/index.py:15: UserWarning: careful"),
                ("info", "no end"),
            ]
        )
        assert thread[0] == "error"
        assert thread[1].startswith("uncaught exception in worker: ZeroDivisionError: division")
        assert "src/index.py:16" in thread[1]
        other = harness.invoke("configured")
        await harness.wait_for_outcome(other)
        assert [(line.level, line.message) for line in harness.logs(other)] == [
            ("info", "INFO! info"),
            ("error", "ERROR! error"),
        ]

    run_app(tmp_path, source, scene)


def test_a_stack_begins_in_the_users_file(tmp_path: Path) -> None:
    """Innermost first, without frames of ours or of packages, causes in a line each."""
    files = {
        "src/index.py": (
            "import asyncio, json\n"
            "from forge_emu.sdk import Queue\n"
            "from lib import parse\n"
            "def nested():\n"
            "    parse('{')\n"
            "async def grouped():\n"
            "    async with asyncio.TaskGroup() as group:\n"
            "        group.create_task(asyncio.to_thread(parse, '{'))\n"
            "async def refused():\n"
            "    await Queue('q').push([])\n"
            "def called(one, two, three): pass\n"
        ),
        "src/lib.py": (
            "import json\n"
            "def parse(text):\n"
            "    try:\n"
            "        return json.loads(text)\n"
            "    except ValueError as error:\n"
            "        raise RuntimeError('unreadable') from error\n"
        ),
    }

    async def stack(harness: PythonHarness, function: str) -> list[str]:
        outcome = await harness.run_invocation(function)
        assert isinstance(outcome, Failed)
        return (outcome.error.stack or "").splitlines()

    async def scene(harness: PythonHarness) -> None:
        assert await stack(harness, "nested") == [
            "RuntimeError: unreadable",
            "    at parse (src/lib.py:6:9)",
            "    at nested (src/index.py:5:5)",
            "  caused by JSONDecodeError: Expecting property name enclosed in double quotes: line 1"
            " column 2 (char 1) (src/lib.py:4:16)",
        ]
        lines = await stack(harness, "grouped")
        assert lines[0].startswith("ExceptionGroup: unhandled errors in a TaskGroup")
        assert lines[1] == "    at grouped (src/index.py:7:5)"
        assert lines[2] == "  caused by RuntimeError: unreadable (src/lib.py:6:9)"
        assert await stack(harness, "refused") == [
            "NoEventsToPushError: No events pushed.",
            "    at refused (src/index.py:10:5)",
        ]
        outcome = await harness.run_invocation("called")
        assert isinstance(outcome, Failed)
        assert "missing 1 required positional argument: 'three'" in outcome.error.message
        assert outcome.error.stack is None

    run_app(tmp_path, files, scene)


def test_threads_of_a_handler_may_call_the_platform(tmp_path: Path) -> None:
    """From an executor, from a loop of their own, and while the handler waits for them."""
    source = """
import asyncio
from concurrent.futures import ThreadPoolExecutor
from forge_emu.sdk import Queue, kvs
def run():
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: kvs.set(f"k{n}", n), range(20)))
        pool.submit(asyncio.run, _push()).result()
async def _push():
    await asyncio.gather(*(Queue("q").push({"body": {"n": n}}) for n in range(5)))
    await asyncio.to_thread(kvs.delete, "k")
async def soon():
    await asyncio.gather(*(asyncio.to_thread(kvs.get, "k") for _ in range(10)), _push())
def own_loop():
    asyncio.run(_push())
"""

    async def scene(harness: PythonHarness) -> None:
        for function, requests in (("run", 26), ("soon", 16), ("own_loop", 6)):
            name = harness.invoke(function)
            assert isinstance(await harness.wait_for_outcome(name), Success), (
                harness.ended_invocations()
            )
            asked = [r for r in harness.requests() if r.invocation_id == name]
            assert len(asked) == requests

    def reply(request: object) -> object:
        from forge_emu.ports import AppResponse

        path = getattr(request, "path", "")
        if path == "/api/v1/get":
            return AppResponse(200, '{"key":"k","value":1}')
        return AppResponse(201 if "publish" in path else 204)

    run_app(tmp_path, source, scene, reply=reply)  # type: ignore[arg-type]


def test_a_late_call_says_so(tmp_path: Path) -> None:
    """A thread that goes on after its handler has returned."""
    source = """
import threading
from forge_emu.sdk import kvs
gate = threading.Event()
def leaves():
    threading.Thread(target=lambda: (gate.wait(), kvs.set("k", 1))).start()
def opens():
    gate.set()
"""

    async def scene(harness: PythonHarness) -> None:
        await harness.run_invocation("leaves", instance="i")
        harness.invoke("opens", instance="i")
        await harness.wait_until(harness.requests)

    run_app(tmp_path, source, scene)


def test_what_a_return_value_asks_for(tmp_path: Path) -> None:
    """An InvocationError, a response, a dict of their shape; everything else is success."""
    source = """
from forge_emu.sdk import InvocationError, QueueResponse
def error(): return InvocationError(retry_after=5, retry_data={"x": [1, float("inf"), "\\ud800"]})
def response():
    answer = QueueResponse()
    answer.retry()
    return answer
def plain(): return {"_retry": True, "retryOptions": {"retryAfter": 7, "retryReason": "R"}}
def bad(): return InvocationError(retry_data={1, 2})
def large(): return InvocationError(retry_data="x" * 300_000)
def no(): return QueueResponse()
def other(): return {"statusCode": 500}
"""

    async def scene(harness: PythonHarness) -> None:
        error = RetryRequested(5, None, {"x": [1, None, "\ufffd"]}, 20)
        assert await harness.run_invocation("error") == error
        assert await harness.run_invocation("response") == RetryRequested()
        assert await harness.run_invocation("plain") == RetryRequested(7, "R")
        words = "data without a JSON form (Object of type set is not JSON serializable)"
        no_json = RetryRequested(mistakes=(RetryMistake("retry_data", words),))
        assert await harness.run_invocation("bad") == no_json
        assert await harness.run_invocation("large") == RetryRequested(data_bytes=300_002)
        assert (
            await harness.run_invocation("no") == await harness.run_invocation("other") == Success()
        )

    run_app(tmp_path, source, scene)


def test_many_instances_at_once(tmp_path: Path) -> None:
    """As many as the engine starts by default."""
    source = "import asyncio\nasync def run(event):\n    await asyncio.sleep(0.05)\n"

    async def scene(harness: PythonHarness) -> None:
        names = [harness.invoke("run") for _ in range(64)]
        outcomes = await asyncio.gather(*(harness.wait_for_outcome(name) for name in names))
        assert set(map(type, outcomes)) == {Success}

    run_app(tmp_path, source, scene)
