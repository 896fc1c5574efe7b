"""Deliveries on their way through invocations: what is due starts, what has ended is decided."""

from __future__ import annotations

from collections import OrderedDict

from msgspec import UNSET

from forge_emu.engine.delivery.deliveries import Deliveries
from forge_emu.engine.delivery.delivery import Delivery, DueAction, State
from forge_emu.engine.delivery.dispatcher import (
    Blocked,
    Dispatcher,
    NoHandler,
    NotStarted,
    RunningInvocation,
)
from forge_emu.engine.delivery.kinds import AnyKind
from forge_emu.engine.delivery.pauses import PausedQueues
from forge_emu.engine.faults.injector import FaultInjector
from forge_emu.engine.journal.journal import Journal
from forge_emu.engine.retry_mistakes import RetryMistakes
from forge_emu.model import (
    OUTCOME_NAMES,
    ErrorReport,
    Instant,
    Interrupted,
    Invocation,
    Millis,
    Outcome,
    OutOfMemory,
    PlatformError,
    RetryMistake,
    RetryRequested,
    Success,
    TimedOut,
    Unanswered,
)
from forge_emu.records import InvocationFinished

_GIVEN_UP_REMEMBERED = 10_000
"""Of so many given-up invocations late calls are known; their code is ended soon after."""

_WAIT_TOLD: Millis = 100
"""Shorter waits for this machine are not on record."""

_LOST_INSTANCE = (TimedOut, OutOfMemory, PlatformError, Interrupted)
"""After these the instance is gone."""


