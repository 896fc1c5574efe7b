"""Deliveries of product events: one for each trigger that listens.

https://developer.atlassian.com/platform/forge/events-reference/product_events/ (2026-08-06)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from msgspec import UNSET

from forge_emu import settings as s
from forge_emu.engine.delivery.delivery import LEFT, LOST, DeliveryWithBody, State
from forge_emu.engine.delivery.handler_arguments import (
    ExtendedPayload,
    app_event,
    life_cycle_payload,
    payload_head,
    product_event,
    subject_of,
)
from forge_emu.engine.delivery.kind import DeliveryKind, HandlerTarget, KindContext, SavedDelivery
from forge_emu.engine.delivery.product_events import ProductEvents
from forge_emu.engine.delivery.remote.policies import ProductPolicies
from forge_emu.engine.delivery.retry import Policy
from forge_emu.engine.installation import Installation, product_of, product_of_app
from forge_emu.engine.life_cycle import INSTALLED_EVENT, UPGRADED_EVENT
from forge_emu.model import (
    SECOND,
    App,
    DropReason,
    Function,
    Instant,
    Json,
    Millis,
    ModuleKind,
    ProductEvent,
    split_app_event,
)
from forge_emu.records import AnyBody, ProductEventSent

_PRODUCTS: Final = ("avi:jira:", "avi:confluence:")
"""How the names of events begin that writes to the site make."""


class TriggerDelivery(DeliveryWithBody[ProductEvent]):
    """One product event, on its way to one trigger."""

    __slots__ = ("extra", "trigger")

    def __init__(
        self,
        event: ProductEvent,
        trigger: str,
        now: Instant,
        due_at: Instant,
        extra: dict[str, Json] | None = None,
    ) -> None:
        id = f"{event.product_event_id}/{trigger}"
        state = State.SCHEDULED if due_at > now else State.READY
        super().__init__(id, event.origin or id, now, due_at, state, event)
        self.trigger = trigger
        self.extra = extra or {}
        """Fields that this trigger's payload has beside those of the event."""

    def head_of(self, saved: SavedTriggerDelivery) -> ProductEvent:
        """The event."""
        return saved.event

    def without_body(self) -> ProductEvent:
        """The event without its payload."""
        return msgspec.structs.replace(self.head, text=LEFT)

    @property
    def noun(self) -> str:
        """What messages call one."""
        return "a product event"

    @property
    def ids(self) -> dict[str, str]:
        """`product_event_id`."""
        return {"product_event_id": self.head.product_event_id}

    @property
    def routing(self) -> dict[str, str]:
        """`product_event_id` and `trigger`."""
        return {"product_event_id": self.head.product_event_id, "trigger": self.trigger}

    @property
    def names(self) -> tuple[str, ...]:
        """The ids of the product event and of this delivery of it."""
        return self.head.product_event_id, self.id

    @property
    def subject(self) -> str | None:
        """The issue's key, the page's title."""
        return subject_of(self.whole().payload)


class SavedTriggerDelivery(msgspec.Struct, frozen=True, array_like=True, tag="trigger"):
    """What never changes of a product event's delivery to one trigger."""

    event: ProductEvent
    trigger: str
    created_at: Instant
    away_before: Millis = 0
    extra: dict[str, Json] | None = None


