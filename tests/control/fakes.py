"""Records made by hand, and a fake emulator."""

from __future__ import annotations

from typing import Any

from msgspec import Raw

from forge_emu import records as r
from forge_emu.control.calls.contract import (
    CallAnswer,
    CallAnswers,
    CallOrder,
    PreUninstallAnswer,
    PreUninstallOrder,
    WebTriggerState,
)
from forge_emu.control.contract import (
    BatchStatus,
    ClockOrder,
    ClockState,
    TriggerOrder,
    TriggerReceipt,
)
from forge_emu.control.hub import RecordHub
from forge_emu.emulator.admin import Admin
from forge_emu.emulator.orders.schedule_control import ScheduleControl
from forge_emu.emulator.payloads.collecting import start_collecting
from forge_emu.emulator.payloads.showing import Payloads
from forge_emu.emulator.site_admin import SiteAdmin
from forge_emu.errors import UserError
from forge_emu.model import CallRequest, CallResult
from forge_emu.ports import AppResponse
from forge_emu.services.remote_api.messages import ApiRequest
from forge_emu.services.web_triggers.messages import WebTriggerRequest, WebTriggerResponse
from forge_emu.timeline.lineage import Lineage
from tests.engine.world import World

TOKEN = "sesame"


def record(seq: int, body: r.AnyBody, at: int = 0) -> r.Record:
    """A record."""
    return r.Record(seq, at, "2026-01-01T00:00:00.000Z", body)


def log(seq: int, message: str = "hello", at: int = 0) -> r.Record:
    """A line of the emulator."""
    return record(seq, r.Log(level="info", message=message), at)


def sample_records() -> list[r.Record]:
    """Two product events; each pushes an event; one succeeds, the other's store is refused."""
    bodies: list[r.AnyBody] = []
    for n, queue in (("1", "slow"), ("2", "fast")):
        bodies += [
            r.ProductEventSent(
                product_event_id=f"product{n}", name="created", size_bytes=1, subject=f"EMU-{n}"
            ),
            invocation_started(f"trigger{n}", product_event_id=f"product{n}"),
            r.EventPushed(
                event_id=f"event{n}",
                job_id=f"job{n}",
                queue=queue,
                due_at=0,
                size_bytes=1,
                invocation_id=f"trigger{n}",
            ),
            invocation_finished(f"trigger{n}", "success", product_event_id=f"product{n}"),
            invocation_started(f"consumer{n}", event_id=f"event{n}", queue=queue),
        ]
    bodies += [
        r.KvsDone(operation="set", key="a", bytes=1, units=1, invocation_id="consumer1"),
        r.KvsRefused(
            operation="set", key="b", code="C", status=429, limit="l", invocation_id="consumer2"
        ),
        r.Log(level="info", message="of one", invocation_id="consumer1"),
        invocation_finished("consumer1", "success", event_id="event1"),
        r.EventSucceeded(event_id="event1", queue="slow", attempts=1, age_ms=5),
        invocation_finished("consumer2", "retry_requested", event_id="event2"),
        r.RetryScheduled(
            retry_count=1,
            retry_reason="R",
            retry_after_ms=1,
            due_at=9,
            asked_by="app",
            event_id="event2",
            queue="fast",
        ),
    ]
    return [record(n, body, at=n * 1000) for n, body in enumerate(bodies, 1)]


def invocation_started(invocation_id: str, **ids: Any) -> r.InvocationStarted:
    """An invocation began."""
    return r.InvocationStarted(
        invocation_id=invocation_id,
        function="f",
        module="m",
        module_key="k",
        attempt=1,
        instance="i",
        cold_start=False,
        **ids,
    )


def invocation_finished(invocation_id: str, outcome: str, **ids: Any) -> r.InvocationFinished:
    """An invocation ended."""
    return r.InvocationFinished(
        invocation_id=invocation_id, function="f", outcome=outcome, duration_ms=1, **ids
    )


