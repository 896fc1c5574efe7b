"""Rules about requests for a retry."""

from __future__ import annotations

from collections.abc import Iterator

from forge_emu import settings as s
from forge_emu.errors import Problem
from forge_emu.rules.case import Case
from forge_emu.rules.facts import ModuleFacts, RetryAsked


def about_retries(case: Case) -> Iterator[Problem]:
    """Everything about `InvocationError`."""
    for module in case.modules:
        for retry in module.retries:
            yield from _use(case, module, retry)
            yield from _after(case, module, retry)
            yield from _data(case, module, retry)


def _use(case: Case, module: ModuleFacts, retry: RetryAsked) -> Iterator[Problem]:
    verb = "raised" if case.is_python(module) else "thrown"
    if retry.use == "thrown":
        yield case.problem(
            "retry-thrown", module, retry,
            f"an InvocationError that is {verb} is an error like any other: its wait and its "
            "retry data are lost",
            "Return it: return new InvocationError(...)."
            if verb == "thrown"
            else "Return it: return InvocationError(...).",
        )  # fmt: skip
    elif retry.use == "discarded":
        yield case.problem(
            "retry-discarded", module, retry,
            "an InvocationError that is made and not returned asks for nothing: the event counts "
            "as delivered",
            "Return it from the handler.",
        )  # fmt: skip


def _after(case: Case, module: ModuleFacts, retry: RetryAsked) -> Iterator[Problem]:
    least = case.settings[s.ASYNC_MIN_RETRY_SECONDS]
    most = case.settings[s.ASYNC_MAX_RETRY_SECONDS]
    name = "retry_after" if case.is_python(module) else "retryAfter"
    if retry.retry_after is None:
        return
    if retry.retry_after > most:
        yield case.problem(
            "retry-after", module, retry.after or retry,
            f"{name} is {retry.retry_after:g} s; the platform lowers it to {most:g}",
            f"Ask for up to {most:g} s, and again with the next delivery.",
        )  # fmt: skip
    elif retry.retry_after <= 0:
        yield case.problem(
            "retry-after", module, retry.after or retry,
            f"{name} is {retry.retry_after:g} s; it is raised to {least:g}, so that all refused "
            "events return together at once",
            "Wait as long as what refused needs to recover, with some chance in it.",
        )  # fmt: skip


def _data(case: Case, module: ModuleFacts, retry: RetryAsked) -> Iterator[Problem]:
    most = case.settings[s.PUSH_RETRY_DATA_KB]
    if most is not None and retry.data_bytes > most * 1024:
        yield case.problem(
            "retry-data-size", module, retry,
            f"the retry data is at least {retry.data_bytes:,} bytes of JSON, {most * 1024:,} are "
            "allowed",
            "Keep it in the store, and send its key.",
        )  # fmt: skip
