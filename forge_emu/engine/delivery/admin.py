"""What a developer can do to the queues. Every action is recorded."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from forge_emu.engine.delivery.deliveries import Deliveries
from forge_emu.engine.delivery.delivery import WAITING, Delivery, State
from forge_emu.engine.delivery.delivery_loop import DeliveryLoop
from forge_emu.engine.delivery.dropped import DroppedDeliveries
from forge_emu.engine.delivery.kinds import DeliveryKinds
from forge_emu.engine.delivery.pauses import PausedQueues
from forge_emu.engine.delivery.product_events import OnSent
from forge_emu.engine.delivery.trigger_delivery import TriggerDeliveries
from forge_emu.engine.journal.journal import Journal
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.model import App, Instant, Json
from forge_emu.records import ActedByHand


class QueueAdmin:
    """Cancels, runs now, replays and pauses deliveries. The next turn starts what becomes ready."""

    def __init__(
        self,
        deliveries: Deliveries,
        loop: DeliveryLoop,
        pauses: PausedQueues,
        journal: Journal,
        new_id: Callable[[], str],
    ) -> None:
        self.pauses = pauses
        self.new_id = new_id
        self._deliveries = deliveries
        self._loop = loop
        self._journal = journal

    @property
    def dropped(self) -> DroppedDeliveries:
        """The dropped and expired deliveries that can be replayed."""
        return self._deliveries.dropped

    @property
    def kinds(self) -> DeliveryKinds:
        """The kinds of deliveries."""
        return self._deliveries.kinds

    def is_open(self, id: str) -> bool:
        """Whether an event, a product event or a call has not ended."""
        return any(id in each.ids.values() for each in self._deliveries.open.values())

    def open_deliveries(self) -> Iterator[Delivery]:
        """Every delivery that has not ended."""
        return iter(self._deliveries.open.values())

    def observe_events(
        self,
        on_added: Callable[[Delivery], None],
        on_sent: OnSent,
    ) -> None:
        """Call `on_added` with every new delivery, `on_sent` with every product event."""
        self._deliveries.on_added = on_added
        self._deliveries.kinds.of_type(TriggerDeliveries).product_events.on_sent = on_sent

    def record_action(
        self, action: str, now: Instant, *, queue: str | None = None, events: int = 0
    ) -> None:
        """Record an action of the developer."""
        self._journal.record(ActedByHand(action=action, queue=queue, events=events), now)

    def cancel_events(self, ids: list[str], now: Instant) -> int:
        """Cancel queued events that wait; answers how many were."""
        found = [
            event
            for id in ids
            if (event := self._deliveries.open.get(id)) is not None and event.cancellable
        ]
        if found:
            self.record_action("cancel", now, events=len(found))
        for event in found:
            self._deliveries.end_delivery(event, State.CANCELLED, "", now)
        return len(found)

    def run_deliveries_now(self, ids: list[str], now: Instant) -> int:
        """Skip the wait of deliveries; answers how many waited."""
        found = [
            delivery
            for id in ids
            if (delivery := self._deliveries.open.get(id)) and delivery.state in WAITING
        ]
        if found:
            self.record_action("run_now", now, events=len(found))
        for delivery in found:
            self._deliveries.dirty.mark(delivery)
            self._deliveries.make_delivery_ready(delivery)
        return len(found)

    def replay_deliveries(self, ids: list[str], app: App, now: Instant) -> list[str]:
        """Deliver dropped or expired deliveries again: new events, with all their attempts to come.

        Limits of pushing do not count here. Answers the new ids; unknown ones have none.
        """
        taken = [found for id in ids if (found := self.dropped.pop(id))]
        return self.deliver_again(taken, app, now)

    def deliver_again(self, deliveries: list[Delivery], app: App, now: Instant) -> list[str]:
        """The same for deliveries that have ended in any way."""
        for delivery in deliveries:
            self.dropped.pop(delivery.id)
        if deliveries:
            self.record_action("replay", now, events=len(deliveries))
        groups = self._deliveries.kinds.group(deliveries)
        return [
            id for kind, group in groups.items() for id in kind.replay_deliveries(group, app, now)
        ]

    def pause_delivery(self, *, persistent: bool = False) -> None:
        """Start nothing more; due events wait, after a restart too if `persistent`."""
        self._loop.paused = True
        self.pauses.all_paused |= persistent

    def resume_delivery(self, now: Instant) -> None:
        """Deliver again what waited because of the pause."""
        self._loop.paused = self.pauses.all_paused = False
        self._loop.start_ready(now)

    def pause_queue(self, queue: str, now: Instant) -> bool:
        """Deliver nothing of `queue` from now on; False when that is so already."""
        if not self.pauses.pause_queue(queue):
            return False
        self.record_action("pause", now, queue=queue)
        return True

    def resume_queue(self, queue: str, now: Instant) -> bool:
        """Deliver `queue` again; False when it is not paused."""
        held = self.pauses.resume_queue(queue)
        if held is None:
            return False
        self.record_action("resume", now, queue=queue, events=len(held))
        for event in held:
            self._deliveries.enqueue_ready(event)
        return True


def delivery_fields(delivery: Delivery, secrets: Secrets) -> dict[str, Json]:
    """A delivery as plain values, for people and programs, without secrets."""
    routing = dict(delivery.routing)
    if "queue" in routing:
        routing["queue"] = secrets.mask(routing["queue"])
    reason = delivery.retry_reason
    job = {} if delivery.job_id is None else {"job_id": delivery.job_id}
    return {
        **routing,
        **job,
        "state": str(delivery.state),
        "due_at": delivery.due_at,
        "attempts": delivery.attempts,
        "retry_count": delivery.retry_count,
        "retry_reason": None if reason is None else secrets.mask(reason),
        "asked_by": delivery.asked_by,
    }
