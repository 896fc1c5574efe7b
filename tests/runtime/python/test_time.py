"""Clock and chance inside Python handlers are those of the run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from forge_emu.runtime.host.inbox import IO_GIVEN_UP
from tests.conformance.pairs import MANIFEST
from tests.e2e.emulator_process import run_command

CREATED = "def created(event, context):\n"


def play(root: Path, source: str, *arguments: str, virtual: bool = True) -> list[dict[str, Any]]:
    """The records of a run whose trigger is `created`."""
    (root / "src").mkdir(parents=True, exist_ok=True)
    (root / "manifest.yml").write_text(MANIFEST)
    (root / "src" / "index.py").write_text(source + "\ndef work(): pass\n")
    time = ["--virtual"] if virtual else []
    done = run_command(
        "run",
        root,
        "--json",
        "--seed",
        "3",
        "--trigger",
        "issue-created",
        "--until-idle",
        *time,
        *arguments,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def printed(records: list[dict[str, Any]]) -> list[str]:
    """What was printed in invocations."""
    return [r["message"] for r in records if r["type"] == "log" and r.get("invocation_id")]


def test_every_reading_of_the_clock_is_the_emulated_one(tmp_path: Path) -> None:
    """Virtual time begins at the beginning of 2026, stands while code runs, and passes in waits."""
    source = """
import asyncio, datetime, time
from datetime import date
from time import monotonic, sleep, time as now
async def created():
    start, before = monotonic(), time.perf_counter()
    sleep(1.5)
    await asyncio.sleep(86400)
    print(monotonic() - start, time.perf_counter() - before, now() - 1767225600)
    print(datetime.datetime.now(), datetime.datetime.now(datetime.UTC), date.today())
    print(datetime.datetime.today(), time.strftime("%F %T"), time.gmtime().tm_mday)
    print(time.time_ns(), time.ctime(), isinstance(datetime.datetime.now(), datetime.datetime))
    loop = asyncio.get_running_loop()
    at = loop.time()
    try:
        async with asyncio.timeout(2.5):
            await asyncio.Event().wait()
    except TimeoutError:
        print(loop.time() - at)
"""
    records = play(tmp_path, source, "--set", "limits.invocations.trigger_timeout_seconds=100000")

    assert printed(records) == [
        "86401.5 86401.5 86401.5",
        "2026-01-02 00:00:01.500000 2026-01-02 00:00:01.500000+00:00 2026-01-02",
        "2026-01-02 00:00:01.500000 2026-01-02 00:00:01 2",
        "1767312001500000000 Fri Jan  2 00:00:01 2026 True",
        "2.5",
    ]
    finished = next(r for r in records if r["type"] == "invocation.finished")
    assert finished["duration_ms"] == 86_404_000


def test_code_that_only_looks_at_the_clock_moves_it(tmp_path: Path) -> None:
    """Otherwise it would look for ever; the same for code that only lets others go first."""
    source = """
import asyncio, time
async def created():
    start = time.time()
    while time.time() < start + 0.05: pass
    print(round(time.time() - start, 2))
    end = time.monotonic() + 0.05
    while time.monotonic() < end: await asyncio.sleep(0)
    print(time.monotonic() >= end)
"""
    assert printed(play(tmp_path, source)) == ["0.05", "True"]


def test_who_yields_for_long_takes_longer_steps(tmp_path: Path) -> None:
    """Else a handler that does nothing else for 20 s would hold this machine for minutes."""
    source = """
import asyncio
async def created():
    over, yields = asyncio.Event(), 0
    asyncio.get_running_loop().call_later(20, over.set)
    while not over.is_set():
        yields += 1
        await asyncio.sleep(0)
    print(yields)
"""
    records = play(tmp_path, source)
    (yields,) = printed(records)
    finished = next(r for r in records if r["type"] == "invocation.finished")
    assert 20_000 <= finished["duration_ms"] <= 24_000
    assert 10_000 < int(yields) < 20_000


def test_a_long_wait_that_polls_the_clock_takes_few_reads(tmp_path: Path) -> None:
    """The thousandth read moves it, then every hundredth, until something else has moved it."""
    source = """
import time
def created():
    print(*(reads_of(seconds) for seconds in (0.001, 0.002, 5)))
    time.sleep(1)
    print(reads_of(0.002))
def reads_of(seconds):
    time.sleep(0.001)
    reads, end = 0, time.monotonic() + seconds
    while time.monotonic() < end - 0.0001: reads += 1
    return reads
"""
    assert printed(play(tmp_path, source)) == ["998 1098 500898", "1098"]


def test_threads_and_real_work_hold_virtual_time(tmp_path: Path) -> None:
    """A child process and a thread are waited for, and the waits of threads pass in order."""
    source = """
