"""Requests that no handler waits for: which functions make them, and the chance that they are lost.

On Forge the process is frozen when its handler returns. What is still under way then may go on
during a later invocation, or never; nothing published says how often.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import Final

from forge_emu import settings as s
from forge_emu.engine.faults.rules import RandomStreams

_REMEMBERED: Final = 1_000
"""Invocations whose requests are counted."""


_CLEAN_ENDS: Final = 20
"""Invocations that have awaited all of their requests, after which their function is trusted."""


class AwaitHabits:
    """Which functions may leave requests unanswered when they return.

    Only the requests of those need a place in the app's code, which takes a tenth of what an
    invocation takes. What has ended decides, so never the machine.
    """

    def __init__(self) -> None:
        self._clean_ends: Counter[str] = Counter()
        self._leaving: set[str] = set()

    def wants_places(self, function: str) -> bool:
        """Whether the next invocation has to know where it makes its requests."""
        return self._clean_ends[function] < _CLEAN_ENDS or function in self._leaving

    def add_end(self, function: str, *, has_unanswered: bool) -> None:
        """An invocation has ended."""
        if has_unanswered:
            self._leaving.add(function)
        elif self._clean_ends[function] < _CLEAN_ENDS:
            self._clean_ends[function] += 1

    def forget(self) -> None:
        """The app has new code."""
        self._clean_ends.clear()
        self._leaving.clear()


class UnawaitedRequests:
    """Decides by the seed which of these requests are lost.

    Each has a stream of its own, named after its invocation, what it asks for, and how many like it
    came before: so the order in which requests come, which may be chance, decides nothing.
    """

    def __init__(self, settings: s.Settings, stream: RandomStreams) -> None:
        self._share = settings[s.UNAWAITED_LOST]
        self._stream = stream
        self._counts: OrderedDict[str, Counter[str]] = OrderedDict()

    def is_lost(self, invocation_id: str, request: str) -> bool:
        """Whether the next `request` (what it asks for, as text) of an invocation is lost."""
        counts = self._counts.setdefault(invocation_id, Counter())
        counts[request] += 1
        if len(self._counts) > _REMEMBERED:
            self._counts.popitem(last=False)
        name = f"unawaited/{invocation_id}/{request}/{counts[request]}"
        return self._stream(name)() < self._share
