"""Whatever the store is asked for, a refusal and an answer that is none are raised."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from forge_emu import sdk
from forge_emu.sdk import (
    kvs,
)
from tests.sdk.fake_platform import PAGE_FOUND, fake_platform

CALLS: list[Any] = [
    lambda: kvs.query().get_many(),
    lambda: kvs.query().get_one(),
    lambda: kvs.batch_set([]),
    lambda: kvs.batch_get([]),
    lambda: kvs.batch_delete([]),
    lambda: kvs.transact().execute(),
]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("code", ["TOO_MANY_REQUESTS", "KEY_NOT_FOUND"])
def test_refusals_are_raised(call: Any, code: str) -> None:
    """Whatever their code: only a single key may be unknown."""
    with (
        fake_platform(429, {"code": code, "message": "no"}),
        pytest.raises(sdk.ForgeKvsAPIError, match=r"^no$") as caught,
    ):
        call()

    assert caught.value.code == code
    assert caught.value.response_details["status"] == 429


@pytest.mark.parametrize("call", CALLS[:5])
def test_an_answer_without_json_is_an_error(call: Any) -> None:
    """As in the package."""
    with fake_platform(204), pytest.raises(sdk.ForgeKvsAPIError, match="not valid JSON"):
        call()


def test_all_of_them_can_be_awaited() -> None:
    """In async handlers."""

    async def handler() -> list[Any]:
        page = await kvs.query().get_many()
        first = await kvs.query().get_one()
        return [page.results, first]

    with fake_platform(200, PAGE_FOUND):
        results, first = asyncio.run(handler())
    assert results == [first]
    with fake_platform(204):
        asyncio.run(_execute())


async def _execute() -> None:
    assert await kvs.transact().delete("a").execute() is None  # type: ignore[func-returns-value]
