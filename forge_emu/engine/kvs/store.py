"""The key-value store of an installation: what is in it, and what each request costs.

A request is judged in the order of the platform's own answers: its form (400), the rate limits
(429), the state of the key (409). A refused request changes nothing; whether it uses up the limits
is `limits.kvs.count_refused`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from forge_emu import settings as s
from forge_emu.engine.dirty import DirtySet
from forge_emu.engine.kvs import entity_rules
from forge_emu.engine.kvs import rules as rules
from forge_emu.engine.kvs.entities import Entity
from forge_emu.engine.kvs.rates import Cost, KvsRates
from forge_emu.engine.kvs.requests import KvsItem
from forge_emu.engine.kvs.sorted_values import SortedValues, kvs_place
from forge_emu.errors import Fault
from forge_emu.model import (
    HOUR,
    Instant,
    KvsPlace,
    KvsRequest,
    KvsResponse,
    LimitUsage,
    Millis,
    StoredValue,
)
from forge_emu.records import KvsDone

LINGER: Millis = 48 * HOUR
"""An expired value is deleted within this time (storage-reference/kvs-api/, 2026-08-21)."""


class KvsStore:
    """Values and secrets by key, each namespace for itself, with the limits both share.

    `epoch_ms` is the instant 0 in real time.
    """

    def __init__(self, settings: s.Settings, epoch_ms: int) -> None:
        self.epoch_ms = epoch_ms
        self.settings = settings
        self.rates = KvsRates(settings)
        self.dirty: DirtySet[KvsPlace] = DirtySet()
        self._linger = LINGER if settings[s.STORAGE_EXPIRED_VALUES] == "linger" else 0
        self._values = SortedValues()
        self._secrets = SortedValues()
        self._entity_values = SortedValues()
        self.declared_entities: Mapping[str, Entity] = {}
        """The custom entities that the manifest declares, by name."""

    def apply_request(self, request: KvsRequest, now: Instant) -> tuple[KvsResponse, KvsDone]:
        """Do what `request` asks. Raises Fault, and has changed nothing then.

        Reading a key that does not exist is no fault: the response holds nothing.
        """
        try:
            key = self.check_key(request)
            options = rules.check_options(request.operation, request.options)
            if request.operation == "set":
                text = self._check_value(request)
                set_options = rules.check_set_options(options, self.settings)
                return self._set(request, key, text, set_options, now)
            if request.operation == "get":
                rules.check_metadata(options.get("metadataFields"))
                return self._get(request, key, now)
            return self._delete(request, key, now)
        except Fault as fault:
            if fault.status == 400:
                self.rates.count_malformed(now)
            raise

    def request_units(self, request: KvsRequest, now: Instant) -> int:
        """The units that a well-formed request uses."""
        size = len(request.value_text or b"") if request.operation == "set" else 0
        if request.operation == "get" and (found := self.find(request, request.key, now)):
            size = len(found.value_text)
        return self.rates.cost(request.operation, size).units

    def check_request(self, request: KvsRequest) -> tuple[str, bytes, rules.CheckedSetOptions]:
        """The key, value and options of a `set` or `delete`, by the store's rules. Raises Fault."""
        key = self.check_key(request)
        if request.operation != "set":
            return key, b"", rules.CheckedSetOptions()
        text = self._check_value(request)
        return key, text, rules.check_set_options(request.options or {}, self.settings)

    def check_key(self, request: KvsRequest) -> str:
        """The key of a request, whose entity there has to be. Raises Fault."""
        if request.entity is None:
            return rules.check_key(request.key, self.settings)
        entity_rules.check_entity(request.entity, self.declared_entities)
        return rules.check_key(request.key, self.settings, empty="EMPTY_KEY")

    def check_item(self, item: KvsItem) -> tuple[KvsRequest, str, bytes, rules.CheckedSetOptions]:
        """One value of a batch or a transaction, as a `set` of its own. Raises Fault."""
        request = KvsRequest("set", item.key, item.value_text, entity=item.entity)
        key = self.check_key(request)
        text = self._check_value(request)
        return request, key, text, rules.check_item_options(item.options, self.settings)

    def apply_edit(self, request: KvsRequest, now: Instant) -> KvsDone:
        """Do a `set` or `delete` of the developer: by the store's rules, but past its rates.

        Raises Fault, and has changed nothing then.
        """
        key, text, wish = self.check_request(request)
        if request.operation == "set":
            self.put(request, key, text, wish, self.find(request, key, now), now)
        else:
            self.remove(request, key)
        return _done_record(request, key, Cost(request.operation, len(text), 0))

    def usage(self, now: Instant) -> list[LimitUsage]:
        """How much of each limit is in use."""
        return self.rates.usage(now)

    def items(
        self,
        prefix: str = "",
        after: str | None = None,
        *,
        now: Instant | None = None,
        secret: bool = False,
    ) -> Iterator[StoredValue]:
        """The values whose key begins with `prefix`, in the order of their keys, from behind
        `after` on.

        Without `now`, expired values that nobody has asked for since are among them.
        """
        for value in (self._secrets if secret else self._values).with_prefix(prefix, after):
            if now is None or not self._is_expired(value, now):
                yield value

    def entity_items(self, entity: str, now: Instant) -> Iterator[StoredValue]:
        """The values of a custom entity, in the order of their keys."""
        for value in self._entity_values.with_prefix(f"{entity}/"):
            if not self._is_expired(value, now):
                yield value

    def places(self) -> Iterator[KvsPlace]:
        """Where there is anything, expired or not."""
        for shelf in (self._values, self._secrets, self._entity_values):
            for value in shelf.with_prefix(""):
                yield shelf is self._secrets, value.key

    def value_at(self, place: KvsPlace) -> StoredValue | None:
        """The value at a place, expired or not."""
        return self._values_at(place).get(place[1])

    def restore_value(self, place: KvsPlace, value: StoredValue) -> None:
        """Restore a value of before a restart."""
        self._values_at(place).put(value)

    def __len__(self) -> int:
        """How many values are stored, secrets not counted."""
        return len(self._values)

    def _get(self, request: KvsRequest, key: str, now: Instant) -> tuple[KvsResponse, KvsDone]:
        found = self.find(request, key, now)
        size = len(found.value_text) if found else 0
        cost, pieces = self.rates.cost("get", size), [(kvs_place(request, key), size)]
        self.rates.check_cost(cost, pieces, now)
        self.rates.consume(cost, pieces, now)
        return KvsResponse(found), _done_record(request, key, cost)

    def _set(
        self,
        request: KvsRequest,
        key: str,
        text: bytes,
        set_options: rules.CheckedSetOptions,
        now: Instant,
    ) -> tuple[KvsResponse, KvsDone]:
        before = self.find(request, key, now)
        cost, pieces = self.rates.cost("set", len(text)), [(kvs_place(request, key), len(text))]
        self.rates.check_cost(cost, pieces, now)
        if set_options.only_if_new and before is not None:
            self.rates.count_refused(cost, pieces, now)
            message = f"The key {key!r} exists already, and the key policy is FAIL_IF_EXISTS."
            raise Fault(409, {"code": "KEY_CONFLICT", "message": message}, limit="kvs.key_policy")
        self.rates.consume(cost, pieces, now)
        after = self.put(request, key, text, set_options, before, now)
        found = {"PREVIOUS": before, "LATEST": after}.get(set_options.returns or "")
        return KvsResponse(found), _done_record(request, key, cost)

    def put(
        self,
        request: KvsRequest,
        key: str,
        text: bytes,
        set_options: rules.CheckedSetOptions,
        before: StoredValue | None,
        now: Instant,
    ) -> StoredValue:
        """Store a value that has been checked, in the place of `before`."""
        after = StoredValue(
            key=kvs_place(request, key)[1],
            value_text=text,
            created_at=before.created_at if before else now,
            updated_at=now,
            # A set without a ttl makes the value last: nothing says that it inherits one.
            expires_at=None if set_options.ttl is None else now + set_options.ttl,
        )
        place = kvs_place(request, key)
        self._values_at(place).put(after)
        self.dirty.mark(place)
        return after

    def remove(self, request: KvsRequest, key: str) -> None:
        """Take out a value, if there is one."""
        place = kvs_place(request, key)
        if self._values_at(place).remove(place[1]):
            self.dirty.mark(place)

    def find(self, request: KvsRequest, key: str, now: Instant) -> StoredValue | None:
        """The value under `key`; one that has expired is deleted."""
        value = self.value_at(kvs_place(request, key))
        if value is not None and self._is_expired(value, now):
            self.remove(request, key)
            return None
        return value

    def _delete(self, request: KvsRequest, key: str, now: Instant) -> tuple[KvsResponse, KvsDone]:
        cost = self.rates.cost("delete", 0)
        self.rates.check_cost(cost, (), now)
        self.rates.consume(cost, (), now)
        self.remove(request, key)
        return KvsResponse(), _done_record(request, key, cost)

    def _values_at(self, place: KvsPlace) -> SortedValues:
        secret, key = place
        if secret:
            return self._secrets
        return self._entity_values if "/" in key else self._values

    def _check_value(self, request: KvsRequest) -> bytes:
        text = rules.check_value(request, self.settings)
        if request.entity is not None:
            entity = entity_rules.check_entity(request.entity, self.declared_entities)
            entity_rules.check_attributes(text, entity, self.settings)
        return text

    def _is_expired(self, value: StoredValue, now: Instant) -> bool:
        return value.expires_at is not None and value.expires_at + self._linger <= now


def _done_record(request: KvsRequest, key: str, cost: Cost) -> KvsDone:
    return KvsDone(
        operation=request.label,
        key=kvs_place(request, key)[1],
        bytes=cost.size,
        units=cost.units,
        invocation_id=request.invocation_id,
    )
