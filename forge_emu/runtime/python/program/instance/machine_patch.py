"""Hides from handlers what differs from machine to machine and from run to run: load, ids of the
network card, times of the processor. Real work takes no emulated time; its timeouts do.
"""

from __future__ import annotations

import concurrent.futures
import itertools
import os
import select
import subprocess
import sys
import time
import types
import uuid
from collections.abc import Callable
from typing import Any, Final

from ..shared import real_clock
from . import lock_patch

_SWITCH_SECONDS: Final = 2.0
"""Real seconds after which a thread that does not wait lets another run, in virtual time. With
Python's 5 ms, which of several threads comes first is chance."""

_MULTICAST: Final = 1 << 40
"""In a node id: that it is not one of a network card (RFC 4122)."""


def activate(seed: int, *, virtual: bool) -> None:
    """Patch what is read of the machine; in virtual time also what waits for other processes."""
    uuid._node = real_clock.Random(f"{seed}/node").getrandbits(48) | _MULTICAST  # type: ignore[attr-defined]
    # They make ids of the machine's clock.
    uuid._generate_time_safe = uuid._UuidCreate = None  # type: ignore[attr-defined]
    if not virtual:
        return
    sys.setswitchinterval(_SWITCH_SECONDS)
    os.getloadavg = lambda: (0.0, 0.0, 0.0)
    os.times = _times
    select.select = _emulated_select(select.select)
    _patch_subprocess()
    _number_futures()


def _times() -> os.times_result:
    seconds = time.monotonic()
    return os.times_result((seconds, 0.0, 0.0, 0.0, seconds))


def _emulated_select(original: Callable[..., Any]) -> Callable[..., Any]:
    def select(rlist: Any, wlist: Any, xlist: Any, timeout: float | None = None, /) -> Any:
        if timeout is None or timeout <= 0:
            return original(rlist, wlist, xlist, timeout)
        given = list(rlist), list(wlist), list(xlist)
        ready = original(*given, timeout if any(given) else 0)
        if not any(ready):
            lock_patch.wait_until(lambda: False, timeout)
        return ready

    return select


def _number_futures() -> None:
    """Let sets of futures have the order in which these were made, not that of their addresses."""
    numbers = itertools.count()
    future: Any = concurrent.futures.Future
    original = future.__init__

    def init(self: Any) -> None:
        original(self)
        self._forge_emu_number = next(numbers)

    future.__init__ = init
    future.__hash__ = lambda self: hash(self._forge_emu_number)


def _patch_subprocess() -> None:
    """Wait for a process in real time, and let emulated time pass when it takes too long."""
    real_time = types.ModuleType("time")
    vars(real_time).update(vars(time))
    real_time.sleep = real_clock.sleep  # type: ignore[attr-defined]
    subprocess.time = real_time  # type: ignore[attr-defined]
    subprocess._time = lambda: real_clock.now_ms() / 1000  # type: ignore[attr-defined]
    popen: Any = subprocess.Popen
    popen.wait = _emulated_timeout(popen.wait, 1)
    popen.communicate = _emulated_timeout(popen.communicate, 2)


def _emulated_timeout(original: Callable[..., Any], position: int) -> Callable[..., Any]:
    """`original`, whose timeout is a keyword or the argument at `position`."""

    def wait(*args: Any, **options: Any) -> Any:
        began = time.monotonic()
        try:
            return original(*args, **options)
        except subprocess.TimeoutExpired:
            timeout = options.get("timeout", args[position] if len(args) > position else 0)
            lock_patch.wait_until(lambda: False, began + timeout - time.monotonic())
            raise

    return wait
