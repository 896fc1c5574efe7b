"""Whether the app has what the steps of a scenario name. Events need nothing of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from forge_emu.control.calls.contract import CallOrder, WebTriggerCallOrder
from forge_emu.control.push_contract import PushOrder
from forge_emu.control.schedules.contract import ScheduleOrder
from forge_emu.emulator.app_modules.known import (
    check_function,
    check_queue,
    check_schedule,
    check_web_trigger,
)
from forge_emu.emulator.function_calls.ui_requests import ui_request
from forge_emu.emulator.pending_batches import PlannedOrder
from forge_emu.errors import ManifestError, Problem, UserError
from forge_emu.events import find_template
from forge_emu.model import App
from forge_emu.simulate.plan.steps import AnyStep, OrderStep


def check_steps(steps: Iterable[AnyStep], app: App) -> None:
    """Raise ManifestError with all functions, queues, schedules and web triggers that it lacks."""
    problems = []
    for step in steps:
        if isinstance(step, OrderStep):
            try:
                _check_order(step.order, app)
            except UserError as error:
                problems.append(Problem(*step.place, error.message, error.hint))
    if problems:
        raise ManifestError(problems)


def event_names(steps: Iterable[AnyStep], heard: Collection[str]) -> list[str]:
    """The full names of the events that the steps send; of a short name that several have, the one
    that is `heard`."""
    names: dict[str, None] = {}
    for step in steps:
        if isinstance(step, OrderStep):
            continue
        for recorded in step.recorded:
            names[recorded.event] = None
        if not step.recorded:
            has_data = step.data is not None
            names[find_template(step.event, has_data=has_data, preferred=heard).event] = None
    return list(names)


def _check_order(order: PlannedOrder, app: App) -> None:
    match order:
        case CallOrder():
            check_function(order.target, app)
            if order.target in app.endpoints:
                ui_request(order.payload)
        case PushOrder():
            check_queue(order.queue, app)
        case ScheduleOrder():
            check_schedule(order.key, app)
        case WebTriggerCallOrder():
            check_web_trigger(order.key, app)
