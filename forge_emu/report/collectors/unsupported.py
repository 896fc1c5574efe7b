"""Calls of what is not emulated."""

from __future__ import annotations

from collections import Counter
from typing import Any

from forge_emu.model import Instant
from forge_emu.records import RequestUnsupported
from forge_emu.report.collectors.collector import Collector
from forge_emu.report.collectors.counts import MOST_NAMES
from forge_emu.report.summary import Unsupported


class UnsupportedCollector(Collector):
    """Counts each call with the message it got first. Beyond 200 calls, new ones are left out."""

    def __init__(self) -> None:
        self.handlers = {RequestUnsupported: self._on_unsupported}
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._messages: dict[tuple[str, str, str], str] = {}

    def result(self) -> dict[str, Any]:
        """The calls, the most frequent first."""
        return {
            "unsupported": [
                Unsupported(*call, message=self._messages[call], count=count)
                for call, count in self._counts.most_common()
            ]
        }

    def _on_unsupported(self, body: RequestUnsupported, at: Instant) -> None:
        call = (body.service, body.method, body.path)
        if call in self._messages or len(self._messages) < MOST_NAMES:
            self._counts[call] += 1
            self._messages.setdefault(call, body.message)
