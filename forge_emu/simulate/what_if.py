"""Plays a run again with changes that might have avoided a limit, for the advice on limits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from forge_emu.arrivals import spread_over
from forge_emu.report import Summary
from forge_emu.report.advice.what_if import Alternative, with_alternatives
from forge_emu.simulate.one_run import Played, Stage
from forge_emu.simulate.request import Request

Begin = Callable[[str, int], None]
"""Hears of each try: what it is, and the seed."""


class _InterruptedError(Exception):
    """The user wants to stop."""


async def with_tries(stage: Stage, played: Played, begin: Begin) -> Played:
    """The run with, beside each limit that it hit often, what avoids it."""
    loop = asyncio.get_running_loop()
    trial = played.trial

    def try_it(change: Alternative) -> Summary:
        # Called on a thread of its own: the advice is pure and asks for one try after another.
        changed = replace(stage, request=_changed(stage.request, change))
        begin(f"trying {change.description}", trial.seed)
        run = asyncio.run_coroutine_threadsafe(changed.play(None, trial.seed), loop).result()
        if stage.stop.asked.is_set():
            raise _InterruptedError
        return run.trial.outcome.summary

    try:
        advised = await asyncio.to_thread(with_alternatives, trial.outcome.summary, try_it)
    except _InterruptedError:
        return played
    return replace(played, trial=replace(trial, outcome=replace(trial.outcome, summary=advised)))


def _changed(request: Request, change: Alternative) -> Request:
    steps = request.steps
    if change.spread_ms is not None:
        steps = tuple(replace(step, pace=spread_over(change.spread_ms, step.count)) for step in steps)
    overrides = {**request.overrides, **change.overrides}
    return replace(request, steps=steps, overrides=overrides, conditions=())
