"""Rules about requests for a retry."""

from __future__ import annotations

from collections.abc import Iterator

from forge_emu import settings as s
from forge_emu.errors import Problem
from forge_emu.rules.context import RuleContext
from forge_emu.rules.facts import InvocationErrorUse, ModuleFacts


def check_retries(context: RuleContext) -> Iterator[Problem]:
    """The problems of requests for a retry."""
    for module in context.modules:
        for retry in module.retries:
            yield from _lost_requests(context, module, retry)
            yield from _retry_after(context, module, retry)
            yield from _retry_data_size(context, module, retry)


def _lost_requests(
    context: RuleContext, module: ModuleFacts, retry: InvocationErrorUse
) -> Iterator[Problem]:
    verb = "raised" if context.is_python(module) else "thrown"
    if retry.use == "thrown":
        yield context.problem_at(
            "retry-thrown",
            module,
            retry,
            f"an InvocationError that is {verb} is an error like any other: its wait and its "
            "retry data are lost",
            "Return it: return new InvocationError(...)."
            if verb == "thrown"
            else "Return it: return InvocationError(...).",
        )
    elif retry.use == "discarded":
        yield context.problem_at(
            "retry-discarded",
            module,
            retry,
            "an InvocationError that is made and not returned asks for nothing: the event counts "
            "as delivered",
            "Return it from the handler.",
        )


def _retry_after(
    context: RuleContext, module: ModuleFacts, retry: InvocationErrorUse
) -> Iterator[Problem]:
    least = context.settings[s.ASYNC_MIN_RETRY_SECONDS]
    most = context.settings[s.ASYNC_MAX_RETRY_SECONDS]
    name = "retry_after" if context.is_python(module) else "retryAfter"
    if retry.retry_after is None:
        return
    if retry.retry_after > most:
        yield context.problem_at(
            "retry-after",
            module,
            retry.after or retry,
            f"{name} is {retry.retry_after:g} s; the platform lowers it to {most:g}",
            f"Ask for up to {most:g} s, and again with the next delivery.",
        )
    elif retry.retry_after <= 0:
        yield context.problem_at(
            "retry-after",
            module,
            retry.after or retry,
            f"{name} is {retry.retry_after:g} s; it is raised to {least:g}, so that all refused "
            "events return together at once",
            "Wait as long as what refused needs to recover, with some chance in it.",
        )


def _retry_data_size(
    context: RuleContext, module: ModuleFacts, retry: InvocationErrorUse
) -> Iterator[Problem]:
    most = context.settings[s.PUSH_RETRY_DATA_KB]
    if most is not None and retry.data_bytes > most * 1024:
        yield context.problem_at(
            "retry-data-size",
            module,
            retry,
            f"the retry data is at least {retry.data_bytes:,} bytes of JSON, {most * 1024:,} are "
            "allowed",
            "Keep it in the store, and send its key.",
        )
