"""Each route is described, with the types that it really reads and answers."""

from __future__ import annotations

import asyncio
import typing
from typing import Any

import httpx
import jsonschema
import msgspec
import pytest
from starlette.routing import Route

from forge_emu.control.api import create_api
from forge_emu.control.openapi.document import openapi_document
from forge_emu.control.openapi.operation import Operation
from forge_emu.control.openapi.operations import OPERATIONS
from forge_emu.services.remote_api.requests import is_api_path
from forge_emu.services.web_triggers.addresses import split_path
from forge_emu.testing.serving.followed import FollowedEmulator
from forge_emu.testing.serving.operations import TEST_OPERATIONS
from forge_emu.testing.serving.routes import ServedEmulator
from tests.control.fakes import TOKEN, FakeEmulator
from tests.control.page.fake_page import FakePage

EVERY = (*OPERATIONS, *TEST_OPERATIONS)
DOCUMENT = openapi_document(EVERY)


def answered(method: str, path: str, content: bytes | None = None) -> httpx.Response:
    """What a fake emulator answers."""

    async def ask() -> httpx.Response:
        app = create_api(
            FakeEmulator(),
            page=FakePage(),
            more_routes=ServedEmulator(FollowedEmulator(".")).routes,
            more_operations=TEST_OPERATIONS,
        )
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        headers = {"authorization": f"Bearer {TOKEN}"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:1", headers=headers
        ) as client:
            return await client.request(method, path, content=content)

    return asyncio.run(ask())


def test_every_route_is_described_once() -> None:
    """And none that is not there. Addresses of web triggers and of remotes are the app's own."""
    routes = create_api(FakeEmulator(), page=FakePage()).routes
    served = set()
    for route in (*routes, *ServedEmulator(FollowedEmulator(".")).routes):
        assert isinstance(route, Route)
        if not (split_path(route.path) or is_api_path(route.path)):
            served |= {(m, route.path) for m in route.methods or () if m != "HEAD"}
    described = [(each.method, each.path) for each in EVERY]
    assert sorted(described) == sorted(served)


@pytest.mark.parametrize(
    "operation", [each for each in EVERY if each.body is not None], ids=lambda o: o.name
)
def test_a_route_reads_the_body_that_is_described(operation: Operation) -> None:
    """It knows the fields of that type, and refuses another one by its name."""
    is_list = typing.get_origin(operation.body) is list
    struct = typing.get_args(operation.body)[0] if is_list else operation.body
    fields: dict[str, Any] = {
        f.encode_name: _example(f.type) for f in msgspec.structs.fields(struct)
    }
    known = [fields] if is_list else fields
    wrong = [{**fields, "nope": 1}] if is_list else {**fields, "nope": 1}
    answer = answered(operation.method, operation.path, msgspec.json.encode(wrong))
    assert answer.status_code == 400
    assert "unknown field `nope`" in answer.text
    answer = answered(operation.method, operation.path, msgspec.json.encode(known))
    assert "unknown field" not in answer.text


def _example(kind: Any) -> Any:
    """A value of a type that a field has."""
    values: list[Any] = [None, 1, "x", "pause", [], {}, True]
    for value in values:
        try:
            if kind is msgspec.Raw:
                return value
            msgspec.convert(value, kind)
        except msgspec.ValidationError:
            continue
        return value
    raise AssertionError(kind)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/v1/status", None),
        ("GET", "/v1/clock", None),
        ("GET", "/v1/limits", None),
        ("GET", "/v1/queue", None),
        ("GET", "/v1/kvs", None),
        ("GET", "/v1/kvs/entities", None),
        ("GET", "/v1/schedules", None),
        ("GET", "/v1/site", None),
        ("GET", "/v1/site/things", None),
        ("GET", "/v1/web-triggers", None),
        ("POST", "/v1/call", b'{"target": "f"}'),
        ("POST", "/v1/pre-uninstall", b"{}"),
        ("POST", "/v1/trigger", b'{"event": "issue-created"}'),
        ("POST", "/v1/clock", b'{"action": "pause"}'),
        ("PUT", "/v1/kvs", b'[{"key": "a", "value": 1}]'),
        ("POST", "/v1/queue", b'{"action": "pause"}'),
        ("POST", "/v1/page/link", None),
    ],
)
def test_answers_are_what_is_described(method: str, path: str, body: bytes | None) -> None:
    """By the schemas of the document."""
    answer = answered(method, path, body)
    assert answer.status_code == 200, answer.text
    described = DOCUMENT["paths"][path][method.lower()]["responses"]["200"]["content"]
    schema = {
        **described["application/json"]["schema"],
        "components": DOCUMENT["components"],
    }
    jsonschema.Draft202012Validator(schema).validate(answer.json())


def test_refusals_are_what_is_described() -> None:
    """All have one form."""
    for method, path, status in (
        ("GET", "/v1/kvs/value?key=x", 404),
        ("GET", "/v1/records?follow=2", 400),
        ("POST", "/v1/trigger", 400),
    ):
        answer = answered(method, path, b"{")
        assert answer.status_code == status
        schema = {"$ref": "#/components/schemas/ErrorAnswer", "components": DOCUMENT["components"]}
        jsonschema.Draft202012Validator(schema).validate(answer.json())
