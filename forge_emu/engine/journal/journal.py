"""The records of a run, numbered and stamped."""

from __future__ import annotations

from forge_emu.engine.journal.masking import mask_body
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.model import Instant, iso8601
from forge_emu.records import AnyBody, Record


class Journal:
    """Collects records until they are taken; `epoch_ms` is the instant 0 in real time.

    Every record passes here, and its secrets are masked here.
    """

    def __init__(self, epoch_ms: int, secrets: Secrets | None = None) -> None:
        self.epoch_ms = epoch_ms
        self.secrets = Secrets() if secrets is None else secrets
        self.seq = 0
        """The number of the last record."""
        self._stamp: tuple[Instant, str] = (0, iso8601(epoch_ms))
        self._records: list[Record] = []

    def record(self, body: AnyBody, now: Instant) -> None:
        """Append a record of `body`."""
        if self._stamp[0] != now:
            self._stamp = (now, iso8601(self.epoch_ms + now))
        self.seq += 1
        if self.secrets.sources:
            body = mask_body(body, self.secrets)
        self._records.append(Record(self.seq, now, self._stamp[1], body))

    def take_records(self) -> list[Record]:
        """The records since the last call."""
        records, self._records = self._records, []
        return records
