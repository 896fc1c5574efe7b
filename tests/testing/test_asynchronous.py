"""`forge_emu.testing.AsyncEmulator`: the same for coroutines, and in real time."""

from __future__ import annotations

import asyncio

import pytest

from forge_emu.testing import AsyncEmulator, UserError
from tests.conftest import AppDir
from tests.testing.app import write_app


def test_coroutines_wait_for_the_emulator(app_dir: AppDir) -> None:
    """Every verb."""

    async def scene() -> None:
        async with AsyncEmulator(write_app(app_dir), seed=3) as emu:
            await emu.trigger("issue-created", count=2, sets={"issue.fields.summary": "x"})
            await emu.advance("1m")
            assert [event.state for event in emu.events] == ["succeeded"] * 2
            assert await emu.invoke("double", {"n": 1}) == 2
            await emu.push("notes", {"key": "K-1"})
            assert (await emu.until_idle()).events.succeeded == 3
            assert emu.kvs["note:K-1"] == {"done": True}
            assert len(emu.product_events) == 2
        with pytest.raises(UserError, match="does not run"):
            await emu.until_idle()

    asyncio.run(scene())


def test_real_time_is_there_too(app_dir: AppDir) -> None:
    """What is due in an hour is not waited for where time is moved."""

    async def scene() -> None:
        async with AsyncEmulator(write_app(app_dir), virtual=False) as emu:
            assert await emu.invoke("double", {"n": 2}) == 4
            await emu.push("notes", {"key": "K-1"}, delay="15m")
            await emu.advance("15m")
            await emu.until_idle()
            assert emu.kvs["note:K-1"] == {"done": True}

    asyncio.run(scene())


def test_an_app_that_cannot_load_is_one_error(app_dir: AppDir) -> None:
    """With its place."""

    async def scene() -> None:
        async with AsyncEmulator(app_dir({"manifest.yml": "modules: {}\n"})):
            pytest.fail("it started")

    with pytest.raises(UserError, match=r"manifest\.yml"):
        asyncio.run(scene())


def test_nothing_happens_while_time_stands(app_dir: AppDir) -> None:
    """Not even what is due now. Where two move it, the first to end does not stop the other."""

    async def play() -> None:
        async with AsyncEmulator(write_app(app_dir)) as emu:
            await emu.trigger("issue-created")
            for _ in range(50):
                await asyncio.sleep(0)
            assert [event.state for event in emu.product_events] == []
            answers = await asyncio.gather(
                emu.invoke("double", {"n": 1}), emu.invoke("double", {"n": 2})
            )
            assert list(answers) == [2, 4]
            await emu.until_idle()
            assert len(emu.product_events) == 1

    asyncio.run(play())
