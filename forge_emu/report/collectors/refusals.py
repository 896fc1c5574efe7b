"""What limits refused: pushes, calls of the store, keys of batches, requests."""

from __future__ import annotations

from collections import Counter
from typing import Any

from forge_emu.model import Instant
from forge_emu.records import KvsRefused, PushRefused, RequestAnswered, RequestRefused
from forge_emu.report.collectors.collector import Collector
from forge_emu.report.collectors.counts import ranked_counts
from forge_emu.report.summary import RefusalFigures


class RefusalCollector(Collector):
    """Refusals by limit, or by the error's code where no limit refused."""

    def __init__(self) -> None:
        self.handlers = {
            PushRefused: self._on_push_refused,
            KvsRefused: self._on_kvs_refused,
            RequestRefused: self._on_request_refused,
            RequestAnswered: self._on_answered,
        }
        self._pushes: Counter[str] = Counter()
        self._push_events: Counter[str] = Counter()
        self._kvs_calls: Counter[str] = Counter()
        self._kvs_keys: Counter[str] = Counter()
        self._requests: Counter[str] = Counter()

    def result(self) -> dict[str, Any]:
        """Refused pushes, their events, calls, failed keys, and requests, each by limit."""
        counts = (
            self._pushes,
            self._push_events,
            self._kvs_calls,
            self._kvs_keys,
            self._requests,
        )
        return {"refusals": RefusalFigures(*map(ranked_counts, counts))}

    def _on_push_refused(self, body: PushRefused, at: Instant) -> None:
        self._pushes[body.limit] += 1
        self._push_events[body.limit] += body.events

    def _on_request_refused(self, body: RequestRefused, at: Instant) -> None:
        self._requests[body.limit] += 1

    def _on_answered(self, body: RequestAnswered, at: Instant) -> None:
        if isinstance(body.limit, str):
            self._requests[body.limit] += 1

    def _on_kvs_refused(self, body: KvsRefused, at: Instant) -> None:
        refusals = self._kvs_keys if body.of_batch is True else self._kvs_calls
        refusals[body.limit or body.code] += 1
