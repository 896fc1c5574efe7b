"""Which fields of a record an app has written, and the same record with its secrets masked.

Numbers, instants, ids, outcomes and what the manifest calls things are never touched.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import structs

from forge_emu import records as r
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.errors import Problem
from forge_emu.model import ErrorReport, RetryMistake, Unanswered

APP_TEXT_FIELDS: Final[dict[type[r.Body], tuple[str, ...]]] = {
    r.AppLoaded: ("problems",),
    r.AppReloaded: ("problems",),
    r.AppRejected: ("problems",),
    r.ProductEventSent: ("subject",),
    r.ProductEventFiltered: ("error",),
    r.InvocationStarted: ("queue",),
    r.InvocationFinished: ("error", "mistakes", "unanswered"),
    r.EventPushed: ("queue",),
    r.PushRefused: ("queue", "message"),
    r.RetryScheduled: ("retry_reason", "retry_after_given", "queue"),
    r.EventSucceeded: ("queue",),
    r.EventCancelled: ("queue",),
    r.EventDropped: ("queue",),
    r.EventExpired: ("queue",),
    r.EventDeferred: ("limit", "queue"),
    r.CallReceived: ("resolver_key",),
    r.KvsDone: ("key", "keys", "partition"),
    r.KvsRefused: ("key",),
    r.ActedByHand: ("queue",),
    r.ControlRefused: ("path", "reason"),
    r.RequestAnswered: ("service", "method", "path"),
    r.RequestMocked: ("service", "method", "path", "host"),
    r.RequestSent: ("method", "host", "path"),
    r.RequestEnded: ("method", "host", "path", "error"),
    r.RequestRefused: ("service", "method", "host", "path", "message", "mock"),
    r.RequestUnsupported: ("service", "method", "path", "message", "mock"),
    r.RequestLost: ("call", "target"),
    r.Log: ("message",),
}
"""The fields, by type of record, that may hold what an app or its user has made up."""


def mask_body(body: r.AnyBody, secrets: Secrets) -> r.AnyBody:
    """`body` with placeholders for secrets; itself where it holds none."""
    changed: dict[str, Any] = {}
    for name in APP_TEXT_FIELDS.get(type(body), ()):
        given = getattr(body, name)
        masked = _mask_value(given, secrets)
        if masked is not given:
            changed[name] = masked
    return structs.replace(body, **changed) if changed else body


def mask_problem(problem: Problem, secrets: Secrets) -> Problem:
    """A finding about the app, masked."""
    hint = None if problem.hint is None else secrets.mask(problem.hint)
    return structs.replace(problem, message=secrets.mask(problem.message), hint=hint)


def _mask_item(
    each: Problem | RetryMistake | str, secrets: Secrets
) -> Problem | RetryMistake | str:
    if isinstance(each, RetryMistake):
        return structs.replace(each, given=secrets.mask(each.given))
    return secrets.mask(each) if isinstance(each, str) else mask_problem(each, secrets)


def _mask_value(given: Any, secrets: Secrets) -> Any:
    if isinstance(given, str):
        return secrets.mask(given)
    if isinstance(given, ErrorReport):
        stack = None if given.stack is None else secrets.mask(given.stack)
        return ErrorReport(secrets.mask(given.name), secrets.mask(given.message), stack)
    if isinstance(given, Unanswered):
        return _mask_unanswered(given, secrets)
    if isinstance(given, list):
        return [_mask_item(each, secrets) for each in given]
    return given


def _mask_unanswered(given: Unanswered, secrets: Secrets) -> Unanswered:
    calls = [
        structs.replace(c, call=secrets.mask(c.call), target=secrets.mask(c.target))
        for c in given.calls
    ]
    return given if calls == given.calls else structs.replace(given, calls=calls)
