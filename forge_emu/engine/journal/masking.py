"""Which parts of a record an app has put into words, and the same record without secrets in them.

Numbers, instants, ids, outcomes and what the manifest calls things are never touched.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import structs

from forge_emu import records as r
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.errors import Problem
from forge_emu.model import ErrorReport

APP_TEXTS: Final[dict[type[r.Body], tuple[str, ...]]] = {
    r.AppLoaded: ("problems",),
    r.AppReloaded: ("problems",),
    r.AppRejected: ("problems",),
    r.ProductEventSent: ("subject",),
    r.InvocationStarted: ("queue",),
    r.InvocationFinished: ("error",),
    r.EventPushed: ("queue",),
    r.PushRefused: ("queue", "message"),
    r.RetryScheduled: ("retry_reason", "queue"),
    r.EventSucceeded: ("queue",),
    r.EventCancelled: ("queue",),
    r.EventDropped: ("queue",),
    r.EventDeferred: ("limit", "queue"),
    r.KvsDone: ("key", "keys"),
    r.KvsRefused: ("key",),
    r.ActedByHand: ("queue",),
    r.ControlRefused: ("path", "reason"),
    r.RequestMocked: ("service", "method", "path"),
    r.RequestUnsupported: ("service", "method", "path", "message"),
    r.Log: ("message",),
}
"""The fields, by type of record, that may hold what an app or its user has made up."""


def masked_body(body: r.AnyBody, secrets: Secrets) -> r.AnyBody:
    """`body` with marks in the place of secrets; itself where it holds none."""
    changed: dict[str, Any] = {}
    for name in APP_TEXTS.get(type(body), ()):
        given = getattr(body, name)
        masked = _masked(given, secrets)
        if masked is not given:
            changed[name] = masked
    return structs.replace(body, **changed) if changed else body


def masked_problem(problem: Problem, secrets: Secrets) -> Problem:
    """A finding about the app without secrets in its words."""
    hint = None if problem.hint is None else secrets.masked(problem.hint)
    return structs.replace(problem, message=secrets.masked(problem.message), hint=hint)


def _masked_one(each: Problem | str, secrets: Secrets) -> Problem | str:
    return secrets.masked(each) if isinstance(each, str) else masked_problem(each, secrets)


def _masked(given: Any, secrets: Secrets) -> Any:
    if isinstance(given, str):
        return secrets.masked(given)
    if isinstance(given, ErrorReport):
        stack = None if given.stack is None else secrets.masked(given.stack)
        return ErrorReport(secrets.masked(given.name), secrets.masked(given.message), stack)
    if isinstance(given, list):
        return [_masked_one(each, secrets) for each in given]
    return given
