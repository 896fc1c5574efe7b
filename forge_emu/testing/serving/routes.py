"""The routes of an emulator for tests: what `AsyncEmulator` does, over the control API."""

from __future__ import annotations

from itertools import count
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forge_emu.control.calls.contract import CallOrder, PreUninstallOrder
from forge_emu.control.http import int_parameter, json_response, read_body
from forge_emu.emulator.snapshots.run_snapshot import RunSnapshot
from forge_emu.testing.events import Event, ProductEvent
from forge_emu.testing.serving.contract import (
    AdvanceOrder,
    EventChanges,
    FigureValue,
    InvokeOrder,
    NowAnswer,
    RefusedFigures,
    SnapshotName,
    Story,
    SummaryAnswer,
    WebAnswer,
    WebOrder,
    event_view,
)
from forge_emu.testing.serving.followed import FollowedEmulator

_MOST: Final = 2**53


class ServedEmulator:
    """Serves one emulator, and keeps its snapshots."""

    def __init__(self, emulator: FollowedEmulator) -> None:
        self._emulator = emulator
        self._snapshots: dict[int, RunSnapshot] = {}
        self._numbers = count(1)

    @property
    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route("/v1/test/until-idle", self.until_idle, methods=["POST"]),
            Route("/v1/test/advance", self.advance, methods=["POST"]),
            Route("/v1/test/next", self.next, methods=["POST"]),
            Route("/v1/test/invoke", self.invoke, methods=["POST"]),
            Route("/v1/test/web", self.web, methods=["POST"]),
            Route("/v1/test/pre-uninstall", self.pre_uninstall, methods=["POST"]),
            Route("/v1/test/events", self.events),
            Route("/v1/test/story", self.story),
            Route("/v1/test/summary", self.summary),
            Route("/v1/test/figure", self.figure),
            Route("/v1/test/snapshots", self.snapshot, methods=["POST"]),
            Route("/v1/test/snapshots/{snapshot:int}", self.restore, methods=["POST"]),
            Route("/v1/test/snapshots/{snapshot:int}", self.forget, methods=["DELETE"]),
        ]

    async def until_idle(self, request: Request) -> Response:
        """Move time on until nothing is planned, waiting or running; answers then."""
        await self._emulator.until_idle()
        return json_response(NowAnswer(self._emulator.now))

    async def advance(self, request: Request) -> Response:
        """Move time on, and do all that is due until then; answers then."""
        order: AdvanceOrder = await read_body(request, AdvanceOrder)
        await self._emulator.advance(order.span_ms / 1000)
        return json_response(NowAnswer(self._emulator.now))

    async def invoke(self, request: Request) -> Response:
        """Call a function; time moves on until it has ended."""
        order: InvokeOrder = await read_body(request, InvokeOrder)
        answer = await self._emulator.call(CallOrder(order.target, order.payload, order.context))
        return json_response(answer)

    async def next(self, request: Request) -> Response:
        """Move time on to the next instant at which something is due; answers then."""
        await self._emulator.next()
        return json_response(NowAnswer(self._emulator.now))

    async def web(self, request: Request) -> Response:
        """Call a web trigger; time moves on until it has answered."""
        order: WebOrder = await read_body(request, WebOrder)
        answer = await self._emulator.trigger_web(
            order.key,
            order.body,
            method=order.method,
            headers=order.headers,
            path=order.path,
            query=order.query,
            secret=order.secret,
        )
        return json_response(WebAnswer(**vars(answer)))

    async def pre_uninstall(self, request: Request) -> Response:
        """Call what runs before an uninstallation; time moves on until it has ended."""
        order: PreUninstallOrder = await read_body(request, PreUninstallOrder)
        return json_response(await self._emulator.trigger_pre_uninstall(order.key))

    async def events(self, request: Request) -> Response:
        """The events that something has happened to after the record `since`."""
        since = int_parameter(request, "since", 0, most=_MOST)
        logs = int_parameter(request, "logs_before", 0, most=_MOST)
        emulator = self._emulator
        every: list[Event | ProductEvent] = [*emulator.product_events, *emulator.events]
        changed = [e for e in every if e.records and e.records[-1].seq > since]
        changed.sort(key=lambda event: event.records[0].seq)
        changes = EventChanges(
            emulator.last_seq,
            emulator.now,
            [event_view(event) for event in changed],
            emulator.logs[logs:],
        )
        return json_response(changes)

    async def story(self, request: Request) -> Response:
        """The records of one event, as lines."""
        event = self._emulator.event(request.query_params.get("event", ""))
        return json_response(Story(event.story))

    async def summary(self, request: Request) -> Response:
        """What has happened up to now."""
        summary = self._emulator.summary
        kvs, push = summary.kvs, summary.push
        answer = SummaryAnswer(
            RefusedFigures(kvs.refused, kvs.refused_by, calls=kvs.calls),
            RefusedFigures(push.refused, push.refused_by, refused_events=push.refused_events),
            summary.whole,
        )
        return json_response(answer)

    async def figure(self, request: Request) -> Response:
        """One figure of conditions, by its name."""
        name = request.query_params.get("name", "")
        return json_response(FigureValue(self._emulator.summary.figure(name)))

    async def snapshot(self, request: Request) -> Response:
        """Take a snapshot; it is kept until it is deleted."""
        number = next(self._numbers)
        self._snapshots[number] = await self._emulator.snapshot()
        return json_response(SnapshotName(number))

    async def restore(self, request: Request) -> Response:
        """Go back to a snapshot."""
        await self._emulator.restore(self._find_snapshot(request))
        return json_response(NowAnswer(self._emulator.now))

    async def forget(self, request: Request) -> Response:
        """Forget a snapshot."""
        self._find_snapshot(request)
        del self._snapshots[request.path_params["snapshot"]]
        return json_response(NowAnswer(self._emulator.now))

    def _find_snapshot(self, request: Request) -> RunSnapshot:
        number = request.path_params["snapshot"]
        found = self._snapshots.get(number)
        if found is None:
            raise HTTPException(404, f"there is no snapshot {number}")
        return found
