"""What is said of an event that is named by the beginning of its id."""

from __future__ import annotations

import asyncio

import pytest

from forge_emu.errors import UserError
from forge_emu.mcp.session import Session
from tests.conftest import AppDir
from tests.testing.app import write_app


def test_an_id_that_begins_several_is_refused(app_dir: AppDir) -> None:
    """With their number."""

    async def scene() -> None:
        session = Session()
        try:
            await session.load(str(write_app(app_dir)), {})
            await session.trigger("issue-created", 40, {})
            await session.until_idle()
            ids = [row["id"] for row in (await session.events(None, None, 1_000))["events"]]
            assert len(ids) == 80
            first = next(id[0] for id in ids if sum(other[0] == id[0] for other in ids) > 1)
            with pytest.raises(UserError, match="events have ids that begin with"):
                await session.story(first)
            with pytest.raises(UserError, match="there is no event ''"):
                await session.story("")
        finally:
            await session.close()

    asyncio.run(scene())
