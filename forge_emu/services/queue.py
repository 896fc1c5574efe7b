"""The queue service, as `@forge/events` 0 to 3 call it: push, getStats, cancel.

The packages send their paths with the placeholders unfilled (`/webhook/queue/publish/{contextAri}/
…`), so only the beginning of a path counts.
"""

from __future__ import annotations

import re
import sys

import msgspec

from forge_emu.errors import Fault
from forge_emu.model import Instant, Json, PushItem, PushRequest
from forge_emu.ports import AppRequest, AppResponse
from forge_emu.records import PushRefused
from forge_emu.services.platform import Platform, fault_response, json_response, json_text_response
from forge_emu.services.request_body import body_bytes, decode_json
from forge_emu.settings.refusals import PUSH_EVENTS, PUSH_QUEUE_NAME

PREFIX = "/webhook/queue/"
_QUEUE_NAME = re.compile(r"[a-zA-Z0-9_-]+")
_FIRST_SCHEMA = "ari:cloud:ecosystem::forge/app-event"


class _Push(msgspec.Struct, rename="camel"):
    queue_name: str
    job_id: str
    payload: msgspec.Raw
    schema: str = ""
    delay_in_seconds: Json = None


class _JobCall(msgspec.Struct, rename="camel"):
    queue_name: str
    job_id: str


_push = msgspec.json.Decoder(_Push)
_texts = msgspec.json.Decoder(list[msgspec.Raw])
_item = msgspec.json.Decoder(PushItem)
_job_call = msgspec.json.Decoder(_JobCall)


def reply(platform: Platform, request: AppRequest, now: Instant) -> AppResponse | None:
    """The answer to a call under PREFIX; None when there is no such call."""
    call = request.path[len(PREFIX) :].partition("/")[0]
    try:
        if call == "publish":
            return _publish(platform, request, now)
        if call not in ("stats", "cancel"):
            return None
        job = decode_json(_job_call, body_bytes(request.body))
        if call == "stats":
            return json_response(200, platform.job_stats(job.job_id, job.queue_name))
        platform.cancel_job(job.job_id, job.queue_name, now)
        return json_text_response(204)
    except Fault as fault:
        return fault_response(fault)


def _publish(platform: Platform, request: AppRequest, now: Instant) -> AppResponse:
    queue = ""
    try:
        body = decode_json(_push, body_bytes(request.body))
        queue = body.queue_name
        push = _push_request(body, request.invocation_id or "")
    except Fault as fault:
        platform.record(
            PushRefused(
                queue=queue,
                events=0,
                error="InternalServerError",
                limit=fault.limit or "",
                status=fault.status,
                message=fault.body["message"],
                invocation_id=request.invocation_id or "",
            ),
            now,
        )
        raise
    platform.push(push, now)
    return json_text_response(201, "{}")


def _push_request(body: _Push, invocation_id: str) -> PushRequest:
    if not _QUEUE_NAME.fullmatch(body.queue_name):
        message = f"{body.queue_name!r} is no queue name: letters, digits, - and _ are allowed."
        raise Fault(400, {"code": "INVALID_QUEUE_NAME", "message": message}, PUSH_QUEUE_NAME.name)
    texts = decode_json(_texts, body.payload, keeps_text=False)
    if not texts:
        message = "The push holds no events."
        raise Fault(400, {"code": "NO_EVENTS", "message": message}, PUSH_EVENTS.name)
    # The package up to 1 pushed bare payloads, with one delay for all of them.
    first = body.schema == _FIRST_SCHEMA
    if first:
        items = tuple(PushItem(t.copy(), body.delay_in_seconds or 0) for t in texts)
    else:
        items = tuple(_push_item(t) for t in texts)
    return PushRequest(
        # One text for the events of all pushes.
        queue=sys.intern(body.queue_name),
        job_id=body.job_id,
        items=items,
        item_bytes=tuple(len(memoryview(t)) for t in texts),
        size_bytes=len(memoryview(body.payload)),
        invocation_id=invocation_id,
        legacy=first,
    )


def _push_item(text: msgspec.Raw) -> PushItem:
    item = decode_json(_item, text, keeps_text=False)
    # A copy, as the whole push would stay in memory with each of its parts.
    return PushItem(item.text.copy(), item.delay_in_seconds, item.concurrency)
