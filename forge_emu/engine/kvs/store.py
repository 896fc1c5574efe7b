"""The key-value store of an installation: what is in it, and what each request costs.

A request is judged in the order of the platform's own answers: its form (400), the rate limits
(429), the state of the key (409). A refused request changes nothing; whether it uses up the limits
is `limits.kvs.count_refused`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from forge_emu import settings as s
from forge_emu.engine.dirty import Dirty
from forge_emu.engine.kvs import entity_rules
from forge_emu.engine.kvs import rules as rules
from forge_emu.engine.kvs.entities import Entity
from forge_emu.engine.kvs.rates import Cost, KvsRates
from forge_emu.engine.kvs.requests import KvsItem
from forge_emu.engine.kvs.sorted_values import Shelf, place_of
from forge_emu.engine.snapshot.shapes import Place
from forge_emu.errors import Fault
from forge_emu.model import (
    HOUR,
    Instant,
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

    def __init__(self, settings: s.Settings, epoch_ms: int, touched: Dirty | None = None) -> None:
        self.epoch_ms = epoch_ms
        self.settings = settings
        self.rates = KvsRates(settings)
        self._touched = touched or Dirty()
        self._linger = LINGER if settings[s.STORAGE_EXPIRED_VALUES] == "linger" else 0
        self._values = Shelf()
        self._secrets = Shelf()
        self._entities = Shelf()
        self.entities: Mapping[str, Entity] = {}
        """The custom entities that the manifest declares, by name."""

    def apply(self, request: KvsRequest, now: Instant) -> tuple[KvsResponse, KvsDone]:
        """Do what `request` asks. Raises Fault, and has changed nothing then.

        Reading a key that does not exist is no fault: the response holds nothing.
        """
        try:
            key = self.check_key(request)
            options = rules.check_options(request.operation, request.options)
            if request.operation == "set":
                text = self._check_value(request)
                wish = rules.check_set_options(options, self.settings)
                return self._set(request, key, text, wish, now)
            if request.operation == "get":
                rules.check_metadata(options.get("metadataFields"))
                return self._get(request, key, now)
            return self._delete(request, key, now)
        except Fault as fault:
            if fault.status == 400:
                self.rates.count_malformed(now)
            raise

    def units(self, request: KvsRequest, now: Instant) -> int:
        """What a well-formed request uses of the units of its kind."""
        size = len(request.value_text or b"") if request.operation == "set" else 0
        if request.operation == "get" and (found := self.find(request, request.key, now)):
            size = len(found.value_text)
        return self.rates.cost(request.operation, size).units

    def check(self, request: KvsRequest) -> tuple[str, bytes, rules.SetOptions]:
        """The key, value and options of a `set` or `delete`, by the store's rules. Raises Fault."""
        key = self.check_key(request)
        if request.operation != "set":
            return key, b"", rules.SetOptions()
        text = self._check_value(request)
        return key, text, rules.check_set_options(request.options or {}, self.settings)

    def check_key(self, request: KvsRequest) -> str:
        """The key of a request, whose entity there has to be. Raises Fault."""
        if request.entity is None:
            return rules.check_key(request.key, self.settings)
        entity_rules.check_entity(request.entity, self.entities)
        return rules.check_key(request.key, self.settings, empty="EMPTY_KEY")

    def check_item(self, item: KvsItem) -> tuple[KvsRequest, str, bytes, rules.SetOptions]:
        """One value of a batch or a transaction, as a `set` of its own. Raises Fault."""
        request = KvsRequest("set", item.key, item.value_text, entity=item.entity)
        key = self.check_key(request)
        text = self._check_value(request)
        return request, key, text, rules.check_item_options(item.options, self.settings)

    def edit(self, request: KvsRequest, now: Instant) -> KvsDone:
        """Do a `set` or `delete` by hand: by the store's rules, but past its rates.

        Raises Fault, and has changed nothing then.
        """
        key, text, wish = self.check(request)
        if request.operation == "set":
            self.put(request, key, text, wish, self.find(request, key, now), now)
        else:
            self.remove(request, key)
        return _done(request, key, Cost(request.operation, len(text), 0))

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
        for value in (self._secrets if secret else self._values).beginning_with(prefix, after):
            if now is None or not self._is_gone(value, now):
                yield value

    def entity_items(self, entity: str, now: Instant) -> Iterator[StoredValue]:
        """The values of a custom entity, in the order of their keys."""
        for value in self._entities.beginning_with(f"{entity}/"):
            if not self._is_gone(value, now):
                yield value

    def places(self) -> Iterator[Place]:
        """Where there is anything, expired or not."""
        for shelf in (self._values, self._secrets, self._entities):
            for value in shelf.beginning_with(""):
                yield shelf is self._secrets, value.key

    def value_at(self, place: Place) -> StoredValue | None:
        """The value at a place, expired or not."""
        return self._shelf(place).get(place[1])

    def put_back(self, place: Place, value: StoredValue) -> None:
        """Take in a value that was stored before a restart."""
        self._shelf(place).put(value)

    def __len__(self) -> int:
        """How many values are stored, secrets not counted."""
        return len(self._values)

    def _get(self, request: KvsRequest, key: str, now: Instant) -> tuple[KvsResponse, KvsDone]:
        found = self.find(request, key, now)
        size = len(found.value_text) if found else 0
        cost, pieces = self.rates.cost("get", size), [(place_of(request, key), size)]
        self.rates.check(cost, pieces, now)
        self.rates.take(cost, pieces, now)
        return KvsResponse(found), _done(request, key, cost)

    def _set(
        self, request: KvsRequest, key: str, text: bytes, wish: rules.SetOptions, now: Instant
    ) -> tuple[KvsResponse, KvsDone]:
        before = self.find(request, key, now)
        cost, pieces = self.rates.cost("set", len(text)), [(place_of(request, key), len(text))]
        self.rates.check(cost, pieces, now)
        if wish.only_if_new and before is not None:
            self.rates.count_refused(cost, pieces, now)
            message = f"The key {key!r} exists already, and the key policy is FAIL_IF_EXISTS."
            raise Fault(409, {"code": "KEY_CONFLICT", "message": message}, limit="kvs.key_policy")
        self.rates.take(cost, pieces, now)
        after = self.put(request, key, text, wish, before, now)
        found = {"PREVIOUS": before, "LATEST": after}.get(wish.returns or "")
        return KvsResponse(found), _done(request, key, cost)

    def put(
        self,
        request: KvsRequest,
        key: str,
        text: bytes,
        wish: rules.SetOptions,
        before: StoredValue | None,
        now: Instant,
    ) -> StoredValue:
        """Store a value that has been checked, in the place of `before`."""
        after = StoredValue(
            key=place_of(request, key)[1],
            value_text=text,
            created_at=before.created_at if before else now,
            updated_at=now,
            # A set without a ttl makes the value last: nothing says that it inherits one.
            expires_at=None if wish.ttl is None else now + wish.ttl,
        )
        place = place_of(request, key)
        self._shelf(place).put(after)
        self._touched.value(place)
        return after

    def remove(self, request: KvsRequest, key: str) -> None:
        """Take out a value, if there is one."""
        place = place_of(request, key)
        if self._shelf(place).remove(place[1]):
            self._touched.value(place)

    def find(self, request: KvsRequest, key: str, now: Instant) -> StoredValue | None:
        """The value under `key`; one that has expired is deleted on the way."""
        value = self.value_at(place_of(request, key))
        if value is not None and self._is_gone(value, now):
            self.remove(request, key)
            return None
        return value

    def _delete(self, request: KvsRequest, key: str, now: Instant) -> tuple[KvsResponse, KvsDone]:
        cost = self.rates.cost("delete", 0)
        self.rates.check(cost, (), now)
        self.rates.take(cost, (), now)
        self.remove(request, key)
        return KvsResponse(), _done(request, key, cost)

    def _shelf(self, place: Place) -> Shelf:
        secret, key = place
        if secret:
            return self._secrets
        return self._entities if "/" in key else self._values

    def _check_value(self, request: KvsRequest) -> bytes:
        text = rules.check_value(request, self.settings)
        if request.entity is not None:
            entity = entity_rules.check_entity(request.entity, self.entities)
            entity_rules.check_attributes(text, entity, self.settings)
        return text

    def _is_gone(self, value: StoredValue, now: Instant) -> bool:
        return value.expires_at is not None and value.expires_at + self._linger <= now


def _done(request: KvsRequest, key: str, cost: Cost) -> KvsDone:
    return KvsDone(
        operation=request.label,
        key=place_of(request, key)[1],
        bytes=cost.size,
        units=cost.units,
        invocation_id=request.invocation_id,
    )
