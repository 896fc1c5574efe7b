"""Rules about packages: their versions, and call forms that a version does not have."""

from __future__ import annotations

from collections.abc import Iterator

from forge_emu.errors import Problem
from forge_emu.rules.context import RuleContext
from forge_emu.rules.facts import ModuleFacts, PushCall

_STORAGE_GONE = 8
"""https://developer.atlassian.com/platform/forge/changelog/#CHANGE-3252 (2026-06-22)"""
_FIRST_FORM = 1
"""The last major version of `@forge/events` whose push takes bare payloads and answers an id."""
_KNOWN_MAJORS = {
    "@forge/api": range(2, 9),
    "@forge/events": range(4),
    "@forge/kvs": range(1, 2),
    "@forge/resolver": range(1, 3),
}
_EVENT_KEYS = frozenset({"body", "delayInSeconds", "concurrency"})


def check_packages(context: RuleContext) -> Iterator[Problem]:
    """The problems of packages and their use."""
    yield from _untested_versions(context)
    for module in context.modules:
        yield from _undeclared_imports(context, module)
    yield from _storage_imports(context)
    major = context.major_version("@forge/events")
    if major is not None:
        forms = _events_2_forms if major <= _FIRST_FORM else _events_1_forms
        for module in context.modules:
            if not context.is_python(module):
                yield from forms(context, module)
        if major > _FIRST_FORM:
            yield from _resolver_consumers(context)


def _untested_versions(context: RuleContext) -> Iterator[Problem]:
    for package, majors in _KNOWN_MAJORS.items():
        major = context.major_version(package)
        if major is not None and major not in majors:
            known = f"{majors[0]} to {majors[-1]}" if len(majors) > 1 else f"{majors[0]}"
            yield context.problem_at(
                "package-untested",
                "package.json",
                None,
                f"{package} {context.packages[package]} is a version that forge-emu does not know",
                f"It is tested with {known}; what the app gets from it may differ.",
            )


def _undeclared_imports(context: RuleContext, module: ModuleFacts) -> Iterator[Problem]:
    named: set[str] = set()
    for name in module.imports:
        if name.source.startswith((".", "/", "#")):
            continue
        package = "/".join(name.source.split("/")[: 2 if name.source.startswith("@") else 1])
        if package not in named and context.is_undeclared(package):
            named.add(package)
            yield context.problem_at(
                "package-undeclared",
                module,
                name,
                f'the package "{package}" is imported but not declared in package.json',
                f"Run: npm install {package}",
            )


def _storage_imports(context: RuleContext) -> Iterator[Problem]:
    """Imports of `storage`: each where it is gone, one for all where it is only deprecated."""
    major = context.major_version("@forge/api")
    if major is None:
        return
    uses = [
        (module, name)
        for module in context.modules
        for name in module.imports
        if (name.source, name.imported) == ("@forge/api", "storage")
    ]
    version = context.packages["@forge/api"]
    hint = "Run `npm install @forge/kvs` and use `import { kvs } from '@forge/kvs'`."
    if major >= _STORAGE_GONE:
        message = (
            f"@forge/api {version} no longer exports storage, so it is undefined here: "
            "storage.set(...) throws a TypeError, which a try/catch around it hides, and the "
            "event is retried in vain"
        )
        for module, name in uses:
            yield context.problem_at("storage-removed", module, name, message, hint)
    elif uses:
        module, name = min(uses, key=lambda use: use[0].file)
        more = len({module.file for module, _ in uses}) - 1
        also = f"; it is used in {more} more file{'s' if more > 1 else ''}" if more else ""
        message = (
            f"storage of @forge/api {version} is deprecated, and its endpoint has been gone "
            f"since 2026-06-01{also}"
        )
        yield context.problem_at("storage-deprecated", module, name, message, hint)


def _events_1_forms(context: RuleContext, module: ModuleFacts) -> Iterator[Problem]:
    """Forms of `@forge/events` 0 and 1, where 2 or 3 is installed."""
    version = context.packages["@forge/events"]
    for push in module.pushes:
        if push.arguments > 1:
            message = f"push of @forge/events {version} takes no second argument: it is ignored"
            hint = "Put delayInSeconds into the event: push({ body: {...}, delayInSeconds: 5 })."
            yield context.problem_at("events-1-form", module, push, message, hint)
        for event in push.events:
            bare = event.shape == "object" and "body" not in event.keys
            if bare or event.shape == "value":
                message = (
                    f"an event of @forge/events {version} is an object with a body; this one is "
                    "refused with InvalidPayloadError"
                )
                hint = "Write push({ body: {...} })."
                yield context.problem_at("events-1-form", module, event, message, hint)
                break
    for at in module.stats_as_response:
        message = f"getStats of @forge/events {version} answers the figures, not a response"
        hint = "Leave out .json(): const { success, inProgress, failed } = await job.getStats()."
        yield context.problem_at("events-1-form", module, at, message, hint)
    for at in module.pushes_as_ids:
        message = f"push of @forge/events {version} answers an object, not the job's id"
        yield context.problem_at(
            "events-1-form", module, at, message, "Write const { jobId } = await queue.push(...)."
        )


def _events_2_forms(context: RuleContext, module: ModuleFacts) -> Iterator[Problem]:
    """Forms of `@forge/events` 2 and 3, where 0 or 1 is installed."""
    version = context.packages["@forge/events"]
    for push in module.pushes:
        if push.takes_job_id:
            message = f"push of @forge/events {version} answers the job's id itself"
            hint = "Write const jobId = await queue.push(...), or run: npm install @forge/events@3"
            yield context.problem_at("events-2-form", module, push, message, hint)
        if push.arguments == 1 and _has_events_2_form(push):
            message = (
                f"@forge/events {version} takes this whole object for the payload: "
                "delayInSeconds and concurrency in it have no effect"
            )
            hint = "Write push({...}, { delayInSeconds: 5 }), or run: npm install @forge/events@3"
            yield context.problem_at("events-2-form", module, push, message, hint)


def _has_events_2_form(push: PushCall) -> bool:
    return any(
        event.shape == "object" and "body" in event.keys and set(event.keys) <= _EVENT_KEYS
        for event in push.events
    )


def _resolver_consumers(context: RuleContext) -> Iterator[Problem]:
    for consumer in context.app.consumers:
        if consumer.method is None:
            continue
        found = Problem(
            context.app.manifest,
            consumer.line,
            0,
            f"the consumer {consumer.key!r} has the resolver form of @forge/events 1",
            "Write `function: <key of a function>`, whose handler takes (event, context).",
            "warning",
            "events-1-form",
        )
        yield found
