"""Repeats a run with changes that might have avoided a limit, for the advice on limits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from msgspec.structs import replace

from forge_emu.arrivals import spread_over
from forge_emu.report.advice.what_if import Alternative, with_alternatives
from forge_emu.report.summary import Summary
from forge_emu.simulate.one_run import Simulation
from forge_emu.simulate.plan.run_result import RunResult
from forge_emu.simulate.request import SimulatePlan

OnTry = Callable[[str, int], None]
"""Called before each try, with its description and the seed."""


class _InterruptedError(Exception):
    """The user wants to stop."""


async def with_what_if_advice(
    simulation: Simulation, result: RunResult, on_try: OnTry
) -> RunResult:
    """The result with, beside each limit that it hit often, what avoids it."""
    loop = asyncio.get_running_loop()
    compared = result.compared

    def try_it(change: Alternative) -> Summary:
        # Called on a thread of its own: the advice is pure and asks for one try after another.
        changed = replace(simulation, plan=_changed_plan(simulation.plan, change))
        on_try(f"trying {change.description}", compared.seed)
        run = asyncio.run_coroutine_threadsafe(changed.run_once(None, compared.seed), loop).result()
        if simulation.stop.draining.is_set():
            raise _InterruptedError
        return run.compared.outcome.summary

    try:
        advised = await asyncio.to_thread(with_alternatives, compared.outcome.summary, try_it)
    except _InterruptedError:
        return result
    return replace(
        result, compared=replace(compared, outcome=replace(compared.outcome, summary=advised))
    )


def _changed_plan(plan: SimulatePlan, change: Alternative) -> SimulatePlan:
    steps = plan.steps
    if change.spread_ms is not None:
        steps = tuple(
            replace(step, pace=spread_over(change.spread_ms, step.count)) for step in steps
        )
    overrides = {**plan.overrides, **change.overrides}
    return replace(plan, steps=steps, overrides=overrides, conditions=())
