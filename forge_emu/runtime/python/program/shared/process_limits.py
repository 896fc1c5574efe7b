"""Limits of processes: end with the parent, core dumps, file descriptors."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from typing import Final

_PR_SET_PDEATHSIG: Final = 1


def die_with_parent(parent: int) -> None:
    """Be killed when the parent process ends; where the system cannot do that, do nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(0)


def disable_core_dumps() -> None:
    """Write no core file when a handler crashes."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def raise_fd_limit() -> None:
    """Raise the limit of open files: every instance takes three descriptors of the host."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = hard if 0 < hard < 65_536 else 65_536
    if soft < wanted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        except (OSError, ValueError):
            return


def close_fds_except(*kept: int) -> None:
    """Close every descriptor above the standard ones except `kept`."""
    last = 2
    for fd in sorted(kept):
        os.closerange(last + 1, fd)
        last = fd
    os.closerange(last + 1, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
