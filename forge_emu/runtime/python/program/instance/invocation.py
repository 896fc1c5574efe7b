"""The invocation that an instance runs, or ran last."""

from __future__ import annotations

import threading
from typing import Any, Final

Json = Any
_MAX_MESSAGE: Final = 1024 * 1024


class CurrentInvocation:
    """What is known of an invocation; `lines` is how many log lines the platform keeps of it.

    `deadline` is the emulated instant of its timeout.
    """

    def __init__(self, start: dict[str, Json], lines: int, deadline: float) -> None:
        self.id: str = start["id"]
        self.function: str = start["fn"]
        self.module_key: str = start["module_key"]
        self.event = start["event"]
        self.context = _name_aris(start["context"] or {})
        self.deadline = deadline
        self.wants_result: bool = start.get("want_result", False)
        self.keeps_result: bool = start.get("keep_result", False)
        self.ended = False
        self.background_calls = 0
        """Threads of it and jobs on executors that have not ended."""
        self._lines_left = lines + 1
        self._lock = threading.Lock()

    def add_background_call(self) -> None:
        """A thread or a job on an executor begins."""
        with self._lock:
            self.background_calls += 1

    def end_background_call(self) -> None:
        """It has ended."""
        with self._lock:
            self.background_calls -= 1

    def may_log(self) -> bool:
        """Whether another line may be within the limit; the host does the exact counting."""
        with self._lock:
            self._lines_left -= 1
            return self._lines_left >= 0


class _Ari(dict[str, Json]):
    """Fields of an ARI; as a text, the ARI."""

    def __init__(self, fields: dict[str, Json], text: str) -> None:
        super().__init__(fields)
        self._text = text

    def __str__(self) -> str:
        return self._text


def _name_aris(context: dict[str, Json]) -> dict[str, Json]:
    """Let the ARIs below `installation` be written as texts."""
    installation = context.get("installation")
    if installation:
        fields = installation["ari"]
        ari = f"ari:cloud:ecosystem::installation/{fields['installationId']}"
        places = [_Ari(place, context["installContext"]) for place in installation["contexts"]]
        context["installation"] = {"ari": _Ari(fields, ari), "contexts": places}
    return context


def clip_message(text: str) -> str:
    """A log message of bounded length."""
    return text[:_MAX_MESSAGE]
