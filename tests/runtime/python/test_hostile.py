"""Python handlers that misbehave end their own invocation and cost nobody else anything."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from forge_emu.model import Failed, Interrupted, OutOfMemory, PlatformError, Success
from tests.runtime.python.harness import PythonHarness, run_app

GOOD = """
import asyncio, atexit, ctypes, os, signal, sys, threading, time

async def good(event):
    await asyncio.sleep(0.03)

def steady(event):
    time.sleep(0.03)

async def waits(event):
    await asyncio.Event().wait()
"""


def source(body: str, kind: str = "def") -> str:
    """An app with the good handlers and one named `bad`."""
    lines = "\n".join(f"    {line}" for line in body.split("\n"))
    return f"{GOOD}\n{kind} bad(event):\n{lines}\n"


async def _beside_good(harness: PythonHarness) -> Failed:
    """Run `bad` between good neighbours, which must all succeed."""
    before = [harness.invoke("good"), harness.invoke("steady")]
    bad = harness.invoke("bad", instance="bad")
    after = [harness.invoke("good"), harness.invoke("steady")]
    outcome = await harness.wait_for_outcome(bad)
    for name in (*before, *after):
        assert await harness.wait_for_outcome(name) == Success()
    assert await harness.run_invocation("good", instance="bad") == Success()
    assert len(harness.ended_invocations()) == 6
    assert isinstance(outcome, Failed), outcome
    return outcome


@pytest.mark.parametrize(
    ("body", "name", "message"),
    [
        ("raise TypeError('no')", "TypeError", "no"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt", ""),
        ("raise GeneratorExit('g')", "GeneratorExit", "g"),
        ("raise asyncio.CancelledError", "CancelledError", ""),
        ("raise BaseExceptionGroup('g', [KeyboardInterrupt()])", "BaseExceptionGroup", "g"),
        (
            "class Odd(Exception):\n    def __str__(self): raise self\nraise Odd",
            "Odd",
            "a Odd that cannot be printed was raised",
        ),
        ("raise ValueError('\\ud800 half')", "ValueError", "\ufffd half"),
        ("sys.exit(3)", "ProcessExit", "sys.exit(3) was called"),
        ("sys.exit()", "ProcessExit", "sys.exit() was called"),
        ("exit()", "ProcessExit", "sys.exit() was called"),
        ("raise SystemExit('bye')", "ProcessExit", "sys.exit('bye') was called"),
        ("os._exit(3)", "ProcessExit", "exited with status 3"),
        ("os._exit(0)", "ProcessExit", "exited with status 0"),
        ("os.abort()", "ProcessExit", "ended by SIGABRT"),
        ("os.kill(os.getpid(), signal.SIGTERM)", "ProcessExit", "os.kill("),
        ("os.kill(os.getppid(), signal.SIGKILL)", "ProcessExit", "os.kill("),
        ("os.kill(0, 9)", "ProcessExit", "os.kill(0, SIGKILL) was called"),
        ("os.kill(-1, 9)", "ProcessExit", "os.kill(-1, SIGKILL) was called"),
        ("os.killpg(os.getpgrp(), 9)", "ProcessExit", "os.killpg("),
        ("signal.raise_signal(signal.SIGTERM)", "ProcessExit", "ended by SIGTERM"),
        ("ctypes.string_at(0)", "ProcessExit", "ended by SIGSEGV"),
        ("os.closerange(3, 1000); print('x')", "ProcessExit", "exited with status 74"),
        ("def deep(): return deep() + 1\ndeep()", "RecursionError", "maximum recursion depth"),
        ("time.sleep(-1)", "ValueError", "must be non-negative"),
        ("sys.stdout.write(5)", "TypeError", "must be str"),
        (
            "from forge_emu.sdk import InvocationError\nraise InvocationError(retry_after=5)",
            "InvocationError",
            "return it to ask for this retry",
        ),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else value,
)
def test_whatever_goes_wrong_ends_only_its_own_invocation(
    tmp_path: Path, body: str, name: str, message: str
) -> None:
    """The error is told as the handler's; neighbours and the next run on its instance succeed."""
    outcome = run_app(tmp_path, source(body), _beside_good)

    assert outcome.error.name == name
    assert message in outcome.error.message


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("sys.exit(1)", "ProcessExit"),
        ("asyncio.get_running_loop().stop(); await asyncio.sleep(1)", "RuntimeError"),
        ("await asyncio.gather(asyncio.sleep(9), asyncio.to_thread(os._exit, 5))", "ProcessExit"),
        ("asyncio.current_task().cancel(); await asyncio.sleep(1)", "CancelledError"),
    ],
)
def test_async_handlers_go_wrong_alike(tmp_path: Path, body: str, name: str) -> None:
    """What ends a loop ends its invocation alone."""
    outcome = run_app(tmp_path, source(body, "async def"), _beside_good)

    assert outcome.error.name == name


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("def", "while True: pass"),
        ("def", "while True:\n    try: time.sleep(1)\n    except BaseException: pass"),
        ("def", "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nwhile True: pass"),
        ("def", "sum(iter(int, 1))"),
        ("def", "threading.Lock().acquire() and threading.Event().wait()"),
        ("async def", "while True: pass"),
        ("async def", "while True: await asyncio.sleep(0)"),
        ("async def", "await asyncio.to_thread(lambda: [None for _ in iter(int, 1)])"),
        ("def", "os.fork()\nwhile True: pass"),
    ],
)
def test_a_stuck_handler_is_ended_when_it_is_aborted(tmp_path: Path, kind: str, body: str) -> None:
    """Its process is killed, with whatever it has forked, and every other invocation goes on."""

    async def scene(harness: PythonHarness) -> None:
        others = [harness.invoke("good"), harness.invoke("steady")]
        bad = harness.invoke("bad", instance="bad")
        for name in others:
            assert await harness.wait_for_outcome(name) == Success()
        harness.runtime.abort_invocation(bad)
        harness.runtime.flush()
        assert await harness.run_invocation("good") == Success()
        assert bad not in [e.invocation_id for e in harness.ended_invocations()]

    run_app(tmp_path, source(body, kind), scene)