class TriggerDeliveries(DeliveryKind[TriggerDelivery]):
    """The kind: a trigger handles one; the last one's end is the end of the product event."""

    delivery_types = (TriggerDelivery,)
    saved_type = SavedTriggerDelivery
    no_handler = DropReason.NO_TRIGGER

    def __init__(self, context: KindContext) -> None:
        self._policies = ProductPolicies(context.settings)
        self.product_events = ProductEvents(
            context.journal, context.settings, context.find_property
        )
        self._context = context

    def send_product_event(
        self,
        event: ProductEvent,
        subject: str | None,
        app: App,
        now: Instant,
        replay_of: str | None = None,
    ) -> None:
        """Record the event, and add a delivery for each trigger that takes it.

        `subject` is what it is about, `replay_of` the event that this one repeats.
        """
        triggers = self.product_events.send(event, subject, app, now, replay_of)
        # All latencies are drawn before anything is added.
        latencies = self._context.latencies
        least = self._least_delay(event)
        deliveries = [
            TriggerDelivery(event, trigger, now, now + max(least, latencies.product_event()), extra)
            for trigger, extra in triggers.items()
        ]
        for delivery in deliveries:
            self._context.add_delivery(delivery, now)

    def _least_delay(self, event: ProductEvent) -> Millis:
        """The shortest time until `event` arrives: that of the app's own writes is not at once."""
        if event.caused_by is None or not event.name.startswith(_PRODUCTS):
            return 0
        return self._context.settings[s.PRODUCT_CAUSED_DELAY_MS]

    def send_caused_event(
        self,
        name: str,
        payload: dict[str, Json],
        app: App,
        invocation_id: str | None,
        origin: str | None,
        now: Instant,
        *,
        over_limit: bool = False,
    ) -> bool:
        """Send the event that an invocation has caused on the site, if a trigger listens to it.

        `origin` is the first delivery of the chain that the invocation belongs to; `over_limit`
        says that it has caused as many events as it may. Answers whether the event was sent.
        """
        if not any(each.event == name for t in app.triggers for each in t.subscriptions):
            return False
        text = msgspec.json.encode(payload)
        event = ProductEvent(
            self._context.new_id(),
            name,
            msgspec.Raw(text),
            len(text),
            caused_by=invocation_id,
            origin=origin,
        )
        if over_limit:
            self.product_events.stop_cycle(event, subject_of(payload), now)
        else:
            self.send_product_event(event, subject_of(payload), app, now)
        return True

    def find_target(self, delivery: TriggerDelivery, app: App) -> HandlerTarget | None:
        """The trigger, if the manifest still has it."""
        trigger = next((t for t in app.triggers if t.key == delivery.trigger), None)
        return HandlerTarget.of(app, trigger, ModuleKind.TRIGGER) if trigger else None

    def app_loaded(self, app: App, now: Instant) -> None:
        """Retries of the triggers that a remote handles follow other rules."""
        del now
        self._policies.use_app(app)

    def policy_of(self, delivery: TriggerDelivery) -> Policy:
        """That of remotes, where one handles it."""
        return self._policies.policy_of(delivery.trigger)

    def module_function(self, delivery: TriggerDelivery, app: App) -> str | None:
        """That of the trigger."""
        return next((t.function for t in app.triggers if t.key == delivery.trigger), None)

    def timeouts(self, function: Function, app: App) -> Iterator[Millis]:
        """That of every trigger; `timeoutSeconds` does not change it."""
        if any(trigger.function == function.key for trigger in app.triggers):
            yield self._context.settings[s.TRIGGER_TIMEOUT_SECONDS] * SECOND

    def handler_arguments(
        self, delivery: TriggerDelivery, app: App, installation: Installation, now: Instant
    ) -> tuple[Json, Json]:
        """The product's payload, with the retry context on a retry, and the context."""
        del now
        event = delivery.whole()
        product = product_of(event.name) or product_of_app(app)
        is_remote = self._policies.is_remote(delivery.trigger)
        head = payload_head(event.text)
        is_life_cycle = event.name in (INSTALLED_EVENT, UPGRADED_EVENT)
        # Most payloads stay the text that they are: the platform's fields follow at its end.
        stays = not (is_life_cycle or delivery.extra or head.has_added_names)
        payload = {} if stays else {**event.payload, **delivery.extra}
        if is_life_cycle:
            payload = life_cycle_payload(payload, event.name, for_remote=is_remote)
        argument = product_event(payload, installation.cloud_id, delivery.trigger, delivery)
        if split_app_event(event.name):
            argument = app_event(argument, delivery.id)
        if "retryContext" in argument and is_remote:
            argument["retryContext"] |= {"retryData": None}
        context = installation.context(product, head.account)
        return ExtendedPayload(event.text, argument) if stays else argument, context

    def end_delivery(self, delivery: TriggerDelivery, reason: str, now: Instant) -> None:
        """One trigger is done; the last one ends the product event."""
        dropped_for = reason if delivery.state in LOST else None
        self.product_events.end_delivery(
            delivery.head.product_event_id, delivery.attempts, dropped_for, now
        )

    def replay_deliveries(
        self, deliveries: Iterable[TriggerDelivery], app: App, now: Instant
    ) -> list[str]:
        """Send each product event again, once, however many of its triggers dropped it."""
        events = {each.head.product_event_id: each.whole() for each in deliveries}
        return [self._replay_event(event, app, now) for event in events.values()]

    def save_delivery(self, delivery: TriggerDelivery, away_before: Millis) -> SavedDelivery:
        """As `SavedTriggerDelivery`."""
        return SavedTriggerDelivery(
            delivery.whole(),
            delivery.trigger,
            delivery.created_at,
            away_before,
            delivery.extra or None,
        )

    def restore_delivery(self, saved: SavedTriggerDelivery) -> TriggerDelivery:
        """From `SavedTriggerDelivery`."""
        created = saved.created_at
        return TriggerDelivery(saved.event, saved.trigger, created, created, saved.extra)

    def restore_open(self, delivery: TriggerDelivery) -> None:
        """One more trigger is not done with the product event."""
        self.product_events.restore_open(delivery.head.product_event_id, delivery.created_at)

    @classmethod
    def restored_routing(cls, saved: SavedTriggerDelivery) -> dict[str, str] | None:
        """`product_event_id` and `trigger`."""
        return {"product_event_id": saved.event.product_event_id, "trigger": saved.trigger}

    @classmethod
    def restored_record(cls, saved: SavedTriggerDelivery, due_at: Instant) -> tuple[str, AnyBody]:
        """`product_event.sent`, once for all triggers."""
        del due_at
        event = saved.event
        sent = ProductEventSent(
            product_event_id=event.product_event_id,
            name=event.name,
            size_bytes=event.size_bytes,
            subject=subject_of(event.payload),
            batch=event.batch,
            caused_by=event.caused_by or UNSET,
        )
        return event.product_event_id, sent

    def _replay_event(self, event: ProductEvent, app: App, now: Instant) -> str:
        id = self._context.new_id()
        again = msgspec.structs.replace(event, product_event_id=id, batch=None)
        subject = subject_of(event.payload)
        self.send_product_event(again, subject, app, now, replay_of=event.product_event_id)
        return id
