"""The invocation that an instance runs, or ran last."""

from __future__ import annotations

import threading
from typing import Any, Final

Json = Any
_MAX_MESSAGE: Final = 1024 * 1024


class CurrentInvocation:
    """What is known of an invocation; `lines` is how many log lines the platform keeps of it."""

    def __init__(self, start: dict[str, Json], lines: int) -> None:
        self.id: str = start["id"]
        self.function: str = start["fn"]
        self.module_key: str = start["module_key"]
        self.event = start["event"]
        self.context: dict[str, Json] = start["context"] or {}
        self.ended = False
        self._lines_left = lines + 1
        self._lock = threading.Lock()

    def may_log(self) -> bool:
        """Whether another line may be within the limit; the host does the exact counting."""
        with self._lock:
            self._lines_left -= 1
            return self._lines_left >= 0


def clip_message(text: str) -> str:
    """A log message of bounded length."""
    return text[:_MAX_MESSAGE]
