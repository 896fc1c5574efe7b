"""Findings about the app itself: what it declares, imports, calls and logs."""

from __future__ import annotations

import re
from collections import Counter

from forge_emu import settings as s
from forge_emu.model import DropReason
from forge_emu.report.advice.observations import Observations
from forge_emu.report.advice.source_places import MOST_PLACES, SourcePlaces
from forge_emu.report.format import one_line, plural, times, were
from forge_emu.report.summary import Advice, Summary
from forge_emu.settings.refusals import REFUSALS

SAME_ERROR_SHARE = 0.9
_CLAIM = r"\bFAIL_IF_EXISTS\b"
_ENDS = {
    "timeout": "was ended at its timeout",
    "out_of_memory": "ran out of memory",
    "error": "failed with an error",
    "retry_requested": "asked for a retry",
    "platform_error": "was lost by the platform",
}
SAME_ERROR_LEAST = 5
_SAME_ERROR_CURES = {
    "passing": "What refused has room again later: ask for a retry with a growing, random wait "
    "rather than throwing.",
    "platform": "The app cannot mend it: the platform delivers again by itself.",
    "other": "Retrying does not mend it.",
}
_REQUEST_CALL = r"\bfetch\(|https?\.request\(|axios|urlopen\(|requests\.|httpx\.|aiohttp\."

_RULES_OF_LOADING = frozenset({"bundle", "export", "handler-file", "load"})


def storage_removed(summary: Summary, facts: Observations) -> list[Advice]:
    """An import that `@forge/api` 8 no longer has, found when the app was built.

    It is repeated here because its effects look like anything but a missing import.
    """
    return [
        Advice(
            "storage_removed",
            str(problem).rstrip(".") + (f". {problem.hint}" if problem.hint else "."),
            {"file": problem.file, "line": problem.line, "hint": problem.hint},
            [f"{problem.file}:{problem.line}"],
        )
        for problem in summary.problems
        if problem.rule.replace("-", "_") == "storage_removed"
    ]


def storage_undefined(summary: Summary, facts: Observations) -> list[Advice]:
    """A TypeError on `undefined` and a method of the store: the removed `storage` export.

    `@forge/api` 8 exports neither `storage` nor `kvs`; inside a try/catch that asks for a retry the
    error never shows, and the event is retried until it is dropped.
    """
    calls = facts.known_errors.undefined_calls
    if not calls:
        return []
    method, uses = calls.most_common(1)[0]
    total = calls.total()
    return [
        Advice(
            "storage_undefined",
            f"{times(total)}, `.{method}()` was called on undefined. `@forge/api` 8 no longer "
            "exports `storage` or `kvs`: install `@forge/kvs` and import `kvs` from it.",
            {"errors": total, "method": method, "count": uses},
            facts.places.find_code(r"@forge/api['\"]"),
        )
    ]


def no_trigger(summary: Summary, facts: Observations) -> list[Advice]:
    """A product event that no trigger of the manifest names goes nowhere."""
    return [
        Advice(
            "no_trigger",
            f"{plural(n, 'product event')} `{name}` reached no trigger: none in the manifest "
            f"listens to it. Add it to `modules.trigger[].events`.",
            {"name": name, "product_events": n},
        )
        for name, n in sorted(facts.dropped_events.without_trigger.items())
    ]


def own_events(summary: Summary, facts: Observations) -> list[Advice]:
    """A trigger that hears of what its own handler writes runs again, and again."""
    found = []
    for (function, name), loop in sorted(facts.own_events.loops.items()):
        if not loop.caused:
            continue
        trigger = loop.triggers.most_common(1)[0][0]
        written = [place for place, _ in loop.places.most_common(MOST_PLACES - 1)]
        ended = f" The cyclic limit ended {plural(loop.stopped, 'loop')}." if loop.stopped else ""
        found.append(
            Advice(
                "own_events",
                f"`{function}` hears of its own writes: {plural(loop.caused, 'event')} `{name}` "
                f"came from writes of the handler of trigger `{trigger}`, which runs again for "
                f"each.{ended} Set `filter: {{ignoreSelf: true}}` for the trigger, or write only "
                "what differs.",
                {
                    "function": function,
                    "name": name,
                    "events": loop.caused,
                    "stopped": loop.stopped,
                },
                [*written, *facts.places.find_trigger(trigger)],
            )
        )
    return found


def no_consumer(summary: Summary, facts: Observations) -> list[Advice]:
    """A push to a queue without a consumer is accepted, and its events are dropped."""
    return [
        Advice(
            "no_consumer",
            f"{plural(n, 'event')} pushed to queue `{queue}` had no consumer and {were(n)} "
            f"dropped. Declare one under `modules.consumer` with `queue: {queue}`, or correct the "
            "key that is pushed to.",
            {"queue": queue, "events": n},
            facts.places.find_code(rf"Queue\(.*{re.escape(queue)}"),
        )
        for queue, n in sorted(facts.dropped_events.without_consumer.items())
    ]


