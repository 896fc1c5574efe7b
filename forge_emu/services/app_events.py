"""App events: `appEvents.publish` of `@forge/events`, and the triggers of the app that listen.

https://developer.atlassian.com/platform/forge/events-reference/app-events/ (2026-03-05). The status
of what is refused is an emulator choice: the package calls a 400 `VALIDATION_ERROR`.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec

from forge_emu import settings as s
from forge_emu.engine.installation import environment_id, product_of_app
from forge_emu.errors import Fault
from forge_emu.events.app_events import app_event_payload
from forge_emu.model import EventModule, Instant, Json, app_event_name
from forge_emu.nearest import nearest_hint
from forge_emu.ports import AppRequest, AppResponse
from forge_emu.records import AppEventPublished, RequestRefused
from forge_emu.services.platform import Platform, json_response, service_name
from forge_emu.services.request_body import body_bytes, decode_json
from forge_emu.settings.refusals import APP_EVENTS_KEY, APP_EVENTS_NONE, REQUEST_BODY

PATH: Final = "/forge/events/v1/app-events"


class _Event(msgspec.Struct):
    key: Json = None


class _Publish(msgspec.Struct):
    events: list[_Event]


_publish = msgspec.json.Decoder(_Publish)


def reply(platform: Platform, request: AppRequest, now: Instant) -> AppResponse:
    """The answer to `appEvents.publish`: which of its events have failed, or why all are refused.

    The triggers of the app that listen get the others.
    """
    try:
        events = decode_json(_publish, body_bytes(request.body)).events
    except Fault as fault:
        return _refuse(platform, request, REQUEST_BODY.name, fault.body["message"], now)
    if not events:
        text = "appEvents.publish() was called with no event."
        return _refuse(platform, request, APP_EVENTS_NONE.name, text, now)
    most = platform.settings[s.APP_EVENTS_PER_PUBLISH]
    if most is not None and len(events) > most:
        text = f"appEvents.publish() takes {most} events at most, {len(events)} were given."
        return _refuse(platform, request, s.APP_EVENTS_PER_PUBLISH.name, text, now)
    failed: list[dict[str, Any]] = []
    for event in events:
        module = next((m for m in platform.app.event_modules if m.key == event.key), None)
        if module is None:
            text = _undeclared_text(platform, event.key)
            _record_refused(platform, request, 200, APP_EVENTS_KEY.name, text, now)
            failed.append({"event": {"key": event.key}, "errorMessage": text})
        else:
            _send(platform, module, request.invocation_id, now)
    return json_response(200, {"failedEvents": failed})


def _send(platform: Platform, module: EventModule, invocation_id: str | None, now: Instant) -> None:
    """The event is published: the app's own triggers get it, those of other apps are not here."""
    app = platform.app
    name = app_event_name(app.id, module.key)
    platform.record(
        AppEventPublished(
            key=module.key,
            name=name,
            recipients=list(module.allowed_recipients),
            heard=name in app.triggers_by_event,
            invocation_id=invocation_id,
        ),
        now,
    )
    site = platform.installation.site(product_of_app(app))
    payload = app_event_payload(name, module.name, site, environment_id(app.id))
    platform.send_product_event(name, payload, invocation_id, now)


def _refuse(
    platform: Platform, request: AppRequest, limit: str, text: str, now: Instant
) -> AppResponse:
    """Status 400, and a record: no event was published."""
    _record_refused(platform, request, 400, limit, text, now)
    return json_response(400, {"errorMessages": [text]})


def _record_refused(
    platform: Platform, request: AppRequest, status: int, limit: str, text: str, now: Instant
) -> None:
    body = RequestRefused(
        service=service_name(request),
        method=request.method,
        host="",
        path=request.path,
        status=status,
        limit=limit,
        message=text,
        mock=None,
        invocation_id=request.invocation_id,
    )
    platform.record(body, now)


def _undeclared_text(platform: Platform, key: Json) -> str:
    known = [module.key for module in platform.app.event_modules]
    text = f"The event {str(key)[:60]!r} is not declared: modules.event has no such key."
    hint = nearest_hint(str(key), known, most=1)
    return f"{text} {hint}" if hint else text
