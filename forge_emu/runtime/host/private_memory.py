"""Keeps the emulator's memory and environment from handlers, which run as the same user.

On Linux a process can read those of another one of its user below /proc, and with them every
variable of the shell that started the emulator.
"""

from __future__ import annotations

import ctypes
import os
import sys
from typing import Final

DEBUG_VARIABLE: Final = "FORGE_EMU_DEBUG"
"""With it, a debugger can still be attached."""

_PR_SET_DUMPABLE: Final = 4
"""https://man7.org/linux/man-pages/man2/PR_SET_DUMPABLE.2const.html (2025-05-17)"""


def close_memory_to_others() -> bool:
    """Let only root read this process' memory and environment; whether that could be done.

    Programs that it starts are not affected.
    """
    if sys.platform != "linux" or os.environ.get(DEBUG_VARIABLE):
        return False
    try:
        done: int = ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    except (OSError, AttributeError):
        # A C library without it.
        return False
    return done == 0
