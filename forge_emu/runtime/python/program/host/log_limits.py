"""The limit on an invocation's log output."""

from __future__ import annotations

from typing import Any

Json = Any


class LogLimit:
    """Counts the log lines of one invocation, whether printed or written to a descriptor."""

    def __init__(self, invocation: str | None, lines: int, size: int) -> None:
        self._invocation = invocation
        self._max_lines = lines
        self._max_bytes = size
        self._lines = 0
        self._bytes = 0
        self._full = False

    def log_record(self, level: str, message: str) -> dict[str, Json] | None:
        """The log message to forward, None beyond the limit."""
        if self._full:
            return None
        self._lines += 1
        self._bytes += len(message.encode())
        if self._lines > self._max_lines:
            return self._limit_reached(f"{self._max_lines} lines")
        if self._bytes > self._max_bytes:
            return self._limit_reached(f"{self._max_bytes // 1024} KB")
        return self._record(level, message)

    def _limit_reached(self, limit: str) -> dict[str, Json]:
        self._full = True
        return self._record(
            "warn",
            f"log limit reached: the platform keeps {limit} per invocation; the rest is left out",
        )

    def _record(self, level: str, message: str) -> dict[str, Json]:
        return {"type": "log", "id": self._invocation, "level": level, "message": message}
