"""Guards the ways to end a process, each of which may end only the calling invocation.

An instance is a process of its own, so most of them need no guard: the host sees how it ended.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Collection


class ProcessExit(BaseException):
    """The handler tried to end a process: nothing after the call may run."""

    def __init__(self, call: str) -> None:
        super().__init__(f"{call} was called: on the platform this ends the function's process")


def process_exit_of(error: SystemExit) -> ProcessExit:
    """What `sys.exit` means on the platform."""
    code = "" if error.code is None else repr(error.code)
    return ProcessExit(f"sys.exit({code})")


def guard_exits(forbidden: Collection[int]) -> None:
    """Keep handlers from ending the processes that run them, or all of the user's."""
    kill, killpg = os.kill, os.killpg

    def guarded_kill(pid: int, number: int, /) -> None:
        if number != 0 and (pid <= 0 or pid == os.getpid() or pid in forbidden):
            raise ProcessExit(f"os.kill({pid}, {_signal_name(number)})")
        kill(pid, number)

    def guarded_killpg(group: int, number: int, /) -> None:
        if number != 0 and (group <= 1 or group == os.getpgrp() or group in forbidden):
            raise ProcessExit(f"os.killpg({group}, {_signal_name(number)})")
        killpg(group, number)

    os.kill, os.killpg = guarded_kill, guarded_killpg


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
