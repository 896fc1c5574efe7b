"""Lets locks, and all that waits on them, time out in emulated time: events, conditions, queues,
futures and joins.

Only in virtual time, where real time says nothing. A lock without a timeout waits as ever.
"""

from __future__ import annotations

import _thread
import ctypes
import gc
import math
import queue
import threading
from collections.abc import Callable
from typing import Any

from .clock import InstanceClock
from .waiting import WaitCoordinator

_clock: InstanceClock | None = None
_waits: WaitCoordinator | None = None
_is_instance: Callable[[], bool] = lambda: False  # noqa: E731


def activate(clock: InstanceClock, waits: WaitCoordinator, is_instance: Callable[[], bool]) -> None:
    """Wait in the time of `clock` from now on; forked children of a handler wait in real time."""
    global _clock, _waits, _is_instance
    if clock.virtual:
        _clock, _waits, _is_instance = clock, waits, is_instance


def install(*, virtual: bool) -> None:
    """Install our functions, before packages import the old ones."""
    if not virtual:
        return
    for lock_type in (_thread.LockType, _thread.RLock):
        # The types are those of C code: their methods are replaced where the types keep them.
        (methods,) = gc.get_referents(lock_type.__dict__)
        _patch_lock(methods, reentrant=lock_type is _thread.RLock)
        ctypes.pythonapi.PyType_Modified(ctypes.py_object(lock_type))
    # The one in C waits by itself; this one waits on locks.
    queue.SimpleQueue = queue._PySimpleQueue  # type: ignore[attr-defined,misc]
    # It waits for a lock that C code gives back, or, from Python 3.13 on, in C code.
    threading.Thread.join = _emulated_join(threading.Thread.join)  # type: ignore[method-assign]


def wait_until(done: Callable[[], bool], seconds: float) -> bool | None:
    """Wait for `done`, at most for so many emulated seconds; None where time is real."""
    if _clock is None or _waits is None or not _is_instance():
        return None
    return _waits.wait_until(done, _clock.deadline_after(seconds))


def _patch_lock(methods: dict[str, Any], *, reentrant: bool) -> None:
    """Replace what takes and gives back a lock in the `methods` of its type."""
    original = dict(methods)
    try_lock, give_back = original["acquire"], original["release"]

    def is_free(lock: Any) -> bool:
        """Tell it without keeping the lock; the thread that waits is another."""
        free: bool = try_lock(lock, False)
        if free:
            give_back(lock)
        return free

    def acquire(lock: Any, blocking: bool = True, timeout: float = -1) -> bool:
        clock, waits = _clock, _waits
        if clock is None or waits is None or not blocking or not _is_instance():
            return try_lock(lock, blocking, timeout)  # type: ignore[no-any-return]
        if timeout != -1 and not _is_valid(timeout):
            # The error is Python's own.
            return try_lock(lock, blocking, timeout)  # type: ignore[no-any-return]
        if try_lock(lock, False):
            waits.lock_taken(lock)
            return True
        if timeout == -1 and not waits.can_wait_for(lock):
            with waits.blocked_on(lock):
                return try_lock(lock)  # type: ignore[no-any-return]
        deadline = math.inf if timeout == -1 else clock.deadline_after(timeout)
        while waits.wait_until(lambda: is_free(lock), deadline):
            if try_lock(lock, False):
                return True
        return try_lock(lock, False)  # type: ignore[no-any-return]

    def restore(lock: Any, state: Any) -> None:
        if _waits is None:
            original["_acquire_restore"](lock, state)
            return
        with _waits.blocked_on(lock):
            original["_acquire_restore"](lock, state)

    def giving_back(name: str) -> Callable[..., Any]:
        method = original[name]

        def give(lock: Any, *arguments: Any) -> Any:
            waits = _waits
            if waits is not None:
                # Before it: the thread that gets the lock can run at once.
                waits.lock_given(lock)
            result = method(lock, *arguments)
            if waits is not None and reentrant and lock._is_owned():
                waits.lock_taken(lock)
            return result

        return give

    methods["acquire"] = acquire
    methods["__enter__"] = lambda lock: acquire(lock)
    for name in ("release", "__exit__", "_release_save"):
        if name in original:
            methods[name] = giving_back(name)
    if "_acquire_restore" in original:
        methods["_acquire_restore"] = restore


def _is_valid(timeout: Any) -> bool:
    return isinstance(timeout, int | float) and 0 <= timeout <= threading.TIMEOUT_MAX


def _emulated_join(original: Callable[..., None]) -> Callable[..., None]:
    def join(thread: threading.Thread, timeout: float | None = None) -> None:
        seconds = math.inf if timeout is None else timeout
        ends = thread.ident is not None and thread is not threading.current_thread()
        if not ends or seconds <= 0 or wait_until(lambda: not thread.is_alive(), seconds) is None:
            # The errors, too, are Python's own.
            original(thread, timeout)

    return join
