"""The developer's hand on a run: finds what a name means, acts, and lets the pump turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import msgspec

from forge_emu.control.contract import (
    KvsEntry,
    KvsPage,
    QueueOrder,
    QueueReceipt,
    QueueWish,
)
from forge_emu.emulator.lookup import Target, Targets
from forge_emu.engine import Engine
from forge_emu.errors import Fault, UserError
from forge_emu.model import SECOND, Instant, Json, KvsRequest, StoredValue
from forge_emu.timeline import Lineage

PENDING = ("scheduled", "ready", "running", "waiting")
STATES = (*PENDING, "dropped")
_PAGE_BYTES = 2_000_000
_PAGE_ENTRIES = 5_000


class Turning(Protocol):
    """What the hand needs of the pump."""

    def turn(self) -> None:
        """Do what is due, and publish the records."""
        ...


class EmulatorByHand:
    """Implements `control.contract.ByHand`. Runs on the loop's thread."""

    def __init__(
        self, engine: Engine, lineage: Lineage, pump: Turning, now: Callable[[], Instant]
    ) -> None:
        self._engine = engine
        self._pump = pump
        self._now = now
        self._targets = Targets(engine, lineage)

    # --- queues -------------------------------------------------------------------------------

    def queue(self, wish: QueueWish) -> Json:
        """The deliveries that are wished for, by due time; counts of all."""
        wanted = _states(wish.state)
        self._check_queue(wish.queue)
        found = self._targets.find(wish.target) if wish.target else list(self._targets.all())
        found = [t for t in found if wish.queue in (None, t.queue)]
        shown = sorted((t for t in found if t.state in wanted), key=lambda t: t.order)
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
            "total": len(shown),
            "events": [t.described(self._engine.secrets) for t in shown[: wish.limit]],
        }

    def act(self, order: QueueOrder) -> QueueReceipt:
        """Do it, and turn the pump."""
        if order.action in ("pause", "resume"):
            receipt = self._hold(order)
        else:
            receipt = {"cancel": self._cancel, "run_now": self._hurry, "replay": self._replay}[
                order.action
            ](order)
        self._pump.turn()
        return receipt

    def _hold(self, order: QueueOrder) -> QueueReceipt:
        hand, now = self._engine.queue_admin, self._now()
        if order.queue is not None:
            self._check_queue(order.queue)
            act = hand.pause_queue if order.action == "pause" else hand.resume_queue
            return QueueReceipt(order.action, queue=order.queue, changed=act(order.queue, now))
        changed = hold_all(self._engine, order.action == "pause", now)
        if order.action == "resume":
            # Whoever says all means the queues that are paused by name as well.
            changed = any(hand.resume_queue(queue, now) for queue in hand.pauses.queues) or changed
        return QueueReceipt(order.action, changed=changed)

    def _cancel(self, order: QueueOrder) -> QueueReceipt:
        found = self._named(order, "cancel")
        chosen = [t for t in found if t.cancellable]
        if not chosen:
            raise UserError(
                f"{order.target!r} cannot be cancelled: {found[0].why_not_cancelled}",
                "Only events of a queue that wait can be cancelled.",
            )
        self._engine.queue_admin.cancel_events([t.id for t in chosen], self._now())
        return QueueReceipt("cancel", [t.id for t in chosen])

    def _hurry(self, order: QueueOrder) -> QueueReceipt:
        found = list(self._targets.all()) if order.every else self._named(order, "run-now")
        chosen = [t for t in found if t.state in ("scheduled", "waiting")]
        if not chosen and not order.every:
            raise UserError(
                f"{order.target!r} does not wait for a due time: it is {found[0].state}",
                "A dropped event is delivered again with `forge-emu queue replay`."
                if found[0].state == "dropped"
                else None,
            )
        self._engine.queue_admin.run_deliveries_now([t.id for t in chosen], self._now())
        return QueueReceipt("run_now", [t.id for t in chosen])

    def _replay(self, order: QueueOrder) -> QueueReceipt:
        found = list(self._targets.dropped()) if order.every else self._named(order, "replay")
        chosen = [t for t in found if t.state == "dropped"]
        if not chosen and not order.every:
            raise UserError(
                f"{order.target!r} was not dropped: it is {found[0].state}",
                "Skip its wait with `forge-emu queue run-now`.",
            )
        ids = [t.id for t in chosen]
        return QueueReceipt(
            "replay", self._engine.queue_admin.replay_deliveries(ids, self._engine.app, self._now())
        )

    def _named(self, order: QueueOrder, action: str) -> list[Target]:
        if not order.target:
            raise UserError(f"{action} needs the id of an event, or all of them")
        return self._targets.find(order.target)

    def _check_queue(self, queue: str | None) -> None:
        known = {c.queue for c in self._engine.app.consumers}
        known |= {t.queue for t in self._targets.all() if t.queue}
        if queue is not None and queue not in known | set(self._engine.queue_admin.pauses.queues):
            names = ", ".join(sorted(map(self._engine.secrets.mask, known))) or "none"
            raise UserError(f"there is no queue {queue!r}", f"The app's queues: {names}.")

    # --- the store ----------------------------------------------------------------------------

    def kvs(self, prefix: str, after: str, *, secret: bool, show_secrets: bool) -> KvsPage:
        """A part of the store, up to a size."""
        entries: list[KvsEntry] = []
        sizes: list[int] = []
        now, last, size = self._now(), None, 0
        for value in self._engine.kvs_items(prefix, now, secret=secret):
            if value.key <= after and after:
                continue
            if size > _PAGE_BYTES or len(entries) == _PAGE_ENTRIES:
                last = entries[-1].key
                break
            masked = secret and not show_secrets
            entries.append(entry_of(value, secret, now, masked=masked))
            sizes.append(len(value.value_text))
            size += sizes[-1]
        return KvsPage(entries, sizes, last)

    def kvs_get(self, key: str, *, secret: bool) -> KvsEntry | None:
        """One value."""
        now = self._now()
        items = self._engine.kvs_items(key, now, secret=secret)
        return next((entry_of(v, secret, now) for v in items if v.key == key), None)

    def kvs_set(self, entries: Sequence[KvsEntry]) -> int:
        """Write values. All are checked before any is written."""
        requests = [request_of(entry) for entry in entries]
        self._edit(requests)
        return len(requests)

    def kvs_delete(self, key: str, *, secret: bool) -> bool:
        """Delete a key."""
        if self.kvs_get(key, secret=secret) is None:
            return False
        self._edit([KvsRequest("delete", key, secret=secret)])
        return True

    def _edit(self, requests: Sequence[KvsRequest]) -> None:
        now = self._now()
        for request in requests:
            try:
                self._engine.check_kvs(request)
            except Fault as fault:
                raise cannot_hold(request, fault) from None
        for request in requests:
            self._engine.edit_kvs(request, now)
        self._pump.turn()