@pytest.mark.parametrize(
    "body",
    [
        "kept = []\nwhile True: kept.append(bytearray(b'x' * 1_000_000))",
        "kept = []\nwhile True: kept.append(bytearray(b'x' * 4_000_000)); time.sleep(0.01)",
        "kept = {}\nwhile True: kept[len(kept)] = str(len(kept))",
        "b'x' * 1_000_000_000",
        "sys.setrecursionlimit(10**9)\n(lambda g: g(g))(lambda g: g(g))",
        "raise MemoryError",
    ],
)
def test_a_memory_leak_is_out_of_memory_for_its_invocation_alone(tmp_path: Path, body: str) -> None:
    """Others go on, and the next invocation on its instance finds a new process."""

    async def scene(harness: PythonHarness) -> None:
        other = harness.invoke("steady")
        outcome = await harness.run_invocation("bad", instance="bad")
        assert isinstance(outcome, OutOfMemory)
        assert "SIGKILL" in outcome.error.message
        assert await harness.wait_for_outcome(other) == Success()
        assert await harness.run_invocation("good", instance="bad") == Success()

    run_app(tmp_path, source(body), scene)


@pytest.mark.parametrize(
    "body",
    [
        "threading.Thread(target=lambda: time.sleep(99)).start()",
        "threading.Thread(target=lambda: [None for _ in iter(int, 1)]).start()",
        "atexit.register(lambda: os._exit(9))",
        "os.close(1); os.close(2)",
        "pid = os.fork()\nif pid == 0:\n    return None\nos.waitpid(pid, 0)",
        "pid = os.fork()\nif pid == 0:\n    raise ValueError('in the child')\nos.waitpid(pid, 0)",
        "pid = os.fork()\nif pid == 0:\n    sys.exit(4)\nassert os.waitpid(pid, 0)[1] != 0",
        "import multiprocessing as m\nwith m.Pool(2) as pool: assert pool.map(abs, [-1]) == [1]",
        "os.chdir('/'); os.environ.clear(); sys.path.clear(); sys.modules.clear()",
        "sys.stdout = sys.stderr = None; print('x')",
        "import random; random.seed(1); time.time = None; os.kill = None",
    ],
)
def test_what_a_handler_leaves_behind_is_no_harm(tmp_path: Path, body: str) -> None:
    """It succeeds, once, and its instance and others can be used again."""

    async def scene(harness: PythonHarness) -> None:
        bad = harness.invoke("bad", instance="bad")
        assert await harness.wait_for_outcome(bad) == Success()
        assert await harness.run_invocation("steady") == Success()
        if "modules" not in body and "time.time" not in body:
            assert await harness.run_invocation("good", instance="bad") == Success()
        assert len([e for e in harness.ended_invocations() if e.invocation_id == bad]) == 1

    run_app(tmp_path, source(body), scene)


