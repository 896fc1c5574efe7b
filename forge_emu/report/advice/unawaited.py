"""Work that handlers did not wait for: what it was, where, and how much of it was lost."""

from __future__ import annotations

from collections import Counter, OrderedDict

import msgspec
from msgspec import UNSET

from forge_emu.model import Instant
from forge_emu.records import InvocationFinished, InvocationStarted, RequestLost
from forge_emu.report.advice.source_places import MOST_PLACES, SourcePlaces
from forge_emu.report.collectors.collector import Collector

_MOST_FUNCTIONS = 500
_MOST_PLACES_COUNTED = 200
_MOST_INVOCATIONS = 10_000
_NEAR_LINES = 40
"""Lines above a call among which the loop is that does not wait for it."""
_LOOSE_LOOP = r"\.forEach\(\s*async\b"
_LOOSE_TASK = r"^\s*(asyncio\.)?(create_task|ensure_future)\("


class UnawaitedStats(msgspec.Struct):
    """What one function did not wait for, in invocations that ended well."""

    invocations: int = 0
    """Invocations that returned before their requests were answered."""
    requests: int = 0
    """Requests that were unanswered at a return."""
    lost: int = 0
    """Requests that were lost."""
    calls: Counter[str] = msgspec.field(default_factory=Counter)
    """What was called, such as `queue.push`."""
    places: Counter[str] = msgspec.field(default_factory=Counter)
    """The lines that called, as `file:line`."""


class UnawaitedCollector(Collector):
    """Counts by function. Bounded."""

    def __init__(self) -> None:
        self.handlers = {
            InvocationStarted: self._on_started,
            InvocationFinished: self._on_finished,
            RequestLost: self._on_lost,
        }
        self.functions: dict[str, UnawaitedStats] = {}
        # The functions of the last invocations, as requests may be lost after their end.
        self._function_by_invocation: OrderedDict[str, str] = OrderedDict()

    def find_places(self, function: str, places: SourcePlaces) -> list[str]:
        """The loops and tasks that nothing waits for, and the calls, those most often met first."""
        called = [place for place, _ in self.functions[function].places.most_common(MOST_PLACES)]
        loops = places.find_code(_LOOSE_LOOP, function)
        if called:
            loops = [loop for loop in loops if any(_is_above(loop, place) for place in called)]
        return list(dict.fromkeys([*loops, *places.find_code(_LOOSE_TASK, function), *called]))

    def _on_started(self, body: InvocationStarted, at: Instant) -> None:
        self._function_by_invocation[body.invocation_id] = body.function
        if len(self._function_by_invocation) > _MOST_INVOCATIONS:
            self._function_by_invocation.popitem(last=False)

    def _on_finished(self, body: InvocationFinished, at: Instant) -> None:
        # One that failed may have left others behind for good reason, as `Promise.all` does.
        if body.unanswered is UNSET or body.outcome != "success":
            return
        if (stats := self._stats_of(body.function)) is None:
            return
        stats.invocations += 1
        stats.requests += body.unanswered.requests
        for call in body.unanswered.calls:
            stats.calls[call.call] += call.requests
            self._count_place(stats, call.place, call.requests)

    def _on_lost(self, body: RequestLost, at: Instant) -> None:
        function = self._function_by_invocation.get(body.invocation_id or "")
        if function is None or (stats := self._stats_of(function)) is None:
            return
        stats.lost += 1
        stats.calls[body.call] += 1
        self._count_place(stats, body.place, 1)

    def _stats_of(self, function: str) -> UnawaitedStats | None:
        if function not in self.functions and len(self.functions) >= _MOST_FUNCTIONS:
            return None
        return self.functions.setdefault(function, UnawaitedStats())

    @staticmethod
    def _count_place(stats: UnawaitedStats, place: str | None, requests: int) -> None:
        if place is not None and (
            place in stats.places or len(stats.places) < _MOST_PLACES_COUNTED
        ):
            stats.places[place] += requests


def _is_above(loop: str, call: str) -> bool:
    """Whether a loop stands above a call, near it in the same file."""
    (loop_file, _, loop_line), (file, _, line) = loop.rpartition(":"), call.rpartition(":")
    return loop_file == file and 0 <= int(line) - int(loop_line) <= _NEAR_LINES
