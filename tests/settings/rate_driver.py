"""Drives an engine into a limit per time, whatever it counts, and looks where it shows."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from msgspec import structs

from forge_emu.engine.kvs.requests import (
    KvsBatch,
    KvsEntityQuery,
    KvsItem,
    KvsQuery,
    KvsTransaction,
)
from forge_emu.errors import Fault
from forge_emu.model import CallRequest, KvsRequest, LimitUsage, ModuleKind, PushItem
from forge_emu.ports import AppRequest
from forge_emu.records import CallFailed, KvsRefused, PushRefused, RequestAnswered, RetryScheduled
from forge_emu.report.page.capacity import Capacity
from forge_emu.report.summary import Summary
from forge_emu.report.summary_builder import SummaryBuilder
from forge_emu.report.usage import UsageOverTime, UsageSeries
from forge_emu.services.services import Services
from forge_emu.settings import RateSetting, Settings
from tests.engine.world import World, app

STORAGE = {
    "entities": [
        {
            "name": "note",
            "attributes": {"topic": {"type": "string"}, "text": {"type": "any"}},
            "indexes": ["topic"],
        }
    ]
}
SCOPES = ("storage:app", "read:jira-work", "read:confluence-content.all")
TEXT = b'"' + b"x" * 199_998 + b'"'
UNITS = 20
"""What storing or reading it once costs."""
MANY = 12
"""Refusals that make a finding."""


class RateDriver:
    """An engine in which one limit per time is in force, so low that a few calls meet it."""

    def __init__(self, setting: RateSetting, folder: Path) -> None:
        limit = UNITS if setting.rate.amount == "units" else 1
        self.setting = setting
        self.limit = limit
        self.settings = Settings("off", {setting.name: limit})
        override: dict[str, Any] = {setting.name.replace(".", "__"): limit}
        the_app = structs.replace(app(), storage=STORAGE, scopes=SCOPES)
        self.world = World(the_app, preset="off", **override)
        self.world.persist_to(folder)
        self._fill_store()

    def _fill_store(self) -> None:
        kvs, now = self.world.engine.kvs, self.world.now
        kvs.edit(KvsRequest("set", "k", TEXT), now)
        note = b'{"topic": "a", "text": ' + TEXT + b"}"
        for key in ("n1", "n2"):
            kvs.edit(KvsRequest("set", key, note, entity="note"), now)
        self.world.collect()
        self.world.records.clear()

    def run_into_limit(self) -> None:
        """Use the resource until the limit has refused, or deferred, often."""
        takes: dict[str, Callable[[], None]] = {
            "pushed_events": self._push,
            "store_calls": self._call_store,
            "invocations": self._send_event,
            "user_calls": self._call_function,
            "jira_points": lambda: self._call_product("jira", "/rest/api/3/issue/NO-1"),
            "confluence_points": lambda: self._call_product("confluence", "/wiki/api/v2/pages/1"),
        }
        take = takes[self.setting.rate.counts]
        for _ in range(200):
            take()
            if self.refusals >= MANY:
                return

    def _push(self) -> None:
        with suppress(Fault):
            self.world.push(PushItem.of({"n": 1}))

    def _send_event(self) -> None:
        self.world.send_product_event(len(self.world.records) + 1)

    def _call_function(self) -> None:
        request = CallRequest(ModuleKind.RESOLVER, "panel", "work", {}, 2)
        self.world.engine.function_calls.call_function(request, self.world.now)
        self.world.advance_to(self.world.now)

    def _call_product(self, product: str, path: str) -> None:
        options = {"type": "fpp", "provider": "app", "remote": product}
        request = AppRequest(1, None, options, path, "GET", {}, None)
        Services(self.world.engine).answer_request(request, self.world.now)
        self.world.collect()

    def _call_store(self) -> None:
        with suppress(Fault):
            CALLS[self.setting.rate.operations[0]](self.world)
        self.world.collect()

    @property
    def refusals(self) -> int:
        """How often the limit refused or deferred something, by the records."""
        return sum(
            (
                isinstance(body, PushRefused | KvsRefused | RequestAnswered)
                and body.limit == self.setting.name
            )
            or (isinstance(body, RetryScheduled | CallFailed) and body.limit == self.setting.name)
            for body in (record.body for record in self.world.records)
        )

    @property
    def usage(self) -> LimitUsage | None:
        """The engine's figures of the limit."""
        every = self.world.engine.usage(self.world.now)
        return next((use for use in every if use.name == self.setting.name), None)

    @property
    def series(self) -> UsageSeries | None:
        """The use over time that the report draws."""
        usage = UsageOverTime(self.settings)
        for record in self.world.records:
            usage.add_record(record)
        found = usage.series(self.world.now)
        return next((series for series in found if series.name == self.setting.name), None)

    @property
    def capacity(self) -> float | None:
        """The calls that the report says fit into a minute."""
        capacity = Capacity(self.settings)
        for record in self.world.records:
            capacity.add_record(record)
        found = capacity.calls_per_minute([self.setting.name])
        return found[0]["per_minute"] if found else None

    @property
    def summary(self) -> Summary:
        """The summary of the run."""
        builder = SummaryBuilder(settings=self.settings)
        for record in self.world.records:
            builder.add_record(record)
        return builder.summary(now=self.world.now, usage=self.world.engine.usage(self.world.now))


def _one(operation: Any) -> Callable[[World], object]:
    text = TEXT if operation == "set" else None
    return lambda world: world.engine.kvs.call(KvsRequest(operation, "k", text), world.now)


def _many(call: Any) -> Callable[[World], object]:
    return lambda world: world.engine.kvs.call(call, world.now)


CALLS: dict[str, Callable[[World], object]] = {
    "get": _one("get"),
    "set": _one("set"),
    "delete": _one("delete"),
    "query": _many(KvsQuery()),
    "query_entity": _many(KvsEntityQuery("note", "topic")),
    "batch_get": _many(KvsBatch("batch_get", (KvsItem("k"),))),
    "batch_set": _many(KvsBatch("batch_set", (KvsItem("k", TEXT),))),
    "batch_delete": _many(KvsBatch("batch_delete", (KvsItem("k"),))),
    "transact": _many(KvsTransaction((KvsItem("k", TEXT),))),
}
"""A call of each operation of the store."""