def test_a_process_that_ends_between_invocations_is_replaced_unseen(tmp_path: Path) -> None:
    """The invocation that comes next has not begun in it, and runs in another."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)

    async def scene(harness: PythonHarness) -> None:
        assert await harness.run_invocation("leaves", str(fifo), instance="i") == Success()
        pid = int(harness.logs()[0].message)
        # Opening it to write lets the thread go on to its end.
        os.close(os.open(fifo, os.O_WRONLY))
        while Path(f"/proc/{pid}").exists():
            await asyncio.sleep(0)
        assert await harness.run_invocation("good", instance="i") == Success()

    leaves = (
        "\ndef leaves(event):\n"
        "    run = lambda: (open(event).read(), os._exit(1))\n"
        "    threading.Thread(target=run).start()\n"
        "    print(os.getpid())\n"
    )
    run_app(tmp_path, GOOD + leaves, scene)


def test_ten_megabytes_of_output_are_cut_and_harm_nobody(tmp_path: Path) -> None:
    """A hundred lines or 200 KB are kept, one line says so, and the run goes on."""
    text = f"""{GOOD}
def lines(event):
    for _ in range(100_000): print('x' * 100)

def blocks(event):
    print('x' * 10_000_000)

def raw(event):
    for _ in range(1000): os.write(1, b'y\\n')

def raw_blocks(event):
    os.write(1, b'z' * 10_000_000 + b'\\n')

def shell(event):
    os.system("yes | head -c 1000000")
"""

    async def scene(harness: PythonHarness) -> None:
        for function, kept, limit in (
            ("lines", 100, "100 lines"),
            ("blocks", 0, "200 KB"),
            ("raw", 100, "100 lines"),
            ("raw_blocks", 0, "200 KB"),
            ("shell", 100, "100 lines"),
        ):
            name = harness.invoke(function)
            good = harness.invoke("good")
            assert await harness.wait_for_outcome(name) == Success()
            assert await harness.wait_for_outcome(good) == Success()
            lines = harness.logs(name)
            assert len(lines) == kept + 1
            assert lines[-1].level == "warn"
            assert f"log limit reached: the platform keeps {limit}" in lines[-1].message

    run_app(tmp_path, text, scene)


def test_a_killed_host_is_started_again(tmp_path: Path) -> None:
    """Its invocations end with platform errors, a notice says so, and the next one succeeds."""

    async def scene(harness: PythonHarness) -> None:
        waiting = harness.invoke("waits")
        await harness.run_invocation("good")
        harness.kill_host()
        assert isinstance(await harness.wait_for_outcome(waiting), PlatformError)
        assert await harness.run_invocation("good") == Success()
        assert "the Python process ended and is started again" in harness.notices()[0].message

    run_app(tmp_path, GOOD, scene)


def test_a_killed_template_is_replaced(tmp_path: Path) -> None:
    """Its instances end with it, blameless, and others are made from a new one."""
    text = f"{GOOD}\nasync def held(event):\n    print(os.getppid())\n    await waits(event)\n"

    async def scene(harness: PythonHarness) -> None:
        held = [harness.invoke("held") for _ in range(3)]
        await harness.wait_until(lambda: len(harness.logs()) == len(held))
        # The first is of the template that tried the modules out, the others perhaps of another.
        for pid in {int(line.message) for line in harness.logs()}:
            os.kill(pid, signal.SIGKILL)
        for name in held:
            assert isinstance(await harness.wait_for_outcome(name), Interrupted | PlatformError)
        assert await harness.run_invocation("good") == Success()

    run_app(tmp_path, text, scene)
