"""Pushes of events by hand: numbered bodies, in pushes as large as the limits let one be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from forge_emu import settings as s
from forge_emu.control.push_contract import PushedJob, PushOrder, PushReceipt, PushRefusal
from forge_emu.emulator.app_modules.known import check_queue
from forge_emu.emulator.user_json.numbered import numbered
from forge_emu.engine.delivery.push import error_class
from forge_emu.engine.engine import Engine
from forge_emu.errors import Fault, UserError
from forge_emu.model import Instant, PushItem, PushRequest

_KIB: Final = 1024

Event = tuple[PushItem, int]
"""An event, and the length of its JSON text in bytes."""


def push_by_hand(order: PushOrder, engine: Engine, now: Instant) -> PushReceipt:
    """Push the events of `order` until one push is refused.

    Raises UserError where the app has no consumer of the queue, or the body is no object.
    """
    check_queue(order.queue, engine.app, engine.secrets.mask)
    if not isinstance(msgspec.json.decode(numbered(msgspec.json.encode(order.body), 1)), dict):
        hint = '{"$number": "{n}"} stands for a value within it.'
        raise UserError("the body of an event must be an object, not a number", hint)
    engine.queue_admin.record_action("push", now, queue=order.queue, events=order.count)
    jobs: list[str] = []
    refused: PushRefusal | None = None
    for events in _pushes(order, engine.settings):
        request = _request(order.queue, engine.queue_admin.new_id(), events)
        try:
            jobs.append(request.job_id)
            engine.push(request, now)
        except Fault as fault:
            refused = _refusal(fault, len(events))
            break
    return PushReceipt(order.queue, _accepted(jobs, engine), refused)


def _pushes(order: PushOrder, settings: s.Settings) -> Iterator[list[Event]]:
    """The events, as many in a push as may be, and at least one."""
    most = settings[s.PUSH_EVENTS_PER_REQUEST]
    kib = settings[s.PUSH_PAYLOAD_KB]
    push: list[Event] = []
    for event in _events(order):
        size = _payload_size([*push, event])
        full = (most is not None and len(push) >= most) or (kib is not None and size > kib * _KIB)
        if push and full:
            yield push
            push = []
        push.append(event)
    yield push


def _events(order: PushOrder) -> Iterator[Event]:
    """Each event with its number in its body."""
    fields: dict[str, Any] = {"body": order.body}
    if order.delay_in_seconds is not None:
        fields["delayInSeconds"] = order.delay_in_seconds
    if order.concurrency is not None:
        fields["concurrency"] = msgspec.to_builtins(order.concurrency)
    body = msgspec.json.encode(order.body)
    rest = len(msgspec.json.encode(fields)) - len(body)
    for number in range(1, order.count + 1):
        text = numbered(body, number)
        item = PushItem(
            msgspec.Raw(text),
            fields.get("delayInSeconds", 0),
            fields.get("concurrency"),
        )
        yield item, rest + len(text)


def _payload_size(events: list[Event]) -> int:
    """The length of the JSON text of a push: a list."""
    return sum(size for _, size in events) + len(events) + 1


def _request(queue: str, job_id: str, events: list[Event]) -> PushRequest:
    return PushRequest(
        queue=queue,
        job_id=job_id,
        items=tuple(item for item, _ in events),
        item_bytes=tuple(size for _, size in events),
        size_bytes=_payload_size(events),
        invocation_id="",
    )


def _refusal(fault: Fault, events: int) -> PushRefusal:
    failed = fault.body.get("failedEvents")
    if failed:
        events, message = len(failed), failed[0]["errorMessage"]
    else:
        message = fault.body.get("errorMessage") or fault.body.get("message") or ""
    error = error_class(fault.status)
    return PushRefusal(events, error, fault.status, fault.limit or "", str(message))


def _accepted(jobs: list[str], engine: Engine) -> list[PushedJob]:
    """The jobs of which something was accepted, with the ids of their events."""
    events: dict[str, list[str]] = {job_id: [] for job_id in jobs}
    for delivery in engine.queue_admin.open_deliveries():
        if delivery.job_id is not None and delivery.job_id in events:
            events[delivery.job_id].append(delivery.id)
    return [PushedJob(job_id, ids) for job_id, ids in events.items() if ids]
