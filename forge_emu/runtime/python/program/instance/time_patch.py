"""Puts the emulated clock behind `time` and `datetime`.

What waits in C code keeps real time, but for locks (`lock_patch`) and processes (`machine_patch`).
"""

from __future__ import annotations

import ctypes
import datetime
import gc
import logging
import sys
import time
from collections.abc import Callable
from types import BuiltinFunctionType, ModuleType
from typing import Any

from ..shared import real_clock
from .clock import InstanceClock
from .waiting import WaitCoordinator

_time, _time_ns = time.time, time.time_ns
_gmtime, _localtime, _strftime = time.gmtime, time.localtime, time.strftime
_ctime, _asctime = time.ctime, time.asctime

_WALL_CLOCKS = {getattr(time, f"CLOCK_{name}", None) for name in ("REALTIME", "TAI")}

_clock: InstanceClock | None = None
_waits: WaitCoordinator | None = None
_is_instance: Callable[[], bool] = lambda: False  # noqa: E731


def activate(clock: InstanceClock, waits: WaitCoordinator, is_instance: Callable[[], bool]) -> None:
    """Use `clock` from now on; forked children of a handler sleep in real time."""
    global _clock, _waits, _is_instance
    _clock, _waits, _is_instance = clock, waits, is_instance
    # What `relativeCreated` of a log record counts from; since Python 3.13 in nanoseconds.
    in_ns = isinstance(logging._startTime, int)  # type: ignore[attr-defined]
    logging._startTime = clock.epoch_ms * 1_000_000 if in_ns else clock.epoch_ms / 1000  # type: ignore[attr-defined]


def install() -> None:
    """Install our functions; until `activate` they use the machine's clock."""
    before = {name: value for name, value in vars(time).items() if callable(value)}
    time.time, time.time_ns = _now, _now_ns
    time.monotonic = time.perf_counter = _monotonic
    time.monotonic_ns = time.perf_counter_ns = _monotonic_ns
    time.process_time = time.thread_time = _monotonic
    time.process_time_ns = time.thread_time_ns = _monotonic_ns
    time.clock_gettime = lambda clock, /: _now() if clock in _WALL_CLOCKS else _monotonic()
    time.clock_gettime_ns = lambda clock, /: _now_ns() if clock in _WALL_CLOCKS else _monotonic_ns()
    time.sleep = _sleep  # type: ignore[assignment]
    time.gmtime = lambda when=None, /: _gmtime(_now() if when is None else when)
    time.localtime = lambda when=None, /: _localtime(_now() if when is None else when)
    time.ctime = lambda when=None, /: _ctime(_now() if when is None else when)
    time.asctime = lambda when=None, /: _asctime(_now_struct() if when is None else when)
    time.strftime = lambda form, when=None, /: _strftime(
        form, _now_struct() if when is None else when
    )
    _replace_copies(
        {id(before[name]): value for name, value in vars(time).items() if name in before}
    )
    _patch_datetime()


def _replace_copies(functions: dict[int, Any]) -> None:
    """Modules that are loaded already, such as `threading`, have functions of `time` of their own.

    `functions` are the new ones by the `id` of the old ones.
    """
    for name, module in list(sys.modules.items()):
        if name == "time" or name.startswith("forge_emu") or not isinstance(module, ModuleType):
            continue
        for key, value in list(vars(module).items()):
            if isinstance(value, BuiltinFunctionType) and id(value) in functions:
                setattr(module, key, functions[id(value)])


def _now() -> float:
    return _time() if _clock is None else (_clock.epoch_ms + _clock.handler_now()) / 1000


def _now_ns() -> int:
    return (
        _time_ns()
        if _clock is None
        else int((_clock.epoch_ms + _clock.handler_now()) * 1000) * 1000
    )


def _monotonic() -> float:
    return real_clock.now_ms() / 1000 if _clock is None else _clock.handler_now() / 1000


def _monotonic_ns() -> int:
    return real_clock.monotonic_ns() if _clock is None else int(_clock.handler_now() * 1e6)


def _now_struct() -> Any:
    return _localtime(_now())


def _sleep(seconds: float, /) -> None:
    if seconds < 0:
        raise ValueError("sleep length must be non-negative")
    if _clock is not None and _waits is not None and _is_instance():
        _waits.wait_until(lambda: False, _clock.deadline_after(float(seconds)))
    else:
        real_clock.sleep(seconds)


def _patch_datetime() -> None:
    """`datetime.datetime` cannot be assigned to, and a subclass in its place would be another type.

    So its two methods that read the clock are replaced where the type keeps them. `date.today` and
    `datetime.today` ask `time.time` already.
    """

    def now(cls: type[datetime.datetime], tz: datetime.tzinfo | None = None) -> datetime.datetime:
        return cls.fromtimestamp(_now(), tz)

    def utcnow(cls: type[datetime.datetime]) -> datetime.datetime:
        return cls.fromtimestamp(_now(), datetime.UTC).replace(tzinfo=None)

    (methods,) = gc.get_referents(datetime.datetime.__dict__)
    methods["now"] = classmethod(now)
    methods["utcnow"] = classmethod(utcnow)
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(datetime.datetime))