def not_loaded(summary: Summary, facts: Observations) -> list[Advice]:
    """What comes for a function that does not load is dropped."""
    drops = summary.drops, summary.product_event_drops
    events, product_events = (each.get(DropReason.NOT_LOADED, 0) for each in drops)
    if not events and not product_events:
        return []
    causes = [p for p in summary.problems if p.rule in _RULES_OF_LOADING and p.severity == "error"]
    why = f": {causes[0]}" if len(causes) == 1 else ""
    lost = events + product_events
    return [
        Advice(
            "not_loaded",
            f"{plural(lost, 'event')} had a handler that does not load{why}. "
            f"{'It' if lost == 1 else 'They'} {were(lost)} dropped; the other handlers ran.",
            {"events": events, "product_events": product_events},
            [f"{p.file}:{p.line}" for p in causes if p.line],
        )
    ]


def same_error(summary: Summary, facts: Observations) -> list[Advice]:
    """One error behind nearly every failure: a defect, unless what refused passes by itself."""
    failures = facts.known_errors.failures
    if not summary.errors or failures < SAME_ERROR_LEAST:
        return []
    top = summary.errors[0]
    cause = facts.known_errors.main_cause(top.name, top.message)
    if top.count < failures * SAME_ERROR_SHARE or cause == "timeout":
        # What takes too long has a rule of its own.
        return []
    return [
        Advice(
            "same_error",
            f"{top.count:,} of {failures:,} failed invocations ended with the same error, "
            f"`{one_line(top.name, top.message)}`. {_SAME_ERROR_CURES[cause]}",
            {"error": top.name, "count": top.count, "failures": failures},
            [top.place] if top.place else [],
        )
    ]


def lost_claims(summary: Summary, facts: Observations) -> list[Advice]:
    """A claim that outlives the attempt that made it keeps the work from ever being done.

    runtime-reference/async-events-api/ (2026-09-01): an event is delivered at least once.
    """
    claims = facts.lost_claims
    found = []
    for function, n in sorted(claims.events.items()):
        key, how = claims.example[function]
        found.append(
            Advice(
                "lost_claim",
                f"The work of {plural(n, 'event')} was claimed and never done: `{function}` stored "
                f"a claim such as `{key}`, {_ENDS[how]}, and the next delivery found its own claim "
                "and left the work to somebody else. Mark the work when it is done rather than "
                "when it begins, or delete the claim where it fails and let it expire soon after "
                "the timeout.",
                {"function": function, "events": n, "key": key, "ended": how},
                facts.places.find_code(_CLAIM, function) or facts.places.find_handler(function),
            )
        )
    return found


def unsupported_calls(summary: Summary, facts: Observations) -> list[Advice]:
    """The app used something that is not emulated: what followed may differ on Forge."""
    return [
        Advice(
            "unsupported",
            f"{plural(call.count, 'call')} of {call.service} `{call.method} {call.path}`, which is "
            f"not emulated: {call.message}",
            {"service": call.service, "path": call.path, "calls": call.count},
        )
        for call in summary.unsupported
    ]


def requests_refused(summary: Summary, facts: Observations) -> list[Advice]:
    """Requests to the outside that went nowhere, by what refused them."""
    return [
        Advice(
            "requests_refused",
            f"{plural(n, 'request')} refused by `{name}`: {_refusal_text(name)}. The records "
            "`request.refused` name each, and what to do about it.",
            {"limit": name, "requests": n},
            _request_places(facts, name),
        )
        for name, n in summary.refusals.requests.items()
        if name not in facts.refused_calls.longest_wait
    ]


def _request_places(facts: Observations, limit: str) -> list[str]:
    """Where the code names the addresses that were refused; else where it makes any request."""
    hosts = facts.refused_calls.hosts.get(limit, Counter[str]()).most_common(MOST_PLACES)
    named = (place for host, _ in hosts for place in _address_places(facts.places, host))
    return list(dict.fromkeys(named))[:MOST_PLACES] or facts.places.find_code(_REQUEST_CALL)


def _address_places(places: SourcePlaces, host: str) -> list[str]:
    """Where the code names `https://host` itself; else where it names the host."""
    _, _, name = host.partition("://")
    if not name:
        return []
    address = rf"{re.escape(host)}(?![\w.:-])"
    return places.find_code(address) or places.find_code(rf"\b{re.escape(name)}\b")


def _refusal_text(name: str) -> str:
    rule = REFUSALS.find(name)
    if rule is not None:
        return rule.refuses
    setting = s.find_setting(name)
    return setting.doc.partition(".")[0].lower() if setting else name


def logs_truncated(summary: Summary, facts: Observations) -> list[Advice]:
    """The platform keeps 100 lines a minute and 200 KB per invocation.

    limits-invocation/ (2026-09-01)
    """
    n = facts.known_errors.truncated_logs
    if not n:
        return []
    return [
        Advice(
            "logs_truncated",
            f"The log of {plural(n, 'invocation')} was cut off at the platform's limit: the "
            "lines after it are not kept in production either.",
            {"invocations": n},
        )
    ]