class DeliveryLoop:
    """Starts ready deliveries, ends invocations, and does what has become due.

    `paused` starts nothing more; due deliveries wait for it to end. In real time, no more than
    `python_starts` invocations of Python handlers are on their way to their processes.
    """

    def __init__(
        self,
        deliveries: Deliveries,
        dispatcher: Dispatcher,
        pauses: PausedQueues,
        fault_injector: FaultInjector,
        journal: Journal,
        retry_mistakes: RetryMistakes,
        python_starts: int,
    ) -> None:
        self.paused = False
        self._python_starts = python_starts
        self._deliveries = deliveries
        self._dispatcher = dispatcher
        self._pauses = pauses
        self._fault_injector = fault_injector
        self._journal = journal
        self._retry_mistakes = retry_mistakes
        self._invocations: list[Invocation] = []
        self._aborts: list[str] = []
        self._given_up: OrderedDict[str, None] = OrderedDict()
        self.expects_begins = False
        """Whether the host says when it begins to run an invocation, as in real time."""
        self._not_begun: dict[str, RunningInvocation] = {}
        self._python_not_begun: set[str] = set()

    def start_ready(self, now: Instant) -> None:
        """Start what is ready, as far as nothing is in the way."""
        while (
            not self.paused
            and len(self._python_not_begun) < self._python_starts
            and self._can_start()
        ):
            self._start_next(now)

    def deliver_next(self, now: Instant) -> bool:
        """While paused, start the first that is ready; False when nothing is."""
        while self._can_start():
            if self._start_next(now):
                return True
        return False

    def run_due(self, now: Instant) -> None:
        """Do what has become due: time out, drop, make ready; then start what is ready."""
        deliveries = self._deliveries
        for kind in deliveries.kinds.all:
            kind.start_due(now)
        while (due := deliveries.schedule.pop_due(now)) is not None:
            if due.kind == "timeout":
                self._time_out(due.reason, now)
            elif due.kind == "drop":
                deliveries.end_with_window(due.delivery, now)
            else:
                deliveries.make_delivery_ready(due.delivery)
        self.start_ready(now)

    def begin_invocation(self, invocation_id: str, now: Instant) -> None:
        """A handler begins to run. What it has waited since it was started is this machine's.

        Starts what has waited for that.
        """
        running = self._not_begun.pop(invocation_id, None)
        if running is None:
            return
        running.waited = max(now - running.invocation.starts_at, 0)
        self._plan_timeout(running, running.invocation.deadline + running.waited)
        self._python_not_begun.discard(invocation_id)
        self.start_ready(now)

    def excuse_pause(self, pause: Millis, now: Instant) -> None:
        """Put off the timeouts of all that runs by `pause`, which is this machine's time."""
        for invocation_id in self._dispatcher.running:
            self.excuse_wait(invocation_id, pause, now)

    def excuse_wait(self, invocation_id: str, wait: Millis, now: Instant) -> None:
        """The same for one, whose handler could not run for `wait`."""
        running = self._dispatcher.running.get(invocation_id)
        if running is None or running.timeout is None:
            return
        running.waited = min(running.waited + wait, max(now - running.started_at, 0))
        self._deliveries.schedule.remove(running.timeout)
        self._plan_timeout(running, running.invocation.deadline + running.waited)

    def lag(self, now: Instant) -> Millis:
        """How long the one that has waited longest for this machine has waited."""
        first = next(iter(self._not_begun.values()), None)
        before = 0 if first is None else now - first.invocation.starts_at
        return max([before, 0, *(r.waited for r in self._dispatcher.running.values())])

    def _plan_timeout(self, running: RunningInvocation, deadline: Instant) -> None:
        due = DueAction("timeout", running.delivery, running.invocation.invocation_id)
        running.timeout = self._deliveries.schedule.add(deadline, due)

    def end_invocation(
        self,
        invocation_id: str,
        outcome: Outcome,
        now: Instant,
        unanswered: Unanswered | None = None,
    ) -> None:
        """An invocation ended, with these requests unanswered. Unknown ids (it was timed out
        before) are ignored."""
        running = self._dispatcher.running.get(invocation_id)
        if running is None:
            return
        delivery, faults = running.delivery, self._fault_injector
        ids = delivery.ids
        injected = False
        if invocation_id in faults.planned_faults:
            if faults.withhold_outcome(invocation_id, ids, outcome, now):
                return
            outcome, injected = faults.apply_to_outcome(invocation_id, ids, outcome, now)
        # A handler whose outcome a fault replaced has ended normally: its instance is reused.
        discard = not injected and isinstance(outcome, _LOST_INSTANCE)
        self._dispatcher.end_invocation(running, now, discard_instance=discard)
        if discard:
            self._remember_given_up(invocation_id)
        if self._not_begun:
            self._not_begun.pop(invocation_id, None)
            self._python_not_begun.discard(invocation_id)
        if running.timeout:
            self._deliveries.schedule.remove(running.timeout)
        retry_data_bytes = 0
        if isinstance(outcome, RetryRequested):
            retry_data_bytes = outcome.data_bytes
            outcome = self._deliveries.check_retry_data(outcome)
        kind = self._deliveries.kinds.kind_of(delivery)
        outcome = kind.check_outcome(delivery, outcome)
        function = running.invocation.function
        self._dispatcher.await_habits.add_end(function, has_unanswered=unanswered is not None)
        mistakes = self._examine_retry(delivery, kind, outcome, function)
        self._journal.record(
            InvocationFinished(
                invocation_id=invocation_id,
                function=function,
                outcome=OUTCOME_NAMES[type(outcome)],
                duration_ms=now - running.started_at - running.waited,
                waited_ms=running.waited if running.waited >= _WAIT_TOLD else UNSET,
                error=getattr(outcome, "error", None),
                retry_data_bytes=retry_data_bytes or None,
                duplicate=delivery.is_duplicate,
                unanswered=UNSET if unanswered is None else unanswered,
                mistakes=mistakes or UNSET,
                event_id=ids.get("event_id", UNSET),
                product_event_id=ids.get("product_event_id", UNSET),
                call_id=ids.get("call_id", UNSET),
            ),
            now,
        )
        if mistakes:
            self._retry_mistakes.report_new(mistakes, function, now)
        self._deliveries.apply_outcome(delivery, outcome, now)
        self.start_ready(now)

    def _examine_retry(
        self, delivery: Delivery, kind: AnyKind, outcome: Outcome, function: str
    ) -> list[RetryMistake]:
        """What is wrong with what a handler has returned."""
        if isinstance(outcome, Success) and not outcome.mistakes:
            return []
        policy = kind.policy_of(delivery)
        return self._retry_mistakes.examine(outcome, function, data_is_object=policy.data_is_object)

    def take_invocations(self) -> list[Invocation]:
        """The invocations to start, since the last call."""
        taken, self._invocations = self._invocations, []
        return taken

    def take_aborts(self) -> list[str]:
        """The ids of the invocations that were timed out, since the last call."""
        taken, self._aborts = self._aborts, []
        return taken

    def has_given_up(self, invocation_id: str) -> bool:
        """Whether an invocation was ended from outside, though its code may still run somewhere."""
        return invocation_id in self._given_up

    def _remember_given_up(self, invocation_id: str) -> None:
        self._given_up[invocation_id] = None
        if len(self._given_up) > _GIVEN_UP_REMEMBERED:
            self._given_up.popitem(last=False)

    def _can_start(self) -> bool:
        return not self._dispatcher.instances.full and self._deliveries.ready.peek() is not None

    def _start_next(self, now: Instant) -> bool:
        """Take the first that is ready; True when it started."""
        deliveries = self._deliveries
        delivery = deliveries.pop_ready(now)
        if delivery is None or self._pauses.hold_if_paused(delivery):
            return False
        result = self._dispatcher.start_invocation(delivery, now)
        if not isinstance(result, Invocation):
            self._pass_over(delivery, result, now)
            return False
        running = self._dispatcher.running[result.invocation_id]
        if self.expects_begins:
            self._not_begun[result.invocation_id] = running
            function = self._dispatcher.app.functions.get(result.function)
            if function is not None and function.language == "python":
                self._python_not_begun.add(result.invocation_id)
        else:
            self._plan_timeout(running, result.deadline)
        self._fault_injector.plan_invocation_fault(result.invocation_id, now)
        self._invocations.append(result)
        return True

    def _pass_over(self, delivery: Delivery, why: NotStarted, now: Instant) -> None:
        """A ready delivery cannot start: it is dropped, waits, or is retried."""
        deliveries = self._deliveries
        if isinstance(why, NoHandler):
            kind = deliveries.kinds.kind_of(delivery)
            reason = kind.missing_handler_reason(delivery, self._dispatcher.app)
            deliveries.end_delivery(delivery, State.DROPPED, reason, now)
        elif isinstance(why, Blocked):
            deliveries.defer_delivery(delivery, why.limit, now)
        else:
            deliveries.apply_outcome(delivery, why, now)

    def _time_out(self, invocation_id: str, now: Instant) -> None:
        limit = self._dispatcher.running[invocation_id].invocation.timeout_ms / 1000
        self._aborts.append(invocation_id)
        report = ErrorReport("TimeoutError", f"Function timed out. Limit of {limit:.2f} seconds")
        self.end_invocation(invocation_id, TimedOut(report), now)
