"""Calls of products that were answered with 429: what the app did about them."""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import Any, Final

from forge_emu.model import Instant, Millis
from forge_emu.records import InvocationFinished, RequestAnswered, RequestRefused
from forge_emu.report.collectors.collector import Collector

_MOST_INVOCATIONS: Final = 10_000
_MOST_PLACES: Final = 20
_MOST_HOSTS: Final = 20


class RefusedCallsCollector(Collector):
    """Counts by limit. Bounded.

    A call is the same as another one of its invocation if method and path are.
    """

    def __init__(self) -> None:
        self.handlers = {
            RequestAnswered: self._on_answered,
            RequestRefused: self._on_request_refused,
            InvocationFinished: self._on_finished,
        }
        self.too_early: Counter[str] = Counter()
        """Calls that were made again before `Retry-After` had passed, and were refused again."""
        self.left_undone: Counter[str] = Counter()
        """Invocations that succeeded although a call of theirs had been refused, and was not made
        again."""
        self.longest_wait: dict[str, Millis] = {}
        """The longest `Retry-After`."""
        self.places: dict[str, Counter[str]] = {}
        """The lines of the refused calls, as `file:line`."""
        self.hosts: dict[str, Counter[str]] = {}
        """Where refused requests to the outside were to go, the first of them."""
        # By invocation and call: the limit that refused it last, and when there was room again.
        self._refused: OrderedDict[str, dict[tuple[str, str], tuple[str, Instant]]] = OrderedDict()

    def _on_request_refused(self, body: RequestRefused, at: Instant) -> None:
        hosts = self.hosts.setdefault(body.limit, Counter())
        if body.host and (body.host in hosts or len(hosts) < _MOST_HOSTS):
            hosts[body.host] += 1

    def _on_answered(self, body: RequestAnswered, at: Instant) -> None:
        call, id = (body.method, body.path), body.invocation_id or ""
        before = self._refused.get(id, {}).pop(call, None)
        if not isinstance(body.limit, str):
            return
        wait = body.retry_after_ms if isinstance(body.retry_after_ms, int) else 0
        self.longest_wait[body.limit] = max(wait, self.longest_wait.get(body.limit, 0))
        if before is not None and at < before[1]:
            self.too_early[body.limit] += 1
        self._refused.setdefault(id, {})[call] = body.limit, at + wait
        _forget_oldest(self._refused)
        if isinstance(body.place, str):
            places = self.places.setdefault(body.limit, Counter())
            if body.place in places or len(places) < _MOST_PLACES:
                places[body.place] += 1

    def _on_finished(self, body: InvocationFinished, at: Instant) -> None:
        del at
        refused = self._refused.pop(body.invocation_id, None)
        if refused and body.outcome == "success":
            self.left_undone.update({limit for limit, _ in refused.values()})


def _forget_oldest(known: OrderedDict[str, Any]) -> None:
    if len(known) > _MOST_INVOCATIONS:
        known.popitem(last=False)
