"""In real time, what a handler loses to other work of this machine is told, in both languages."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from forge_emu.model import Success
from forge_emu.ports import InvocationHeldUp
from tests.runtime.node import harness as node
from tests.runtime.python import harness as python

pytestmark = [
    pytest.mark.node,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps waits of threads"),
]

NODE = """
export function computes() { for (const end = Date.now() + 1000; Date.now() < end; ); }
export async function waits() { await new Promise((resolve) => setTimeout(resolve, 500)); }
"""
PYTHON = """
import time
def computes(event, context):
    end = time.time() + 1
    while time.time() < end:
        pass
def waits(event, context):
    time.sleep(0.5)
"""


@contextmanager
def one_busy_processor() -> Iterator[None]:
    """This process and its children have one processor, at which another program computes."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    other = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        yield
    finally:
        other.kill()
        other.wait()
        os.sched_setaffinity(0, before)


def held_up_ms(harness: node.RuntimeHarness, name: str) -> int:
    """What was told of an invocation."""
    return sum(
        message.ms
        for message in harness.messages
        if isinstance(message, InvocationHeldUp) and message.invocation_id == name
    )


async def scene(harness: node.RuntimeHarness) -> None:
    """One that computes is held up, one that waits for something else hardly is."""
    computes = harness.invoke("computes")
    assert await harness.wait_for_outcome(computes) == Success()
    waits = harness.invoke("waits")
    assert await harness.wait_for_outcome(waits) == Success()
    assert held_up_ms(harness, computes) >= 100
    assert held_up_ms(harness, waits) < held_up_ms(harness, computes)


def test_a_javascript_handler_is_held_up_by_another_program(tmp_path: Path) -> None:
    """Not by itself."""
    with one_busy_processor():
        node.run_app(tmp_path, NODE, scene)


def test_a_python_handler_is_held_up_by_another_program(tmp_path: Path) -> None:
    """Not by itself."""
    with one_busy_processor():
        python.run_app(tmp_path, PYTHON, scene)
