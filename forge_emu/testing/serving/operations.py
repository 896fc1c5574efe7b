"""The operations of an emulator for tests, for the OpenAPI document."""

from __future__ import annotations

from typing import Final

from forge_emu.control.calls.contract import CallAnswer, PreUninstallAnswer, PreUninstallOrder
from forge_emu.control.openapi.operation import Operation, Parameter
from forge_emu.testing.serving.contract import (
    AdvanceOrder,
    EventChanges,
    FigureValue,
    InvokeOrder,
    NowAnswer,
    SnapshotName,
    Story,
    SummaryAnswer,
    WebAnswer,
    WebOrder,
)

_SNAPSHOT: Final = "/v1/test/snapshots/{snapshot:int}"

# fmt: off
TEST_OPERATIONS: Final = (
    Operation(
        "POST", "/v1/test/until-idle", "untilIdle",
        "Move time on until nothing is planned, waiting or running.", NowAnswer,
    ),
    Operation(
        "POST", "/v1/test/advance", "advance", "Move time on, and do all that is due until then.",
        NowAnswer, AdvanceOrder,
    ),
    Operation(
        "POST", "/v1/test/next", "next",
        "Move time on to the next instant at which something is due.", NowAnswer,
    ),
    Operation(
        "POST", "/v1/test/web", "callWebTrigger", "Call a web trigger while time moves on.",
        WebAnswer, WebOrder,
    ),
    Operation(
        "POST", "/v1/test/pre-uninstall", "preUninstallInTest",
        "Call what runs before an uninstallation while time moves on.",
        list[PreUninstallAnswer], PreUninstallOrder,
    ),
    Operation(
        "POST", "/v1/test/invoke", "invoke", "Call a function while time moves on.",
        CallAnswer, InvokeOrder,
    ),
    Operation(
        "GET", "/v1/test/events", "events", "The events that something has happened to.",
        EventChanges,
        parameters=(
            Parameter("since", "After this record.", int),
            Parameter("logs_before", "How many lines of the app are known.", int),
        ),
    ),
    Operation(
        "GET", "/v1/test/story", "story", "The records of an event as lines.", Story,
        parameters=(Parameter("event", "Its id.", required=True),),
    ),
    Operation("GET", "/v1/test/summary", "summary", "What has happened up to now.", SummaryAnswer),
    Operation(
        "GET", "/v1/test/figure", "figure", "A figure of conditions.", FigureValue,
        parameters=(Parameter("name", "Its name, such as p95.", required=True),),
    ),
    Operation("POST", "/v1/test/snapshots", "snapshot", "Take a snapshot.", SnapshotName),
    Operation(
        "POST", _SNAPSHOT, "restore", "Go back to a snapshot.", NowAnswer, statuses=(404,),
    ),
    Operation("DELETE", _SNAPSHOT, "forget", "Forget a snapshot.", NowAnswer, statuses=(404,)),
)
# fmt: on
