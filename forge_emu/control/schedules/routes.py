"""The routes of the control API that list, run and pause scheduled triggers."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from forge_emu.control.http import json_response, read_body
from forge_emu.control.schedules.contract import ScheduleContract, ScheduleOrder, SchedulePause


def schedule_routes(schedules: ScheduleContract) -> list[Route]:
    """The routes to `schedules`."""

    async def listing(request: Request) -> Response:
        return json_response(schedules.list_schedules())

    async def run(request: Request) -> Response:
        return json_response(schedules.run_schedule(await read_body(request, ScheduleOrder)))

    async def pause(request: Request) -> Response:
        return json_response(schedules.pause_schedules(await read_body(request, SchedulePause)))

    return [
        Route("/v1/schedules", listing),
        Route("/v1/schedules", run, methods=["POST"]),
        Route("/v1/schedules/pause", pause, methods=["POST"]),
    ]
