"""The key-value store of an installation: what is in it, and by which rules something gets there.

What a call of the app costs is for `single_key`, `batch`, `transaction` and the queries to say.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping

from forge_emu import settings as s
from forge_emu.engine.dirty import DirtySet
from forge_emu.engine.kvs import entity_rules, rules
from forge_emu.engine.kvs.call_records import done_record
from forge_emu.engine.kvs.entities import Entity
from forge_emu.engine.kvs.place import KvsKind, KvsPlace
from forge_emu.engine.kvs.rates import Cost, KvsRates
from forge_emu.engine.kvs.requests import KvsItem
from forge_emu.engine.kvs.rules import CheckedSet
from forge_emu.engine.kvs.sorted_values import SortedValues
from forge_emu.model import HOUR, Instant, Json, KvsRequest, LimitUsage, Millis, StoredValue
from forge_emu.records import KvsDone

LINGER: Millis = 48 * HOUR
"""An expired value is deleted within this time (storage-reference/kvs-api/, 2026-08-21)."""


class KvsStore:
    """Plain values, secrets and the values of custom entities, with the limits that all share.

    `epoch_ms` is the instant 0 in real time.
    """

    def __init__(self, settings: s.Settings, epoch_ms: int) -> None:
        self.epoch_ms = epoch_ms
        self.settings = settings
        self.rates = KvsRates(settings)
        self.dirty: DirtySet[KvsPlace] = DirtySet()
        self._linger = LINGER if settings[s.STORAGE_EXPIRED_VALUES] == "linger" else 0
        self._plain = SortedValues()
        self._secrets = SortedValues()
        self._entities: defaultdict[str, SortedValues] = defaultdict(SortedValues)
        self.declared_entities: Mapping[str, Entity] = {}
        """The custom entities that the manifest declares, by name."""

    # --- what the rules say of a request --------------------------------------------------------

    def check_place(self, key: Json, entity: Json = None, *, secret: bool = False) -> KvsPlace:
        """The place of a key. Raises Fault (400) where it is no key, or there is no such entity."""
        if entity is None:
            checked = rules.check_key(key, self.settings)
            return KvsPlace("secret" if secret else "plain", "", checked)
        declared = entity_rules.check_entity(entity, self.declared_entities)
        checked = rules.check_key(key, self.settings, empty="EMPTY_KEY")
        return KvsPlace("entity", declared.name, checked)

    def check_set(self, request: KvsRequest) -> CheckedSet:
        """What a `set` stores. Raises Fault (400)."""
        place = self.check_place(request.key, request.entity, secret=request.secret)
        options = rules.check_options("set", request.options)
        text = self._check_value(request.value_text, place)
        return CheckedSet(place, text, rules.check_set_options(options, self.settings))

    def check_item(self, item: KvsItem) -> CheckedSet:
        """What one `set` of a batch or a transaction stores. Raises Fault (400)."""
        place = self.check_place(item.key, item.entity)
        text = self._check_value(item.value_text, place)
        return CheckedSet(place, text, rules.check_item_options(item.options, self.settings))

    def _check_value(self, value_text: bytes | None, place: KvsPlace) -> bytes:
        text = rules.check_value(value_text, self.settings, secret=place.kind == "secret")
        if place.kind == "entity":
            entity = self.declared_entities[place.entity]
            entity_rules.check_attributes(text, entity, self.settings)
        return text

    # --- the developer's own changes ------------------------------------------------------------

    def check_edit(self, request: KvsRequest) -> KvsPlace:
        """Where `apply_edit` would change something. Raises Fault (400)."""
        if request.operation == "set":
            return self.check_set(request).place
        return self.check_place(request.key, request.entity, secret=request.secret)

    def apply_edit(self, request: KvsRequest, now: Instant) -> KvsDone:
        """Do a `set` or `delete` of the developer: by the store's rules, but past its rates.

        Raises Fault (400), and has changed nothing then.
        """
        if request.operation == "set":
            checked = self.check_set(request)
            self.put(checked, now)
            return done_record(request, Cost("set", len(checked.text), 0))
        self.remove(self.check_edit(request))
        return done_record(request, Cost("delete", 0, 0))

    # --- values -------------------------------------------------------------------------------

    def find(self, place: KvsPlace, now: Instant) -> StoredValue | None:
        """The value at a place; one that has expired is deleted."""
        value = self.value_at(place)
        if value is not None and self._is_expired(value, now):
            self.remove(place)
            return None
        return value

    def put(self, checked: CheckedSet, now: Instant) -> StoredValue:
        """Store a value by the rules; answers it with its metadata."""
        place, ttl = checked.place, checked.options.ttl
        before = self.find(place, now)
        after = StoredValue(
            key=place.key,
            value_text=checked.text,
            created_at=before.created_at if before else now,
            updated_at=now,
            # A set without a ttl makes the value last: nothing says that it inherits one.
            expires_at=None if ttl is None else now + ttl,
            entity=place.entity,
        )
        self._values_at(place).put(after)
        self.dirty.mark(place)
        return after

    def remove(self, place: KvsPlace) -> None:
        """Take out a value, if there is one."""
        if self._values_at(place).remove(place.key):
            self.dirty.mark(place)

    def items(
        self,
        prefix: str = "",
        after: str | None = None,
        *,
        now: Instant | None = None,
        secret: bool = False,
        entity: str = "",
    ) -> Iterator[StoredValue]:
        """The values whose key begins with `prefix`, in the order of their keys, from behind
        `after` on: plain ones, secrets, or those of a custom entity.

        Without `now`, expired values that nobody has asked for since are among them.
        """
        kind: KvsKind = "entity" if entity else "secret" if secret else "plain"
        for value in self._values_at(KvsPlace(kind, entity, "")).with_prefix(prefix, after):
            if now is None or not self._is_expired(value, now):
                yield value

    def count_entities(self, now: Instant) -> dict[str, int]:
        """How many values each custom entity has that has any, by name."""
        counts = {
            name: sum(1 for _ in self.items(now=now, entity=name))
            for name in sorted(self._entities)
        }
        return {name: count for name, count in counts.items() if count}

    def usage(self, now: Instant) -> list[LimitUsage]:
        """How much of each limit is in use."""
        return self.rates.usage(now)

    def __len__(self) -> int:
        """How many plain values are stored."""
        return len(self._plain)

    # --- snapshots ----------------------------------------------------------------------------

    def places(self) -> Iterator[KvsPlace]:
        """Where there is anything, expired or not."""
        for value in self._plain.with_prefix(""):
            yield KvsPlace("plain", "", value.key)
        for value in self._secrets.with_prefix(""):
            yield KvsPlace("secret", "", value.key)
        for entity in sorted(self._entities):
            for value in self._entities[entity].with_prefix(""):
                yield KvsPlace("entity", entity, value.key)

    def value_at(self, place: KvsPlace) -> StoredValue | None:
        """The value at a place, expired or not."""
        return self._values_at(place).get(place.key)

    def restore_value(self, place: KvsPlace, value: StoredValue) -> None:
        """Restore a value of before a restart."""
        self._values_at(place).put(value)

    def _values_at(self, place: KvsPlace) -> SortedValues:
        if place.kind == "entity":
            return self._entities[place.entity]
        return self._secrets if place.kind == "secret" else self._plain

    def _is_expired(self, value: StoredValue, now: Instant) -> bool:
        return value.expires_at is not None and value.expires_at + self._linger <= now
