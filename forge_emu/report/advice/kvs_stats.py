"""How the app used the key-value store and its queues: sizes, units, hot keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from forge_emu.model import Instant
from forge_emu.records import EventPushed, InvocationFinished, KvsDone
from forge_emu.report.collectors.collector import Collector
from forge_emu.report.store_use import StoreUse

_MOST_KEYS = 8_192
_KEYS_PER_INVOCATION = 100
_WRITES_OF_MANY = ("batch_set", "transact")


class KvsStats(Collector):
    """Counts what the store did, and which keys are written by many invocations. Bounded."""

    def __init__(self) -> None:
        self.handlers = {
            KvsDone: self._on_kvs_done,
            EventPushed: self._on_pushed,
            InvocationFinished: self._on_finished,
        }
        self.writes = 0
        """Values set one by one, which a batch could have set together."""
        self.written_bytes = 0
        self.written_units = 0
        self.pushed = 0
        """Events that a queue accepted."""
        self.writers = 0
        """Invocations that set something."""
        self.use = StoreUse()
        """What the calls used of each limit."""
        self._keys: Counter[str] = Counter()
        # Keys set by each open invocation, in order: the same run counts the same way.
        self._keys_by_invocation: dict[str, dict[str, None]] = {}

    def busiest_key(self) -> tuple[str, int]:
        """The key that most invocations set, and by how many at least."""
        ranked = sorted(self._keys.items(), key=lambda item: (-item[1], item[0]))
        return ranked[0] if ranked else ("", 0)

    def _on_pushed(self, body: EventPushed, at: Instant) -> None:
        self.pushed += 1

    def _on_finished(self, body: InvocationFinished, at: Instant) -> None:
        keys = self._keys_by_invocation.pop(body.invocation_id, None)
        if keys is not None:
            self.writers += 1
            for key in keys:
                self._count_key(key)

    def _on_kvs_done(self, done: KvsDone, at: Instant) -> None:
        self.use.add_call(done)
        if done.operation in ("set", "set_secret", "set_entity"):
            self._add_written_keys([done.key], done.invocation_id)
            # Secrets cannot be set in a batch.
            if done.operation != "set_secret":
                self.writes += 1
                self.written_bytes += done.bytes
                self.written_units += done.units
        elif done.operation in _WRITES_OF_MANY and isinstance(done.keys, list):
            self._add_written_keys(done.keys, done.invocation_id)

    def _add_written_keys(self, written: Sequence[str], invocation_id: str | None) -> None:
        if invocation_id is None or not written:
            return
        keys = self._keys_by_invocation.setdefault(invocation_id, {})
        keys.update(dict.fromkeys(written[: max(0, _KEYS_PER_INVOCATION - len(keys))]))

    def _count_key(self, key: str) -> None:
        """Misra and Gries: no key is counted short by more than one of 8,192 keys that were
        written, so that a key which many invocations write stays, whatever comes between."""
        if key in self._keys or len(self._keys) < _MOST_KEYS:
            self._keys[key] += 1
            return
        self._keys = Counter({k: n - 1 for k, n in self._keys.items() if n > 1})