import asyncio, subprocess, sys, time
from concurrent.futures import ThreadPoolExecutor
from forge_emu.sdk import kvs
def created():
    start = time.time()
    with ThreadPoolExecutor(3) as pool:
        jobs = [pool.submit(nap, n) for n in (3, 1, 2)]
        [job.result() for job in jobs]
    print(time.time() - start)
    subprocess.run([sys.executable, "-c", "import time; time.sleep(0.3)"], check=True)
    asyncio.run(child())
    print(time.time() - start)
def nap(seconds):
    time.sleep(seconds)
    kvs.set("k", seconds)
    print("slept", seconds)
async def child():
    process = await asyncio.create_subprocess_exec("echo", "said", stdout=subprocess.PIPE)
    print((await process.communicate())[0])
    await asyncio.to_thread(sum, range(1_000_000))
"""
    assert printed(play(tmp_path, source)) == [
        "slept 1",
        "slept 2",
        "slept 3",
        "3.0",
        "b'said\\n'",
        "3.0",
    ]


def test_chance_follows_the_seed(tmp_path: Path) -> None:
    """The same numbers in every run of a seed, others in each invocation, the app's seed kept."""
    source = """
import os, random, secrets, uuid
mine = random.Random(4)
fresh = random.Random()
def created():
    numbers = [random.random(), random.Random().random(), random.SystemRandom().random()]
    print(*numbers, uuid.uuid4(), secrets.token_hex(4), os.urandom(3).hex(), mine.random())
    print(fresh.random())
"""
    first = printed(play(tmp_path / "a", source, "--count", "3"))
    again = printed(play(tmp_path / "b", source, "--count", "3"))
    other = printed(play(tmp_path / "b", source, "--count", "3", "--seed", "4"))

    assert first == again
    assert len(set(first)) == len(first) == 6
    assert not {line[:18] for line in first} & {line[:18] for line in other}


def test_what_the_app_seeds_goes_on(tmp_path: Path) -> None:
    """As in a process of its own."""
    source = """
import random
random.seed(4)
def created():
    print(random.random())
"""
    records = play(tmp_path, source, "--count", "2", "--set", "delivery.max_instances=1")
    import random

    expected = random.Random(4)
    assert printed(records) == [str(expected.random()), str(expected.random())]


def test_time_may_run_faster(tmp_path: Path) -> None:
    """Twenty seconds of waiting, of each kind, take a third of a second."""
    source = """
import asyncio, time
async def created():
    start = time.time()
    time.sleep(10)
    await asyncio.sleep(10)
    print(20 <= time.time() - start < 80)
"""
    records = play(tmp_path, source, "--speed", "60", virtual=False)

    assert printed(records) == ["True"]
    finished = next(r for r in records if r["type"] == "invocation.finished")
    assert finished["outcome"] == "success"
    assert finished["duration_ms"] >= 20_000


def test_a_run_in_virtual_time_repeats_itself(tmp_path: Path) -> None:
    """Byte for byte, with blocking and async handlers, errors, exits and retries."""
    source = """
import asyncio, os, random, time
from forge_emu.sdk import InvocationError, Queue, kvs
async def created(event):
    await asyncio.gather(Queue("work").push({"body": {"n": random.random()}}), kvs.set("k", 1))
    await asyncio.sleep(random.random())
    if random.random() < 0.1: os._exit(1)
    if random.random() < 0.2: raise ValueError(random.random())
    if random.random() < 0.3: return InvocationError(retry_after=random.random() * 30)
def work(event):
    time.sleep(random.random() * 3)
    print(event["body"], time.time())
"""

    def text(root: Path) -> list[str]:
        records = play(root, source.replace("def work", "def other"), "--count", "60")
        return [json.dumps(r) for r in records]

    assert text(tmp_path) == text(tmp_path)


def test_what_never_answers_holds_time_only_so_long(tmp_path: Path) -> None:
    """Connections are given up after their real seconds, which is said once; then time goes on."""
    source = """
import asyncio, socket
async def created():
    for _ in range(2):
        near, far = socket.socketpair()
        reader, writer = await asyncio.open_connection(sock=near)
        try:
            await asyncio.wait_for(reader.read(1), 5)
        except TimeoutError:
            print("gone on")
        writer.close()
        far.close()
"""
    records = play(tmp_path, source, "--set", "delivery.io_real_seconds=0.3")
    assert sorted(printed(records)) == sorted([IO_GIVEN_UP, "gone on", "gone on"])
    assert [r["at"] for r in records if r["type"] == "invocation.finished"] == [10_000]
