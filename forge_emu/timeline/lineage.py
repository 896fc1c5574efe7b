"""What descends from what: invocation → event → pushing invocation → product event. Bounded."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import msgspec

from forge_emu.model import Instant
from forge_emu.records import EventPushed, InvocationStarted, ProductEventSent, Record
from forge_emu.timeline.handlers import Handlers


class RecordContext(msgspec.Struct, frozen=True):
    """What a record concerns and what that descends from; None where it is not known (any more)."""

    event_id: str | None = None
    product_event_id: str | None = None
    """The product event itself, or the one that the event descends from."""
    subject: str | None = None
    """Issue key or page title of that product event."""
    function: str | None = None
    place: str | None = None
    """Queue, or key of the trigger or another module."""
    call_id: str | None = None
    """The call of a function from outside."""


NO_CONTEXT = RecordContext()


class Lineage:
    """Retains the last `most` invocations, events and product events, and their origin."""

    def __init__(self, most: int = 50_000) -> None:
        self._most = most
        self._invocations: OrderedDict[str, RecordContext] = OrderedDict()
        self._events: OrderedDict[str, RecordContext] = OrderedDict()
        self._subjects: OrderedDict[str, str | None] = OrderedDict()
        self.handlers: Handlers = {
            ProductEventSent: self._on_sent,
            InvocationStarted: self._on_started,
            EventPushed: self._on_pushed,
        }

    def add_record(self, record: Record) -> None:
        """Add the next record."""
        if learn := self.handlers.get(type(record.body)):
            learn(record.body, record.at)

    def resume_event(self, event_id: str, queue: str, product_event_id: str, subject: str) -> None:
        """Learn what an event descends from, where its own records are no longer there."""
        if self.event_context(event_id).subject is None:
            context = RecordContext(event_id, product_event_id, subject, None, queue)
            self._retain(self._events, event_id, context)

    def context_of(self, record: Record) -> RecordContext:
        """What `record` concerns, by its event, its invocation or its product event."""
        body = record.body
        event_id = getattr(body, "event_id", None)
        invocation_id = getattr(body, "invocation_id", None)
        if isinstance(invocation_id, str):
            if isinstance(body, EventPushed):
                return self._events.get(body.event_id, RecordContext(event_id=body.event_id))
            if known := self._invocations.get(invocation_id):
                return known
        if isinstance(event_id, str):
            return self._events.get(event_id) or RecordContext(event_id=event_id)
        product_event_id = getattr(body, "product_event_id", None)
        if isinstance(product_event_id, str):
            place = getattr(body, "trigger", None)
            return RecordContext(
                product_event_id=product_event_id,
                subject=self._subjects.get(product_event_id),
                place=place if isinstance(place, str) else None,
            )
        call_id = getattr(body, "call_id", None)
        return RecordContext(call_id=call_id) if isinstance(call_id, str) else NO_CONTEXT

    def event_context(self, event_id: str) -> RecordContext:
        """What is known of an event."""
        return self._events.get(event_id) or RecordContext(event_id=event_id)

    def _on_sent(self, body: ProductEventSent, at: Instant) -> None:
        self._retain(self._subjects, body.product_event_id, body.subject)

    def _on_started(self, body: InvocationStarted, at: Instant) -> None:
        if isinstance(body.event_id, str):
            known = self._events.get(body.event_id) or RecordContext(event_id=body.event_id)
            place = body.queue if isinstance(body.queue, str) else known.place
            context = RecordContext(
                body.event_id, known.product_event_id, known.subject, body.function, place
            )
        elif isinstance(body.product_event_id, str):
            id = body.product_event_id
            context = RecordContext(
                None, id, self._subjects.get(id), body.function, body.module_key
            )
        else:
            call_id = body.call_id if isinstance(body.call_id, str) else None
            context = RecordContext(function=body.function, place=body.module_key, call_id=call_id)
        self._retain(self._invocations, body.invocation_id, context)

    def _on_pushed(self, body: EventPushed, at: Instant) -> None:
        pusher = self._invocations.get(body.invocation_id, NO_CONTEXT)
        context = RecordContext(
            body.event_id, pusher.product_event_id, pusher.subject, None, body.queue
        )
        self._retain(self._events, body.event_id, context)

    def _retain(self, memory: OrderedDict[str, Any], key: str, value: object) -> None:
        memory[key] = value
        if len(memory) > self._most:
            memory.popitem(last=False)
