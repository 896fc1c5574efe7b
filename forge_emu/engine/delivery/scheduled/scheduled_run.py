"""Runs of scheduled triggers: what time alone starts, and extra ones by hand.

https://developer.atlassian.com/platform/forge/manifest-reference/modules/scheduled-trigger/
(2026-06-17), events-reference/scheduled-trigger/ (2024-11-11).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from msgspec import UNSET

from forge_emu import records as r
from forge_emu import settings as s
from forge_emu.engine.delivery.delivery import Delivery, State
from forge_emu.engine.delivery.kind import DeliveryKind, HandlerTarget, KindContext, SavedDelivery
from forge_emu.engine.delivery.retry import ONE_ATTEMPT, Ending, InvocationLimitReached
from forge_emu.engine.delivery.scheduled.schedules import DueRun, Schedules
from forge_emu.engine.installation import Installation, product_of_app
from forge_emu.model import (
    SECOND,
    App,
    Function,
    Instant,
    Json,
    Millis,
    ModuleKind,
    RetryRequested,
    ScheduledTrigger,
    Success,
)


class SavedScheduledRun(msgspec.Struct, frozen=True, array_like=True, tag="scheduled_run"):
    """What never changes of a run. `due_at` is None for an extra one by hand."""

    id: str
    key: str
    function: str
    created_at: Instant
    due_at: Instant | None
    away_before: Millis = 0


class ScheduledRun(Delivery):
    """One run of a scheduled trigger."""

    __slots__ = ("failure", "fixed")

    def __init__(self, fixed: SavedScheduledRun) -> None:
        super().__init__(fixed.id, fixed.id, fixed.created_at, fixed.created_at, State.READY)
        self.fixed = fixed
        self.failure: str | None = None
        """How its attempt failed, if it did."""

    @property
    def key(self) -> str:
        """The key of the scheduled trigger."""
        return self.fixed.key

    @property
    def noun(self) -> str:
        """What messages call one."""
        return "a scheduled run"

    @property
    def ids(self) -> dict[str, str]:
        """`call_id`."""
        return {"call_id": self.id}

    @property
    def routing(self) -> dict[str, str]:
        """`call_id` and `module_key`."""
        return {"call_id": self.id, "module_key": self.key}

    @property
    def names(self) -> tuple[str, ...]:
        """The ids of this run and of its schedule."""
        return self.id, self.key

    @property
    def subject(self) -> str | None:
        """The key of the scheduled trigger."""
        return self.key

    @property
    def replayable(self) -> bool:
        """The next run comes by itself, and `forge-emu trigger schedule` makes one more."""
        return False

    @property
    def started_by_time(self) -> bool:
        """Unless somebody asked for it."""
        return self.fixed.due_at is not None


class ScheduledRuns(DeliveryKind[ScheduledRun]):
    """The kind: the function of a scheduled trigger handles one, in one attempt."""

    delivery_types = (ScheduledRun,)
    saved_type = SavedScheduledRun
    no_handler = "no_schedule"

    def __init__(self, context: KindContext) -> None:
        self.policy = ONE_ATTEMPT
        self.schedules = Schedules(context.settings)
        self._context = context
        self._open: dict[str, ScheduledRun] = {}
        """The runs that time has started and that have not ended, by id."""

    def app_loaded(self, app: App, now: Instant) -> None:
        """Plan the schedules of the app."""
        for missed in self.schedules.use_app(app, now):
            self._record_skipped(missed.key, missed.first_missed, missed.missed + 1, "missed", now)

    def next_due(self) -> Instant | None:
        """When the next run is due."""
        return self.schedules.next_due()

    def start_due(self, now: Instant) -> None:
        """Add the runs that are due, or record that they are skipped."""
        for due in self.schedules.pop_due(now):
            if self.schedules.is_paused(due.key):
                self._record_skipped(due.key, due.first_missed, due.missed + 1, "paused", now)
                continue
            if due.missed:
                self._record_skipped(due.key, due.first_missed, due.missed, "missed", now)
            if (why := self._obstacle(due)) is not None:
                self._record_skipped(due.key, due.due_at, 1, why, now)
            else:
                self._add_run(due.key, due.due_at, now)

    def start_by_hand(self, key: str, now: Instant) -> str:
        """Run the schedule `key` once more; the times of its own runs stay. Answers the call's id.

        The function is that of the app; `key` must be one of its scheduled triggers.
        """
        return self._add_run(key, None, now).id

    def set_paused(self, keys: Iterable[str], now: Instant, *, paused: bool) -> list[str]:
        """Pause or resume schedules; answers those that it changed. What runs goes on."""
        changed = [key for key in keys if self.schedules.set_paused(key, paused)]
        for key in changed:
            action = "pause" if paused else "resume"
            self._context.journal.record(r.ScheduleByHand(action=action, module_key=key), now)
        return changed

    def find_target(self, delivery: ScheduledRun, app: App) -> HandlerTarget | None:
        """What the scheduled trigger names, if the manifest still has it."""
        module = _module(delivery.key, app)
        return HandlerTarget.of(app, module, ModuleKind.SCHEDULED_TRIGGER) if module else None

    def module_function(self, delivery: ScheduledRun, app: App) -> str | None:
        """That of the scheduled trigger."""
        module = _module(delivery.key, app)
        return None if module is None else module.function

    def timeouts(self, function: Function, app: App) -> Iterator[Millis]:
        """`timeoutSeconds` of the function, as for consumers."""
        if any(module.function == function.key for module in app.scheduled_triggers):
            yield function.timeout_ms or self._context.settings[s.CONSUMER_TIMEOUT_SECONDS] * SECOND

    def handler_arguments(
        self, delivery: ScheduledRun, app: App, installation: Installation, now: Instant
    ) -> tuple[Json, Json]:
        """Which schedule it is, and the context, which has no user."""
        del now
        event: dict[str, Json] = {
            "context": {"cloudId": installation.cloud_id, "moduleKey": delivery.key},
            "contextToken": f"forge-emu-{delivery.id}",
        }
        return event, installation.context(product_of_app(app))

    def examine_ending(self, delivery: ScheduledRun, ending: Ending) -> Ending:
        """What a run returns is ignored, a request for a retry as well."""
        if isinstance(ending, RetryRequested):
            return Success()
        if isinstance(ending, InvocationLimitReached):
            delivery.failure = "rate_limited"
        else:
            delivery.failure = str(ending.__struct_config__.tag)
        return ending

    def end_delivery(self, delivery: ScheduledRun, reason: str, now: Instant) -> None:
        """Record its end. The next run has its time already."""
        self._open.pop(delivery.id, None)
        age = now - delivery.created_at
        if delivery.state is State.SUCCEEDED:
            body: r.AnyBody = r.CallSucceeded(call_id=delivery.id, age_ms=age)
            self.schedules.note_end(delivery.key, "succeeded", now)
        else:
            why = delivery.failure or reason
            self.schedules.note_end(delivery.key, why, now)
            body = r.CallFailed(call_id=delivery.id, age_ms=age, reason=why)
        self._context.journal.record(body, now)

    def replay_deliveries(
        self, deliveries: Iterable[ScheduledRun], app: App, now: Instant
    ) -> list[str]:
        """Run each schedule once more."""
        return [self.start_by_hand(each.key, now) for each in deliveries]

    def save_delivery(self, delivery: ScheduledRun, away_before: Millis) -> SavedDelivery:
        """What never changes of it, with `away_before`."""
        return msgspec.structs.replace(delivery.fixed, away_before=away_before)

    def restore_delivery(self, saved: SavedScheduledRun) -> ScheduledRun:
        """With `saved` for its fixed part."""
        return ScheduledRun(saved)

    def restore_open(self, delivery: ScheduledRun) -> None:
        """It has not ended."""
        if delivery.started_by_time:
            self._open[delivery.id] = delivery

    @classmethod
    def restored_routing(cls, saved: SavedScheduledRun) -> dict[str, str] | None:
        """`call_id` and `module_key`."""
        return {"call_id": saved.id, "module_key": saved.key}

    @classmethod
    def restored_record(cls, saved: SavedScheduledRun, due_at: Instant) -> tuple[str, r.AnyBody]:
        """`call.received`."""
        del due_at
        return saved.id, _received(saved)

    def _obstacle(self, due: DueRun) -> str | None:
        """Why a run that is due does not start: another one of its schedule is not over."""
        open_runs = [run for run in self._open.values() if run.key == due.key]
        if any(run.state is not State.RUNNING for run in open_runs):
            return "waiting"
        skips = self._context.settings[s.SCHEDULES_OVERLAP] == "skip"
        return "running" if open_runs and skips else None

    def _add_run(self, key: str, due_at: Instant | None, now: Instant) -> ScheduledRun:
        function = self.schedules.function_of(key)
        run = ScheduledRun(SavedScheduledRun(self._context.new_id(), key, function, now, due_at))
        self.restore_open(run)
        self._context.journal.record(_received(run.fixed), now)
        self._context.add_delivery(run, now)
        return run

    def _record_skipped(
        self, key: str, due_at: Instant, runs: int, reason: str, now: Instant
    ) -> None:
        body = r.ScheduleSkipped(module_key=key, due_at=due_at, runs=runs, reason=reason)
        self._context.journal.record(body, now)


def _module(key: str, app: App) -> ScheduledTrigger | None:
    return next((each for each in app.scheduled_triggers if each.key == key), None)


def _received(fixed: SavedScheduledRun) -> r.CallReceived:
    return r.CallReceived(
        call_id=fixed.id,
        module=str(ModuleKind.SCHEDULED_TRIGGER),
        module_key=fixed.key,
        function=fixed.function,
        due_at=UNSET if fixed.due_at is None else fixed.due_at,
    )
