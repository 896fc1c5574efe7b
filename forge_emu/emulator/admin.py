"""A developer's actions on a run: finds what a name means, applies it, and runs a turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from forge_emu.control.contract import (
    KvsEntry,
    KvsPage,
    QueueOrder,
    QueueQuery,
    QueueReceipt,
)
from forge_emu.control.push_contract import PushOrder, PushReceipt
from forge_emu.emulator.lookup import DeliveryEntry, DeliveryLookup
from forge_emu.emulator.payloads.resending import Resending
from forge_emu.emulator.payloads.showing import Payloads
from forge_emu.emulator.pushes.by_hand import push_by_hand
from forge_emu.engine.engine import Engine
from forge_emu.errors import Fault, NotFoundError, UserError
from forge_emu.model import SECOND, Instant, Json, KvsRequest, StoredValue
from forge_emu.timeline.lineage import Lineage

PENDING = ("scheduled", "ready", "running", "waiting")
STATES = (*PENDING, "dropped", "expired")
_PAGE_BYTES = 2_000_000
_PAGE_ENTRIES = 5_000


class TurnRunner(Protocol):
    """What `Admin` needs of the loop."""

    def run_turn(self) -> None:
        """Do what is due, and publish the records."""
        ...


class Admin:
    """Implements `control.contract.AdminContract`. Runs on the loop's thread."""

    def __init__(
        self,
        engine: Engine,
        lineage: Lineage,
        loop: TurnRunner,
        now: Callable[[], Instant],
        payloads: Payloads | None = None,
    ) -> None:
        self._engine = engine
        self._loop = loop
        self._now = now
        self._lookup = DeliveryLookup(engine, lineage)
        self._resending = Resending(engine, self._lookup, payloads or Payloads(engine, None))

    # --- queues -------------------------------------------------------------------------------

    def list_queue(self, query: QueueQuery) -> Json:
        """The deliveries that match the query, by due time; counts of all."""
        states = _states_of(query.state)
        self._check_queue(query.queue)
        found = self._lookup.find(query.target) if query.target else list(self._lookup.all())
        found = [t for t in found if query.queue in (None, t.queue)]
        listed = sorted((t for t in found if t.state in states), key=lambda t: t.sort_key)
        dropped = self._engine.queue_admin.dropped
        return {
            "now": self._now(),
            "paused": self._engine.paused,
            "paused_queues": [
                self._engine.secrets.mask(queue) for queue in self._engine.queue_admin.pauses.queues
            ],
            "counts": {state: sum(t.state == state for t in found) for state in STATES},
            "dropped_kept": dropped.capacity,
            "dropped_forgotten": dropped.evicted_count,
            "total": len(listed),
            "events": [t.to_fields(self._engine.secrets) for t in listed[: query.limit]],
        }

    def change_queue(self, order: QueueOrder) -> QueueReceipt:
        """Apply the order, and run a turn of the loop."""
        if order.action in ("pause", "resume"):
            receipt = self._pause_or_resume(order)
        else:
            receipt = {"cancel": self._cancel, "run_now": self._run_now, "replay": self._replay}[
                order.action
            ](order)
        self._loop.run_turn()
        return receipt

    def push_events(self, order: PushOrder) -> PushReceipt:
        """Push the events, and run a turn of the loop. Raises UserError."""
        receipt = push_by_hand(order, self._engine, self._now())
        self._loop.run_turn()
        return receipt

    def _pause_or_resume(self, order: QueueOrder) -> QueueReceipt:
        admin, now = self._engine.queue_admin, self._now()
        if order.queue is not None:
            self._check_queue(order.queue)
            action = admin.pause_queue if order.action == "pause" else admin.resume_queue
            return QueueReceipt(order.action, queue=order.queue, changed=action(order.queue, now))
        changed = self._set_delivery_paused(order.action == "pause", now)
        if order.action == "resume":
            # Whoever says all means the queues that are paused by name as well.
            changed = (
                any(admin.resume_queue(queue, now) for queue in admin.pauses.queues) or changed
            )
        return QueueReceipt(order.action, changed=changed)

    def _cancel(self, order: QueueOrder) -> QueueReceipt:
        found = self._find_target(order, "cancel")
        chosen = [t for t in found if t.cancellable]
        if not chosen:
            raise UserError(
                f"{order.target!r} cannot be cancelled: {found[0].not_cancellable_reason}",
                "Only events of a queue that wait can be cancelled.",
            )
        self._engine.queue_admin.cancel_events([t.id for t in chosen], self._now())
        return QueueReceipt("cancel", [t.id for t in chosen])

    def _run_now(self, order: QueueOrder) -> QueueReceipt:
        found = list(self._lookup.all()) if order.every else self._find_target(order, "run-now")
        chosen = [t for t in found if t.state in ("scheduled", "waiting")]
        if not chosen and not order.every:
            raise UserError(
                f"{order.target!r} does not wait for a due time: it is {found[0].state}",
                "Such an event is delivered again with `forge-emu queue replay`."
                if found[0].is_lost
                else None,
            )
        self._engine.queue_admin.run_deliveries_now([t.id for t in chosen], self._now())
        return QueueReceipt("run_now", [t.id for t in chosen])

    def _replay(self, order: QueueOrder) -> QueueReceipt:
        admin, app, now = self._engine.queue_admin, self._engine.app, self._now()
        if order.every:
            lost = [each.id for each in self._lookup.lost()]
            return QueueReceipt("replay", admin.replay_deliveries(lost, app, now))
        chosen = self._resending.choose(_target_of(order, "replay"), order.body)
        return QueueReceipt("replay", admin.deliver_again(chosen, app, now))

    def _find_target(self, order: QueueOrder, action: str) -> list[DeliveryEntry]:
        return self._lookup.find(_target_of(order, action))

    def _check_queue(self, queue: str | None) -> None:
        known = {c.queue for c in self._engine.app.consumers}
        known |= {t.queue for t in self._lookup.all() if t.queue}
        if queue is not None and queue not in known | set(self._engine.queue_admin.pauses.queues):
            names = ", ".join(sorted(map(self._engine.secrets.mask, known))) or "none"
            raise NotFoundError(f"there is no queue {queue!r}", f"The app's queues: {names}.")

    # --- keys of the console ------------------------------------------------------------------

    def toggle_delivery(self) -> None:
        """Pause all delivery, or resume it."""
        self._set_delivery_paused(not self._engine.paused, self._now())
        self._loop.run_turn()

    def deliver_next(self) -> None:
        """While delivery is paused, deliver the first that is ready."""
        now = self._now()
        self._engine.wake(now)
        self._engine.delivery_loop.deliver_next(now)
        self._loop.run_turn()

    def run_now(self, name: str) -> None:
        """Skip the wait of the deliveries with the id `name`, if they wait."""
        ids = [entry.id for entry in self._lookup.all() if name in entry.names]
        self._engine.queue_admin.run_deliveries_now(ids, self._now())
        self._loop.run_turn()

    def _set_delivery_paused(self, pause: bool, now: Instant) -> bool:
        """Pause or resume all delivery, and record it; False when that is so already."""
        if self._engine.paused == pause:
            return False
        admin = self._engine.queue_admin
        admin.record_action("pause" if pause else "resume", now)
        if pause:
            admin.pause_delivery(persistent=True)
        else:
            admin.resume_delivery(now)
        return True

    # --- the store ----------------------------------------------------------------------------

    def list_kvs(
        self, prefix: str, after: str, *, secret: bool, show_secrets: bool, entity: str = ""
    ) -> KvsPage:
        """A part of the store, up to a size."""
        entries: list[KvsEntry] = []
        sizes: list[int] = []
        now, last, size = self._now(), None, 0
        items = self._engine.kvs.items(
            prefix, now, secret=secret, entity=entity, after=after or None
        )
        for value in items:
            if size > _PAGE_BYTES or len(entries) == _PAGE_ENTRIES:
                last = entries[-1].key
                break
            masked = secret and not show_secrets
            entries.append(kvs_entry_of(value, secret, now, masked=masked))
            sizes.append(len(value.value_text))
            size += sizes[-1]
        return KvsPage(entries, sizes, last)

    def kvs_entities(self) -> dict[str, int]:
        """How many values each custom entity has that has any, by name."""
        return self._engine.kvs.count_entities(self._now())

    def kvs_get(self, key: str, *, secret: bool, entity: str = "") -> KvsEntry | None:
        """One value of the store; None when there is none."""
        now = self._now()
        items = self._engine.kvs.items(key, now, secret=secret, entity=entity)
        return next((kvs_entry_of(v, secret, now) for v in items if v.key == key), None)

    def kvs_set(self, entries: Sequence[KvsEntry]) -> int:
        """Write values. All are checked before any is written."""
        requests = [kvs_set_request(entry) for entry in entries]
        self._apply_edits(requests)
        return len(requests)

    def kvs_delete(self, key: str, *, secret: bool, entity: str = "") -> bool:
        """Delete a key of the store; False when there is none."""
        if self.kvs_get(key, secret=secret, entity=entity) is None:
            return False
        self._apply_edits([KvsRequest("delete", key, secret=secret, entity=entity or None)])
        return True

    def _apply_edits(self, requests: Sequence[KvsRequest]) -> None:
        now = self._now()
        for request in requests:
            try:
                self._engine.kvs.check(request)
            except Fault as fault:
                raise edit_refused(request, fault) from None
        for request in requests:
            self._engine.kvs.edit(request, now)
        self._loop.run_turn()