class FakeCalls:
    """Answers every call with what it is told."""

    def __init__(self) -> None:
        self.requests: list[CallRequest] = []
        self.orders: list[CallOrder] = []
        self.web_requests: list[WebTriggerRequest] = []
        self.uninstall_orders: list[PreUninstallOrder] = []
        self.result = CallResult("call", 5, result='"done"')
        self.response = WebTriggerResponse(200, [("X-A", "1"), ("X-A", "2")], "hello")

    async def call_function(self, request: CallRequest) -> CallResult:
        """As in the contract."""
        self.requests.append(request)
        return self.result

    async def call_by_hand(self, order: CallOrder) -> CallAnswers:
        """As in the contract."""
        self.orders.append(order)
        return CallAnswers([CallAnswer("call", 5, Raw(b'"done"'))])

    async def call_pre_uninstall(self, order: PreUninstallOrder) -> list[PreUninstallAnswer]:
        """As in the contract."""
        self.uninstall_orders.append(order)
        return [PreUninstallAnswer("clean-up", "call", 5)]

    def list_web_triggers(self) -> list[WebTriggerState]:
        """One."""
        return [WebTriggerState("hook", "f", ["http://127.0.0.1:1/x1/0-a"])]

    def answer_api(self, request: ApiRequest) -> AppResponse:
        """What it was asked, and 401 without a token."""
        status = 200 if request.token else 401
        return AppResponse(status, f"{request.method} {request.path} {request.body}")

    async def call_web_trigger(self, request: WebTriggerRequest) -> WebTriggerResponse:
        """As in the contract."""
        self.web_requests.append(request)
        return self.response


class FakeEmulator:
    """Answers as an emulator would, and records its calls."""

    def __init__(self) -> None:
        self.hub = RecordHub()
        self.token = TOKEN
        self.orders: list[TriggerOrder] = []
        self.actions: list[str] = []
        self.refusals: list[r.ControlRefused] = []
        self.polls_until_settled = 2
        self.clock_reads = 0
        self.world = World(async_events__max_retries=0, product_events__max_retries=0)
        self.lineage = Lineage()
        self.calls = FakeCalls()
        self.payloads = Payloads(self.world.engine, start_collecting(self.world.engine))
        self.admin = Admin(
            self.world.engine, self.lineage, self, lambda: self.world.now, self.payloads
        )
        self.site_admin = SiteAdmin(self.world.engine, self, lambda: self.world.now)

        self.schedules = ScheduleControl(self.world.engine, lambda: self.world.now, self.run_turn)

    def run_turn(self) -> None:
        """What the emulator's loop does."""
        seen = len(self.world.records)
        self.world.advance_to(self.world.now)
        for record in self.world.records[seen:]:
            self.lineage.add_record(record)

    def jwks(self) -> Any:
        return {"keys": []}

    def record_refusal(self, refusal: r.ControlRefused) -> None:
        """As in the contract."""
        self.refusals.append(refusal)

    def status(self) -> Any:
        """As in the contract."""
        return {"app_id": "app", "now": 60_000, "last_seq": self.hub.last_seq}

    def trigger(self, order: TriggerOrder) -> TriggerReceipt:
        """As in the contract."""
        if order.count > 1_000:
            raise UserError("too many", "Send fewer.")
        self.orders.append(order)
        return TriggerReceipt("b1", order.event, order.count, "EMU-1", f"EMU-{order.count}")

    def batch_status(self, batch: str) -> BatchStatus | None:
        """Settled after a few polls."""
        if batch != "b1":
            return None
        self.polls_until_settled -= 1
        settled = self.polls_until_settled <= 0
        return BatchStatus("b1", 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, settled, 0)

    def batch_summary(self, batch: str) -> Any:
        """The smallest summary."""
        return {"type": "summary", "batch": batch} if batch == "b1" else None

    def clock_state(self) -> ClockState:
        """As in the contract: reaches its goal after a few polls."""
        self.clock_reads += 1
        goal = 5 if self.clock_reads < 3 else None
        return ClockState(60_000, "then", 1.0, False, goal, False, 5, 0, 1, 0)

    def set_clock(self, order: ClockOrder) -> ClockState:
        """As in the contract."""
        self.actions.append(order.action)
        if order.action == "back":
            raise UserError("there is no clock action 'back'", "There is next.")
        return self.clock_state()

    def limits(self) -> Any:
        """As in the contract."""
        return {"settings": []}
