"""What a test does to an app: the verbs of the commands, as plain methods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from forge_emu.control.calls.contract import PreUninstallAnswer
from forge_emu.control.contract import TriggerReceipt
from forge_emu.control.schedules.contract import ScheduleState
from forge_emu.model import Json
from forge_emu.testing.actions import AnyEvent
from forge_emu.testing.asynchronous import AsyncEmulator
from forge_emu.testing.events import Event
from forge_emu.testing.web import WebResponse

__tracebackhide__ = True
"""pytest shows the line of the test instead."""


class Actions:
    """The part of `Emulator` that changes something. All may raise UserError."""

    inner: AsyncEmulator

    def run(self, coroutine: Any) -> Any:
        """Run a coroutine of `inner` to its end, and the emulator meanwhile."""
        raise NotImplementedError

    # --- product events, schedules, web triggers --------------------------------------------------

    def trigger(
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
        sent: TriggerReceipt = self.run(
            self.inner.trigger(
                event, count, data=data, sets=sets, key=key, rate=rate, spread=spread,
                from_status=from_status, to_status=to_status,
            )
        )  # fmt: skip
        return sent

    def trigger_schedule(self, key: str) -> None:
        """One more run of a scheduled trigger, as `forge-emu trigger schedule`. It happens while
        time moves on; `schedules` says how it has ended."""
        self.run(self.inner.trigger_schedule(key))

    def trigger_web(
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
        answer: WebResponse = self.run(
            self.inner.trigger_web(
                key, body, method=method, headers=headers, path=path, query=query, secret=secret
            )
        )
        return answer

    def trigger_pre_uninstall(self, key: str | None = None) -> list[PreUninstallAnswer]:
        """Call what runs before an uninstallation, as `forge-emu trigger pre-uninstall`: one
        module or all. Time moves on until then; `reason` says why one has failed."""
        answers: list[PreUninstallAnswer] = self.run(self.inner.trigger_pre_uninstall(key))
        return answers

    # --- functions and queues ---------------------------------------------------------------------

    def invoke(
        self, target: str, payload: Json = None, *, context: Mapping[str, Json] | None = None
    ) -> Json:
        """Call a function, or a resolver as `FUNCTION.KEY`, and return what it returns.

        Time moves on until then. Raises CallError where it throws or is ended.
        """
        return self.run(self.inner.invoke(target, payload, context=context))

    def push(
        self,
        queue: str,
        body: Mapping[str, Json],
        count: int = 1,
        *,
        delay: str | float = 0,
        concurrency: tuple[str, int] | None = None,
    ) -> list[Event]:
        """Push events to a queue, as `forge-emu queue push`. Raises PushError where it refuses."""
        pushed: list[Event] = self.run(
            self.inner.push(queue, body, count, delay=delay, concurrency=concurrency)
        )
        return pushed

    def replay(
        self, event: AnyEvent | str | None = None, *, body: Json | UnsetType = UNSET
    ) -> list[AnyEvent]:
        """Send an event that has ended again, as `forge-emu queue replay`, and return the new one.

        It is named by itself, its id, or what it is about; without a name it is all that were
        dropped or have expired. With a `body`, the new one has that.
        """
        sent: list[AnyEvent] = self.run(self.inner.replay(event, body=body))
        return sent

    def cancel(self, event: AnyEvent | str) -> list[AnyEvent]:
        """Cancel events of queues that wait, as `forge-emu queue cancel`: by event, id, id of the
        job, or what they are about."""
        cancelled: list[AnyEvent] = self.run(self.inner.cancel(event))
        return cancelled

    def run_now(self, event: AnyEvent | str | None = None) -> list[AnyEvent]:
        """Skip the wait of an event, or of all, as `forge-emu queue run-now`. It is delivered when
        time moves on."""
        moved: list[AnyEvent] = self.run(self.inner.run_now(event))
        return moved

    def pause(self, queue: str | None = None) -> None:
        """Deliver nothing of a queue, or nothing at all, as `forge-emu queue pause`."""
        self.run(self.inner.pause(queue))

    def resume(self, queue: str | None = None) -> None:
        """Deliver again, as `forge-emu queue resume`."""
        self.run(self.inner.resume(queue))

    # --- schedules --------------------------------------------------------------------------------

    @property
    def schedules(self) -> list[ScheduleState]:
        """The scheduled triggers: when each runs next, and how its last run has ended."""
        return self.inner.schedules

    def pause_schedule(self, key: str | None = None) -> None:
        """Skip the runs of a scheduled trigger, or of all, as `forge-emu schedule pause`."""
        self.run(self.inner.pause_schedule(key))

    def resume_schedule(self, key: str | None = None) -> None:
        """Run it again, as `forge-emu schedule resume`."""
        self.run(self.inner.resume_schedule(key))
