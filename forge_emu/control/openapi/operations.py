"""Every operation of the control API, with the types that its route reads and answers."""

from __future__ import annotations

from typing import Any, Final

from forge_emu.control.addresses import JWKS_PATH
from forge_emu.control.calls.contract import (
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
    KvsEntry,
    KvsPage,
    QueueOrder,
    QueueReceipt,
    TriggerOrder,
    TriggerReceipt,
)
from forge_emu.control.openapi.operation import Operation, Parameter
from forge_emu.control.push_contract import PushOrder, PushReceipt
from forge_emu.control.schedules.contract import (
    ScheduleOrder,
    SchedulePause,
    SchedulePauseReceipt,
    ScheduleState,
    StartedCall,
)
from forge_emu.control.site_contract import SiteAnswer, SiteOrder, SiteReceipt
from forge_emu.report.summary import Summary

NDJSON: Final = "application/x-ndjson"

_BY_NAME: Final = (404,)
_KEY: Final = Parameter("key", "The key.", required=True)
_SECRET: Final = Parameter("secret", "Of the store of secrets.", bool)
_SHOW: Final = Parameter("show_secrets", "The values of secrets too.", bool)
_ENTITY: Final = Parameter("entity", "Of this custom entity.")

# fmt: off
OPERATIONS: Final = (
    Operation(
        "GET", JWKS_PATH, "jwks", "The public keys that verify the tokens of remotes.", public=True,
    ),
    Operation("GET", "/v1/openapi.json", "openapi", "This document."),
    Operation("GET", "/v1/status", "status", "Who this is and how it is going."),
    Operation(
        "POST", "/v1/trigger", "trigger", "Send product events.", TriggerReceipt, TriggerOrder,
    ),
    Operation(
        "GET", "/v1/batches/{batch}", "batch", "How far a batch is.", BatchStatus,
        statuses=_BY_NAME,
    ),
    Operation(
        "GET", "/v1/batches/{batch}/summary", "batchSummary", "What follows from a batch.",
        Summary, statuses=_BY_NAME,
    ),
    Operation(
        "GET", "/v1/records", "records", "The stream of records, one JSON object a line.",
        str, media=NDJSON,
        parameters=(
            Parameter("follow", "Go on with what happens from now on.", bool),
            Parameter("since", "Only records with a number above this.", int),
            Parameter("since_at", "Only records from this instant on, in milliseconds.", int),
            Parameter("type", "Only this type, or the first part of one.", repeated=True),
            Parameter("queue", "Only records about events of this queue."),
            Parameter("event", "Only records about this event, or what follows from it."),
            Parameter("outcome", "Only this outcome."),
            Parameter("who", "Say what each record is about.", bool),
        ),
    ),
    Operation("GET", "/v1/clock", "clock", "Where emulated time stands.", ClockState),
    Operation(
        "POST", "/v1/clock", "setClock", "Move time, stop it, or change its speed.",
        ClockState, ClockOrder,
    ),
    Operation("GET", "/v1/limits", "limits", "Every setting, and the use of limited resources."),
    Operation(
        "GET", "/v1/queue", "queue", "Deliveries: those that have not ended, and the dropped ones.",
        parameters=(
            Parameter("queue", "Only events of this queue."),
            Parameter("state", "Only this state, or `pending`."),
            Parameter("target", "Only what this names: an id, a job, an issue key."),
            Parameter("limit", "How many to list.", int),
        ),
        statuses=_BY_NAME,
    ),
    Operation(
        "POST", "/v1/queue", "changeQueue", "Cancel, run now, replay, pause or resume.",
        QueueReceipt, QueueOrder, statuses=_BY_NAME,
    ),
    Operation(
        "POST", "/v1/queue/push", "push", "Push events to a queue.", PushReceipt, PushOrder,
        statuses=_BY_NAME,
    ),
    Operation(
        "GET", "/v1/kvs", "kvs", "A page of the store, in the order of the keys.", KvsPage,
        parameters=(
            Parameter("prefix", "Only keys that begin so."),
            Parameter("after", "Only keys after this one."),
            _SECRET, _SHOW, _ENTITY,
        ),
    ),
    Operation(
        "PUT", "/v1/kvs", "kvsSet", "Store values, all or none.", dict[str, int], list[KvsEntry],
    ),
    Operation(
        "GET", "/v1/kvs/entities", "kvsEntities", "How many values each custom entity has.",
        dict[str, int],
    ),
    Operation(
        "GET", "/v1/kvs/value", "kvsGet", "One value.", KvsEntry, statuses=_BY_NAME,
        parameters=(_KEY, _SECRET, _SHOW, _ENTITY),
    ),
    Operation(
        "DELETE", "/v1/kvs/value", "kvsDelete", "Delete one value.", dict[str, bool],
        statuses=_BY_NAME, parameters=(_KEY, _SECRET, _ENTITY),
    ),
    Operation(
        "GET", "/v1/schedules", "schedules", "The scheduled triggers.", list[ScheduleState],
    ),
    Operation(
        "POST", "/v1/schedules", "runSchedule", "Run a scheduled trigger once more, now.",
        StartedCall, ScheduleOrder, statuses=_BY_NAME,
    ),
    Operation(
        "POST", "/v1/schedules/pause", "pauseSchedules", "Pause or resume scheduled triggers.",
        SchedulePauseReceipt, SchedulePause, statuses=_BY_NAME,
    ),
    Operation(
        "GET", "/v1/payload", "payload", "What is in an event, and what became of it.",
        statuses=_BY_NAME,
        parameters=(Parameter("event", "The id, or the start of one.", required=True),),
    ),
    Operation("GET", "/v1/site", "site", "How many things of each kind there are.", SiteReceipt),
    Operation("POST", "/v1/site", "changeSite", "Change the site.", SiteReceipt, SiteOrder),
    Operation(
        "GET", "/v1/site/things", "siteThings", "Everything on the site.",
        dict[str, dict[str, Any]],
    ),
    Operation(
        "GET", "/v1/site/answer", "siteAnswer", "What a product answers to a GET.", SiteAnswer,
        parameters=(
            Parameter("product", "`jira` or `confluence`.", required=True),
            Parameter("path", "The path of the request.", required=True),
        ),
    ),
    Operation(
        "POST", "/v1/call", "call", "Call a function, and wait for its end.",
        CallAnswers, CallOrder, statuses=_BY_NAME,
    ),
    Operation(
        "POST", "/v1/pre-uninstall", "preUninstall", "Call the preUninstall modules.",
        list[PreUninstallAnswer], PreUninstallOrder, statuses=_BY_NAME,
    ),
    Operation(
        "GET", "/v1/web-triggers", "webTriggers", "The web triggers, and their addresses.",
        list[WebTriggerState],
    ),
    Operation(
        "GET", "/", "page", "The live page, for who has its cookie.", str,
        parameters=(Parameter("token", "That of a link, which gives the cookie."),),
        media="text/html", public=True,
    ),
    Operation(
        "GET", "/v1/page", "pageChanges", "What the live page shows, one JSON object a line.",
        str, media=NDJSON,
    ),
    Operation(
        "GET", "/v1/page/example", "pageExample", "An example of an event's payload.",
        parameters=(Parameter("event", "The event's name.", required=True),),
    ),
    Operation(
        "POST", "/v1/page/link", "pageLink", "A new link to the live page.", dict[str, str],
    ),
)
# fmt: on