def cannot_hold(request: KvsRequest, fault: Fault) -> UserError:
    """Why an edit by hand is refused."""
    return UserError(
        f"the store cannot hold {request.key!r}: {fault.body.get('message')}",
        "Edits by hand keep to the store's rules, so that the app could have made them.",
    )


def hold_all(engine: Engine, pause: bool, now: Instant) -> bool:
    """Pause or resume all delivery, on record; False when that is so already."""
    if engine.paused == pause:
        return False
    engine.queue_admin.record_action("pause" if pause else "resume", now)
    if pause:
        engine.pause_delivery(persistent=True)
    else:
        engine.resume_delivery(now)
    return True


def _states(word: str | None) -> tuple[str, ...]:
    if word is None:
        return STATES
    if word == "pending":
        return PENDING
    if word not in STATES:
        raise UserError(
            f"there is no state {word!r}", f"It is one of: pending, {', '.join(STATES)}."
        )
    return (word,)


def entry_of(value: StoredValue, secret: bool, now: Instant, *, masked: bool = False) -> KvsEntry:
    """A stored value as people see it; masked it is null."""
    ttl = None if value.expires_at is None else max(value.expires_at - now, 1) / SECOND
    return KvsEntry(value.key, msgspec.Raw(b"null" if masked else value.value_text), secret, ttl)


def request_of(entry: KvsEntry) -> KvsRequest:
    """The `set` that stores an entry."""
    options = None
    if entry.ttl_seconds is not None:
        options = {"ttl": {"value": entry.ttl_seconds, "unit": "SECONDS"}}
    return KvsRequest("set", entry.key, bytes(entry.value), options, entry.secret)
