"""Handlers whose results the machine decides, unless it is kept from that."""

from __future__ import annotations

from textwrap import indent
from typing import Final

MANIFEST: Final = """\
app:
  id: ari:cloud:ecosystem::app/0b1f6a5e-3c49-4f0e-8e0b-5f5b0f6d7a11
  runtime:
    name: nodejs22.x
permissions:
  scopes: [read:jira-work, storage:app]
modules:
"""

PYTHON: Final = {
    "order of sets": """\
print({"a", "b", "c", "d", "e", "f"}, hash("abc"), {b"a", b"b", b"c"})""",
    "uuid": """\
import uuid
print(uuid.uuid1(), uuid.uuid4(), uuid.getnode())""",
    "clocks": """\
import time
print(time.process_time(), time.process_time_ns(), time.thread_time(), time.thread_time_ns())
print(time.clock_gettime(time.CLOCK_REALTIME), time.clock_gettime_ns(time.CLOCK_MONOTONIC))
print(time.perf_counter(), time.perf_counter_ns(), time.monotonic(), time.time_ns())""",
    "dates": """\
import datetime, email.utils
print(datetime.datetime.now(), datetime.date.today(), email.utils.formatdate())""",
    "the machine": """\
import os
print(os.getloadavg(), os.times())""",
    "chance": """\
import os, random, secrets
print(random.random(), secrets.token_hex(8), os.urandom(8), os.getrandom(8))
print(random.SystemRandom().random())""",
    "names of temporary files": """\
import os, tempfile
folder = tempfile.mkdtemp()
os.rmdir(folder)
with tempfile.NamedTemporaryFile() as file:
    print(folder, file.name)""",
    "a pool that computes": """\
from concurrent.futures import ThreadPoolExecutor, as_completed
def work(n):
    sum(range(n * 20_000))
    return n
with ThreadPoolExecutor(4) as pool:
    print([f.result() for f in as_completed([pool.submit(work, n) for n in (5, 1, 3, 2)])])""",
    "a pool that waits": """\
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
def work(n):
    time.sleep(n)
    print(n, time.time())
    return n
with ThreadPoolExecutor(4) as pool:
    print([f.result() for f in as_completed([pool.submit(work, n) for n in (5, 1, 3, 2)])])""",
    "threads": """\
import threading
out = []
def work(n):
    for _ in range(3):
        out.append(n)
        sum(range(50_000))
threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(out)""",
    "tasks on threads": """\
import asyncio
async def one(n):
    print(await asyncio.to_thread(lambda: sum(range(n * 100_000))))
async def all():
    await asyncio.gather(*(one(n) for n in (4, 1, 3)))
    done, _ = await asyncio.wait([asyncio.create_task(one(n)) for n in range(5)])
    print(len(done))
asyncio.run(all())""",
    "a queue with a timeout": """\
import queue, time
began = time.time()
for kind in (queue.Queue, queue.SimpleQueue):
    try:
        kind().get(timeout=4)
    except queue.Empty:
        print(time.time() - began)""",
    "waits with a timeout": """\
import threading, time
began = time.time()
print(threading.Event().wait(1), time.time() - began)
lock = threading.Lock()
lock.acquire()
print(lock.acquire(timeout=1), time.time() - began)
condition = threading.Condition()
with condition:
    print(condition.wait(timeout=1), time.time() - began)
print(threading.Semaphore(0).acquire(timeout=1), time.time() - began)
sleeper = threading.Thread(target=time.sleep, args=(9,))
sleeper.start()
sleeper.join(timeout=1)
print(sleeper.is_alive(), time.time() - began)""",
    "a timer": """\
import threading, time
began = time.time()
timer = threading.Timer(4, lambda: print("fired", time.time() - began))
timer.start()
timer.join()
print(time.time() - began)""",
    "a future with a timeout": """\
import time
from concurrent.futures import ThreadPoolExecutor, wait
began = time.time()
with ThreadPoolExecutor(1) as pool:
    future = pool.submit(time.sleep, 8)
    try:
        future.result(timeout=3)
    except TimeoutError:
        print(time.time() - began)
    print(len(wait([future], timeout=2).done), time.time() - began)""",
    "a producer and a consumer": """\
import queue, threading, time
things, began = queue.Queue(2), time.time()
def produce():
    for n in range(4):
        time.sleep(1)
        things.put(n)
    things.put(None)
thread = threading.Thread(target=produce)
thread.start()
while (thing := things.get()) is not None:
    print(thing, time.time() - began)
thread.join()""",
    "locks and conditions": """\
import threading, time
lock, condition, reached, began = threading.Lock(), threading.Condition(), [0], time.time()
lock.acquire()
def take():
    print("taken", lock.acquire(timeout=9), time.time() - began)
def wait(n):
    with condition:
        while reached[0] < n:
            condition.wait()
        print(n, time.time() - began)
threads = [threading.Thread(target=take)]
threads += [threading.Thread(target=wait, args=(n,)) for n in (3, 1, 2)]
for thread in threads: thread.start()
for _ in range(3):
    time.sleep(1)
    with condition:
        reached[0] += 1
        condition.notify_all()
lock.release()
for thread in threads: thread.join()
print(time.time() - began)""",
    "a process with a timeout": """\
import subprocess, time
began = time.time()
try:
    subprocess.run(["sleep", "1000"], timeout=0.2)
except subprocess.TimeoutExpired:
    print("expired", time.time() - began)
done = subprocess.run(["echo", "x"], capture_output=True, timeout=20)
print(done.stdout, time.time() - began)""",
    "tasks in sets": """\
import asyncio, random
async def job(n):
    await asyncio.sleep(random.random())
    return n
async def main():
    done, _ = await asyncio.wait([asyncio.create_task(job(n)) for n in range(12)])
    print([task.result() for task in done])
    print([await job for job in asyncio.as_completed([job(n) for n in range(12)])])
    loop = asyncio.get_running_loop()
    jobs = [loop.run_in_executor(None, lambda n=n: n) for n in range(12)]
    print([future.result() for future in (await asyncio.wait(jobs))[0]])
asyncio.run(main())""",
    "log lines with the time since the start": """\
import logging
record = logging.LogRecord("a", 10, "b", 1, "c", (), None)
print(record.created, record.relativeCreated)""",
    "chance of OpenSSL": """\
import ssl
print(ssl.RAND_bytes(8))""",
    "select with a timeout": """\
import select, time
began = time.time()
print(select.select([], [], [], 2), time.time() - began)""",
}
"""What is printed is compared."""


def python_source() -> str:
    """A module with a handler for each of PYTHON."""
    return "\n\n".join(
        f"def f{n}(event):\n{indent(code, '    ')}" for n, code in enumerate(PYTHON.values())
    )


def manifest(handlers: int) -> str:
    """A manifest in which so many functions hear of every created issue."""
    triggers = [
        f"    - {{key: on-f{n}, function: f{n}, events: [avi:jira:created:issue]}}"
        for n in range(handlers)
    ]
    functions = [f"    - {{key: f{n}, handler: index.f{n}}}" for n in range(handlers)]
    return "\n".join([f"{MANIFEST}  trigger:", *triggers, "  function:", *functions, ""])
