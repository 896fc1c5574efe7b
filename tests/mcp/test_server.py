"""The server as a client of the official SDK sees it, over stdin and stdout."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, StdioServerParameters
from mcp.types import TextContent

from tests.conftest import ROOT, AppDir
from tests.testing.app import write_app

TOOLS = {
    "load", "trigger", "push", "invoke", "until_idle", "clock",
    "summary", "advice", "events", "story", "store_read", "store_write",
}  # fmt: skip


class Connection:
    """A client that is connected."""

    def __init__(self, client: Client) -> None:
        self.client = client

    async def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """What a tool answers."""
        result = await self.client.call_tool(tool, arguments)
        assert not result.is_error, result.content
        assert result.structured_content is not None
        return dict(result.structured_content)

    async def refusal(self, tool: str, **arguments: Any) -> str:
        """What is said of a call that fails."""
        result = await self.client.call_tool(tool, arguments)
        assert result.is_error
        [content] = result.content
        assert isinstance(content, TextContent)
        return str(content.text)


def connected(scene: Callable[[Connection], Coroutine[Any, Any, None]]) -> None:
    """Start the server as an editor does, and play a scene."""

    async def play() -> None:
        parameters = StdioServerParameters(
            command=sys.executable, args=["-m", "forge_emu", "mcp"], cwd=ROOT
        )
        async with Client(parameters, read_timeout_seconds=120) as client:
            await scene(Connection(client))

    asyncio.run(play())


@pytest.fixture
def app(app_dir: AppDir) -> Path:
    """An app that pushes each issue, and stores it a minute later."""
    return write_app(app_dir)


def test_a_client_sees_the_tools() -> None:
    """Each with words for it, and a schema of its arguments."""

    async def scene(server: Connection) -> None:
        listed = (await server.client.list_tools()).tools
        assert {tool.name for tool in listed} == TOOLS
        assert all(tool.description for tool in listed)
        [load] = [tool for tool in listed if tool.name == "load"]
        assert load.input_schema["required"] == ["app"]
        assert {"seed", "settings", "faults", "kvs"} < set(load.input_schema["properties"])

    connected(scene)


def test_an_app_is_loaded_and_played(app: Path) -> None:
    """Events, time, figures, findings, the story of an event, and the store."""

    async def scene(server: Connection) -> None:
        loaded = await server.call("load", app=str(app), seed=3, kvs={"slow": ["EMU-2"]})
        assert loaded["queues"] == ["notes"]
        assert loaded["functions"] == ["created", "double", "store"]
        assert loaded["product_events"] == ["avi:jira:created:issue"]

        sent = await server.call("trigger", event="issue-created", count=3)
        assert sent["count"] == 3
        assert (await server.call("clock", advance="61s"))["events"]["succeeded"] == 2
        assert (await server.call("clock"))["now_ms"] == 61_000

        ended = await server.call("until_idle")
        assert (ended["events"]["succeeded"], ended["retries"]) == (3, 1)
        assert ended["now_ms"] == 180_000
        summary = await server.call("summary")
        assert (summary["seed"], summary["events"]["pushed"]) == (3, 3)
        assert summary["cost"]["usd"] > 0

        assert (await server.call("store_read", key="note:EMU-2"))["value"] == {"done": True}
        assert (await server.call("store_read", key="note:EMU-9"))["found"] is False
        assert (await server.call("store_read", prefix="note:"))["keys"] == [
            "note:EMU-1", "note:EMU-2", "note:EMU-3",
        ]  # fmt: skip

    connected(scene)


def test_what_went_wrong_is_told(app: Path) -> None:
    """What was dropped, why, and what to do about it."""

    async def scene(server: Connection) -> None:
        await server.call("load", app=str(app), settings={"async_events.max_retries": 2})
        await server.call("store_write", key="bad", value=["K-1"])
        [pushed] = (await server.call("push", queue="notes", body={"key": "K-1"}))["event_ids"]
        await server.call("until_idle")
        dropped = await server.call("events", state="dropped", queue="notes")
        assert dropped["count"] == 1
        [row] = dropped["events"]
        assert (row["id"], row["reason"], row["attempts"]) == (pushed, "max_retries", 3)
        story = await server.call("story", event_id=pushed[:8])
        assert story["logs"] == ["storing K-1"] * 3
        assert sum("ValueError" in line for line in story["records"]) == 3
        rules = {finding["rule"] for finding in (await server.call("advice"))["advice"]}
        assert "dropped_max_retries" in rules

    connected(scene)


def test_functions_are_called(app: Path) -> None:
    """What they return; what they throw is an error of the tool."""

    async def scene(server: Connection) -> None:
        await server.call("load", app=str(app))
        assert await server.call("invoke", function="double", payload={"n": 21}) == {"result": 42}
        assert "double failed: error, KeyError" in await server.refusal(
            "invoke", function="double", payload={}
        )

    connected(scene)


def test_one_seed_gives_one_run(app: Path) -> None:
    """Loading again begins anew."""

    async def scene(server: Connection) -> None:
        runs = []
        for _ in range(2):
            await server.call("load", app=str(app), seed=5, faults=["kvs.error=30%"])
            await server.call("trigger", event="issue-created", count=5)
            await server.call("until_idle")
            runs.append((await server.call("summary"), await server.call("events")))
        assert runs[0] == runs[1]
        assert runs[0][0]["faults"]["kvs.error"] > 0

    connected(scene)


def test_wrong_calls_are_answered_in_the_words_of_the_command_line(
    app: Path, tmp_path: Path
) -> None:
    """And the server goes on."""
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "manifest.yml").write_text("app: [\n")

    async def scene(server: Connection) -> None:
        assert "no app is loaded. Call load" in await server.refusal("summary")
        assert "'nowhere' is no directory" in await server.refusal("load", app="nowhere")
        assert "manifest.yml:2: error: " in await server.refusal("load", app=str(broken))
        await server.call("load", app=str(app))
        assert "no event is called 'isue-created'" in await server.refusal(
            "trigger", event="isue-created"
        )
        assert "there is no queue 'nots'" in await server.refusal("events", queue="nots")
        assert "no event is ever 'lost'" in await server.refusal("events", state="lost")
        assert "there is no custom entity 'notes'" in await server.refusal(
            "store_read", entity="notes"
        )
        assert "needs at least one character. Edits" in await server.refusal(
            "store_write", key="", value=1
        )
        assert "there is no event 'abc'" in await server.refusal("story", event_id="abc")
        assert "'soon' is no span of time" in await server.refusal("clock", advance="soon")
        assert "count" in await server.refusal("trigger", event="issue-created", count=0)
        assert "trigger has no argument 'cuont'. Did you mean count?" in await server.refusal(
            "trigger", event="issue-created", cuont=20
        )
        assert "clock has no argument 'span'. It has advance." in await server.refusal(
            "clock", span="15m"
        )
        assert "until_idle has no argument 'x'. It has none." in await server.refusal(
            "until_idle", x=1
        )
        said = await server.refusal("story")
        assert ("story needs event_id. It has event_id." in said, "pydantic" in said) == (
            True,
            False,
        )
        assert "there is no setting 'limts'" in await server.refusal(
            "load", app=str(app), settings={"limts": 1}
        )
        assert "no app is loaded" in await server.refusal("until_idle")

    connected(scene)