def edit_refused(request: KvsRequest, fault: Fault) -> UserError:
    """The error for a manual edit that the store's rules refuse."""
    return UserError(
        f"the store cannot hold {request.key!r}: {fault.body.get('message')}",
        "Edits by hand keep to the store's rules, so that the app could have made them.",
    )


def _target_of(order: QueueOrder, action: str) -> str:
    if not order.target:
        raise UserError(f"{action} needs the id of an event, or all of them")
    return order.target


def _states_of(word: str | None) -> tuple[str, ...]:
    if word is None:
        return STATES
    if word == "pending":
        return PENDING
    if word not in STATES:
        raise UserError(
            f"there is no state {word!r}", f"It is one of: pending, {', '.join(STATES)}."
        )
    return (word,)


def kvs_entry_of(
    value: StoredValue, secret: bool, now: Instant, *, masked: bool = False
) -> KvsEntry:
    """A stored value as people see it; masked it is null."""
    ttl = None if value.expires_at is None else max(value.expires_at - now, 1) / SECOND
    return KvsEntry(
        value.key,
        msgspec.Raw(b"null" if masked else value.value_text),
        secret,
        ttl,
        value.entity or None,
    )


def kvs_set_request(entry: KvsEntry) -> KvsRequest:
    """The `set` that stores an entry. Raises UserError where its value cannot be read."""
    try:
        # A Raw is not looked into.
        msgspec.json.decode(entry.value)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UserError(f"the value of {entry.key[:60]!r} is no JSON: {error}") from None
    options = None
    if entry.ttl_seconds is not None:
        options = {"ttl": {"value": entry.ttl_seconds, "unit": "SECONDS"}}
    return KvsRequest(
        "set", entry.key, bytes(entry.value), options, entry.secret, entity=entry.entity
    )
