"""The OpenAPI document is valid, served, and versioned."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from openapi_spec_validator import validate
from starlette.applications import Starlette

from forge_emu.control.api import create_api
from forge_emu.control.openapi.document import openapi_document
from forge_emu.control.openapi.operation import API_VERSION, VERSION_HEADER
from forge_emu.control.openapi.operations import OPERATIONS
from forge_emu.testing.serving.operations import TEST_OPERATIONS
from tests.control.fakes import TOKEN, FakeEmulator
from tests.control.page.fake_page import FakePage


def asked(app: Starlette, path: str, token: str = TOKEN) -> httpx.Response:
    """The answer to a GET."""

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        headers = {"authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:1", headers=headers
        ) as client:
            return await client.get(path)

    return asyncio.run(ask())


def test_it_is_valid() -> None:
    """By the specification's own schema, with all references."""
    document = openapi_document((*OPERATIONS, *TEST_OPERATIONS))
    validate(document)
    names = [o["operationId"] for path in document["paths"].values() for o in path.values()]
    assert len(names) == len(set(names)) == len(OPERATIONS) + len(TEST_OPERATIONS)


def test_it_is_served_with_the_routes_that_there_are() -> None:
    """The live page's are there where it is; nobody gets it without the token."""
    alone: dict[str, Any] = asked(create_api(FakeEmulator()), "/v1/openapi.json").json()
    with_page = asked(create_api(FakeEmulator(), page=FakePage()), "/v1/openapi.json").json()
    assert set(with_page["paths"]) - set(alone["paths"]) == {
        "/",
        "/v1/page",
        "/v1/page/example",
        "/v1/page/link",
    }
    assert with_page == openapi_document(OPERATIONS)
    assert asked(create_api(FakeEmulator()), "/v1/openapi.json", "x").status_code == 401


@pytest.mark.parametrize("path", ["/v1/status", "/v1/nothing", "/v1/records", "/v1/batches/x"])
@pytest.mark.parametrize("token", [TOKEN, "wrong"])
def test_each_answer_says_which_contract_it_follows(path: str, token: str) -> None:
    """Refusals too; it is that of the document."""
    answer = asked(create_api(FakeEmulator()), path, token)
    assert answer.headers[VERSION_HEADER] == API_VERSION
    assert openapi_document(OPERATIONS)["info"]["version"] == API_VERSION
