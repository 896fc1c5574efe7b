"""What a test does to an app: the verbs of the commands, as coroutines."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from forge_emu.control.calls.contract import (
    CallAnswer,
    CallOrder,
    PreUninstallAnswer,
    PreUninstallOrder,
)
from forge_emu.control.contract import QueueAction, QueueOrder, TriggerOrder, TriggerReceipt
from forge_emu.control.push_contract import PushConcurrency, PushOrder
from forge_emu.control.schedules.contract import ScheduleOrder, SchedulePause, ScheduleState
from forge_emu.emulator.emulator import Emulator as RunningEmulator
from forge_emu.model import Json
from forge_emu.testing.errors import CallError, PushError
from forge_emu.testing.events import Event, Events, ProductEvent
from forge_emu.testing.options import milliseconds, set_text
from forge_emu.testing.site import Site
from forge_emu.testing.web import WebResponse, web_request

AnyEvent = Event | ProductEvent
T = TypeVar("T")


class AsyncActions(ABC):
    """The part of `AsyncEmulator` that changes something. All may raise UserError."""

    _events: Events

    # --- product events, schedules, web triggers --------------------------------------------------

    async def trigger(
        self,
        event: str,
        count: int = 1,
        *,
        data: Json = None,
        sets: Mapping[str, object] | None = None,
        key: str | None = None,
        rate: float | None = None,
        spread: str | float | None = None,
        from_status: str | None = None,
        to_status: str | None = None,
    ) -> TriggerReceipt:
        """Send product events, as `forge-emu trigger`. They happen while time moves on.

        `data` is merged over the payload, `sets` changes paths of it, `key` names the thing that
        all are about; `rate` is events a second, `spread` the span that they are spread over.
        `from_status` and `to_status` are those of a transition.
        """
        texts = [(path, set_text(value, path)) for path, value in (sets or {}).items()]
        span = None if spread is None else milliseconds(spread)
        order = TriggerOrder(event, count, rate, span, texts, data, key, from_status, to_status)
        return self._emulator.trigger(order)

    async def trigger_schedule(self, key: str) -> None:
        """One more run of a scheduled trigger, as `forge-emu trigger schedule`. It happens while
        time moves on; `schedules` says how it has ended."""
        self._emulator.schedules.run_schedule(ScheduleOrder(key))

    async def trigger_web(
        self,
        key: str,
        body: Json | bytes = None,
        *,
        method: str | None = None,
        headers: Mapping[str, str] | None = None,
        path: str = "",
        query: str | Mapping[str, str | Sequence[str]] = "",
        secret: str | None = None,
    ) -> WebResponse:
        """Call a web trigger, as `forge-emu trigger web`, and return the answer of its caller.

        Time moves on until then. A body that is no text is sent as JSON; without a method it is
        POST with a body, else GET. `secret` is the key, in base64, that signs the request.
        """
        emulator = self._emulator
        request = web_request(emulator, key, body, method, dict(headers or {}), path, query, secret)
        answer = await self._answered(lambda: emulator.calls.call_web_trigger(request))
        return WebResponse(answer.status, answer.headers, answer.body, answer.problem)

    async def trigger_pre_uninstall(self, key: str | None = None) -> list[PreUninstallAnswer]:
        """Call what runs before an uninstallation, as `forge-emu trigger pre-uninstall`: one
        module or all. Time moves on until then; `reason` says why one has failed."""
        calls, order = self._emulator.calls, PreUninstallOrder(key)
        return await self._answered(lambda: calls.call_pre_uninstall(order))

    # --- functions and queues ---------------------------------------------------------------------

    async def invoke(
        self, target: str, payload: Json = None, *, context: Mapping[str, Json] | None = None
    ) -> Json:
        """Call a function, or a resolver as `FUNCTION.KEY`, and return what it returns.

        Time moves on until then. Raises CallError where it throws or is ended.
        """
        answer = await self._call(CallOrder(target, payload, dict(context or {})))
        if answer.reason is not None:
            raise CallError(target, answer)
        return msgspec.json.decode(answer.result)

    async def _call(self, order: CallOrder) -> CallAnswer:
        calls = self._emulator.calls
        (answer,) = (await self._answered(lambda: calls.call_by_hand(order))).answers
        return answer

    async def push(
        self,
        queue: str,
        body: Mapping[str, Json],
        count: int = 1,
        *,
        delay: str | float = 0,
        concurrency: tuple[str, int] | None = None,
    ) -> list[Event]:
        """Push events to a queue, as `forge-emu queue push`. Raises PushError where it refuses."""
        order = PushOrder(
            queue,
            dict(body),
            count,
            milliseconds(delay) / 1000 or None,
            PushConcurrency(*concurrency) if concurrency else None,
        )
        receipt = self._emulator.admin.push_events(order)
        if receipt.refused is not None:
            raise PushError(queue, receipt.refused)
        return [self._events.queued[id] for job in receipt.jobs for id in job.event_ids]

    async def replay(
        self, event: AnyEvent | str | None = None, *, body: Json | UnsetType = UNSET
    ) -> list[AnyEvent]:
        """Send an event that has ended again, as `forge-emu queue replay`, and return the new one.

        It is named by itself, its id, or what it is about; without a name it is all that were
        dropped or have expired. With a `body`, the new one has that.
        """
        return self._change("replay", event, body)

    async def cancel(self, event: AnyEvent | str) -> list[AnyEvent]:
        """Cancel events of queues that wait, as `forge-emu queue cancel`: by event, id, id of the
        job, or what they are about."""
        return self._change("cancel", event)

    async def run_now(self, event: AnyEvent | str | None = None) -> list[AnyEvent]:
        """Skip the wait of an event, or of all, as `forge-emu queue run-now`. It is delivered when
        time moves on."""
        return self._change("run_now", event)

    async def pause(self, queue: str | None = None) -> None:
        """Deliver nothing of a queue, or nothing at all, as `forge-emu queue pause`."""
        self._emulator.admin.change_queue(QueueOrder("pause", queue=queue))

    async def resume(self, queue: str | None = None) -> None:
        """Deliver again, as `forge-emu queue resume`."""
        self._emulator.admin.change_queue(QueueOrder("resume", queue=queue))

    # --- schedules and the site -------------------------------------------------------------------

    @property
    def schedules(self) -> list[ScheduleState]:
        """The scheduled triggers: when each runs next, and how its last run has ended."""
        return self._emulator.schedules.list_schedules()

    async def pause_schedule(self, key: str | None = None) -> None:
        """Skip the runs of a scheduled trigger, or of all, as `forge-emu schedule pause`."""
        self._emulator.schedules.pause_schedules(SchedulePause("pause", key))

    async def resume_schedule(self, key: str | None = None) -> None:
        """Run it again, as `forge-emu schedule resume`."""
        self._emulator.schedules.pause_schedules(SchedulePause("resume", key))

    @property
    def site(self) -> Site:
        """The site behind the product calls of the app."""
        return Site(self._emulator.site_admin, lambda call: call())

    # --- within -----------------------------------------------------------------------------------

    def _change(
        self, action: QueueAction, event: AnyEvent | str | None, body: Json | UnsetType = UNSET
    ) -> list[AnyEvent]:
        named = event if isinstance(event, str) or event is None else event.id
        order = QueueOrder(action, named, every=named is None, body=body)
        receipt = self._emulator.admin.change_queue(order)
        found = (self._events.of_delivery(id) for id in receipt.ids)
        return list({each.id: each for each in found if each is not None}.values())

    async def _answered(self, call: Callable[[], Awaitable[T]]) -> T:
        """What `call` answers; time moves on until then."""
        emulator = self._emulator
        driver, calls = emulator.loop.clock_driver, emulator.calls
        async with self._time_moves():
            answer = asyncio.ensure_future(call())
            # The call is under way then, or refused.
            await asyncio.sleep(0)
            if calls.waited_for and emulator.clock.virtual:
                driver.move_until(lambda: not calls.waited_for)
                emulator.loop.apply_clock_change()
            await self._wait(answer)
            await self._between_rounds()
        return answer.result()

    @property
    @abstractmethod
    def _emulator(self) -> RunningEmulator: ...

    @abstractmethod
    def _time_moves(self) -> AbstractAsyncContextManager[None]: ...

    @abstractmethod
    async def _wait(self, awaited: Awaitable[object]) -> None: ...

    @abstractmethod
    async def _between_rounds(self) -> RunningEmulator: ...
