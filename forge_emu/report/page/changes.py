"""What the page has not been told yet: the report tells all at once, the live page bit by bit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from forge_emu.report.page.columns import Columns, TextTable

if TYPE_CHECKING:
    from forge_emu.model import Instant


class RowsReader:
    """Reads events and attempts as they are added and changed. Close it."""

    def __init__(
        self, texts: TextTable, ids: list[str], events: Columns, attempts: Columns
    ) -> None:
        self._texts = texts
        self._ids = ids
        self._events = events.reader()
        self._attempts = attempts.reader()
        self._texts_read = 0
        self._ids_read = 0

    def read(self, now: Instant) -> dict[str, Any]:
        """All since the last reading, as plain values: `words` and `ids` are to be appended, and so
        are the rows of `events` and `attempts`; those of `changed_…` replace what they name."""
        words = self._texts.texts[self._texts_read :]
        ids = self._ids[self._ids_read :]
        self._texts_read += len(words)
        self._ids_read += len(ids)
        events, changed_events = self._events.read()
        attempts, changed_attempts = self._attempts.read()
        return {
            "now": now,
            "words": words,
            "ids": ids,
            "events": events,
            "attempts": attempts,
            "changed_events": changed_events,
            "changed_attempts": changed_attempts,
        }

    def close(self) -> None:
        """Read no more."""
        self._events.close()
        self._attempts.close()
