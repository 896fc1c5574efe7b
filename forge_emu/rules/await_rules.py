"""Rules about work that nothing waits for."""

from __future__ import annotations

from collections.abc import Iterator

from forge_emu.errors import Problem
from forge_emu.rules.context import RuleContext
from forge_emu.rules.facts import FloatingCall

_FROZEN = "Forge freezes the process when its handler returns, and the request may never be made"


def check_awaits(context: RuleContext) -> Iterator[Problem]:
    """The calls of the platform that nothing waits for."""
    for module in context.modules:
        for floating in module.floating:
            message = _message(floating)
            hint = _hint(floating, python=context.is_python(module))
            yield context.problem_at("not-awaited", module, floating, message, hint)


def _message(floating: FloatingCall) -> str:
    call = floating.call
    match floating.how:
        case "reduce" | "reduceRight" as how:
            return f"nothing waits for the promise of {how}, and so for {call}: {_FROZEN}"
        case "forEach" | "map":
            return (
                f"{floating.how} waits for no callback, and so nothing waits for {call}: {_FROZEN}"
            )
        case "unused":
            return f"the promise of {call} is in a variable that nothing reads: {_FROZEN}"
        case "task":
            return f"nothing waits for the task with {call}: {_FROZEN}"
        case "coroutine":
            return f"{call} is called without `await`: {_FROZEN}"
    return f"nothing waits for {call}: {_FROZEN}"


def _hint(floating: FloatingCall, *, python: bool) -> str:
    if python:
        return "Put `await` before it, or collect several in `await asyncio.gather(...)`."
    if floating.how in ("reduce", "reduceRight"):
        return "Put await before it, or return it."
    if floating.how in ("forEach", "map"):
        return (
            "Write for (const x of xs) { await ... }, or await Promise.all(xs.map(async (x) => "
            "...))."
        )
    return (
        "Put await before it, return it, or collect several in await Promise.all([...]). If it may "
        "be lost, say so with void."
    )
