"""Stand-ins for the engine, and requests as the packages make them."""

from __future__ import annotations

import itertools
from typing import Any

import msgspec

from forge_emu.engine.engine import Engine
from forge_emu.engine.installation import Installation
from forge_emu.engine.journal.secrets import Secrets
from forge_emu.engine.kvs.requests import KvsAnswer, KvsCall
from forge_emu.engine.product_rates.product_rates import ProductRates
from forge_emu.engine.web_trigger_urls import WebTriggerUrls
from forge_emu.errors import Fault
from forge_emu.model import (
    App,
    Instant,
    Invocation,
    JobStats,
    KvsRequest,
    PushRequest,
)
from forge_emu.ports import AppRequest, AppResponse
from forge_emu.records import AnyBody
from forge_emu.services.services import Services
from forge_emu.settings import Settings, SettingValue
from forge_emu.site.site import Site
from tests.engine.world import new_engine

EPOCH = 1_767_225_600_000  # 2026-01-01T00:00:00Z
STARGATE = {"type": "fpp", "provider": "app", "remote": "stargate"}
KVS = {"type": "kvs", "provider": "app", "remote": "kvs"}


class ScriptedPlatform:
    """Records every call, and answers or raises what it was told to."""

    def __init__(
        self,
        *,
        fault: Exception | None = None,
        found: KvsAnswer | None = None,
        overrides: dict[str, SettingValue] | None = None,
        loses: bool = False,
        egress: tuple[str, ...] = (),
        timeout_ms: int | None = None,
    ) -> None:
        self._loses = loses
        self.app = App("id", "Test", "manifest.yml", None, {}, (), (), egress=egress)
        self._timeout_ms = timeout_ms
        self.settings = Settings(overrides=overrides)
        self.epoch_ms = EPOCH
        self.calls: list[Any] = []
        self.records: list[AnyBody] = []
        self._fault = fault
        self._found = found or KvsAnswer()
        self.site = Site()
        self.product_rates = ProductRates(self.settings, EPOCH)
        self.web_trigger_urls = WebTriggerUrls(Secrets())
        self.installation = Installation("install-1", "cloud-1")

    def send_product_event(
        self, name: str, payload: dict[str, Any], invocation_id: str | None, now: Instant
    ) -> None:
        self._call(("event", name, payload))

    def principal_of(self, invocation_id: str | None) -> str | None:
        return None

    def invocation(self, invocation_id: str | None) -> Invocation | None:
        return None

    def timeout_of(self, invocation_id: str | None) -> int | None:
        return self._timeout_ms

    def push(self, request: PushRequest, now: Instant) -> str:
        self._call(request)
        return request.job_id

    def call_kvs(self, call: KvsCall, now: Instant) -> Any:
        self._call(call)
        return self._found if isinstance(call, KvsRequest) else KvsAnswer()

    def cancel_job(self, job_id: str, queue: str | None, now: Instant) -> None:
        self._call(("cancel", job_id, queue))

    def job_stats(self, job_id: str, queue: str | None = None) -> JobStats:
        self._call(("stats", job_id, queue))
        return JobStats(success=3, in_progress=2, failed=1)

    def has_given_up(self, invocation_id: str) -> bool:
        return invocation_id == "given-up"

    def inject_product_fault(self, product: str, invocation_id: str | None, now: Instant) -> None:
        self._call(("product", invocation_id))

    def loses_request(self, invocation_id: str, request: str) -> bool:
        return self._loses

    def record(self, body: AnyBody, now: Instant) -> None:
        self.records.append(body)

    def _call(self, call: Any) -> None:
        self.calls.append(call)
        if self._fault is not None:
            raise self._fault


THING = {
    "name": "thing",
    "attributes": {"value": {"type": "integer"}, "key": {"type": "string"}},
    "indexes": ["value", {"name": "by-key-of", "partition": ["key"], "range": ["value"]}],
}


def engine(overrides: dict[str, SettingValue] | None = None) -> Engine:
    """A real engine for an app without functions, and with one entity."""
    ids = itertools.count(1)
    app = App(
        "ari:cloud:ecosystem::app/1",
        "Test",
        "manifest.yml",
        "nodejs22.x",
        {},
        (),
        (),
        scopes=("storage:app",),
        storage={"entities": [THING]},
    )
    return new_engine(
        app,
        Settings(overrides=overrides),
        epoch_ms=EPOCH,
        new_id=lambda: f"id-{next(ids)}",
        chance=lambda: 0.5,
    )


def request(
    path: str,
    body: Any = None,
    options: dict[str, Any] | None = None,
    *,
    method: str = "POST",
    invocation_id: str | None = "inv-1",
    late: bool = False,
) -> AppRequest:
    """A call through `__forge_fetch__`; `body` is sent as it is when it is text."""
    text = body if isinstance(body, str | None) else msgspec.json.encode(body).decode()
    return AppRequest(
        1, invocation_id, STARGATE if options is None else options, path, method, {}, text, late
    )


def send_request(
    platform: Any, path: str, body: Any = None, options: dict[str, Any] | None = None
) -> AppResponse:
    """One request to fresh services, answered at the instant 0."""
    return Services(platform).answer_request(request(path, body, options), 0)


def json_of(response: AppResponse) -> Any:
    """The body of a response, decoded."""
    return msgspec.json.decode(response.body)


def fault(status: int, code: str = "SOME_CODE", message: str = "Some message.") -> Fault:
    """A refusal as the engine raises it."""
    return Fault(status, {"code": code, "message": message}, limit="limits.some")


class Wire:
    """The service above a real engine."""

    def __init__(self, overrides: dict[str, SettingValue] | None = None) -> None:
        self.engine: Engine = engine(overrides)
        self.services = Services(self.engine)

    def call(self, path: str, body: Any, now: int = 0) -> tuple[int, Any]:
        """Status and decoded body."""
        response = self.services.answer_request(request(f"/api/v1/{path}", body, KVS), now)
        return response.status, json_of(response) if response.body else None

    def set(self, **values: Any) -> Wire:
        """Store values one by one."""
        for key, value in values.items():
            assert self.call("set", {"key": key, "value": value}) == (204, None)
        return self

    def bodies(self, kind: type[Any]) -> list[Any]:
        """The records of one kind since the last call."""
        return [x.body for x in self.engine.take_records() if isinstance(x.body, kind)]


def thing(key: str, value: int | None = None, **more: Any) -> dict[str, Any]:
    """A thing in a body."""
    body = {"entityName": "thing", "key": key, **more}
    return body if value is None else {**body, "value": {"value": value, "key": f"of {value % 2}"}}
