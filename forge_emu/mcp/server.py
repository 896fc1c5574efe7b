"""The server: its tools, and the words that a client reads of them."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated, Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from pydantic import Field

from forge_emu import __version__
from forge_emu.errors import ManifestError, UserError
from forge_emu.mcp.session import Answer, Session
from forge_emu.model import Json
from forge_emu.nearest import nearest_hint
from forge_emu.testing import CallError, EmulatorOptions, PushError

INSTRUCTIONS = (
    "Emulates Atlassian Forge below an app: product events, queues, retries, limits, the key-value "
    "store. Call load with the app's directory, then trigger, until_idle, summary and advice. Time "
    "is emulated and moves only when a tool moves it: hours of retries take seconds. The same seed "
    "gives the same run."
)

_Event = Annotated[str, Field(description="A product event: issue-created, or its full name.")]
_Count = Annotated[int, Field(ge=1, le=100_000, description="How many.")]
_Span = Annotated[str, Field(description="A span of time such as 90s, 15m or 2h.")]
_Settings = Annotated[
    dict[str, Any],
    Field(description="Settings by name: {'limits.kvs.write_units_per_minute': 100}."),
]
_Entity = Annotated[str, Field(description="A custom entity; empty for plain keys.")]


def make_server(session: Session) -> MCPServer:
    """The server with all tools, which share the session's emulator."""
    server = _CheckedServer(
        "forge-emu", version=__version__, instructions=INSTRUCTIONS, log_level="WARNING"
    )
    for tool in _Tools(session).all():
        server.add_tool(tool)
    return server


class _CheckedServer(MCPServer[Any]):
    """Refuses arguments that a tool has not, which the SDK would leave out without a word."""

    async def call_tool(self, name: str, arguments: dict[str, Any], context: Any = None) -> Any:
        """Call a tool. Raises ToolError for arguments that are missing or too many."""
        tool = next((tool for tool in await self.list_tools() if tool.name == name), None)
        if tool is not None:
            known = list(tool.input_schema.get("properties", ()))
            missing = [
                each for each in tool.input_schema.get("required", ()) if each not in arguments
            ]
            there = f"It has {', '.join(known)}." if known else "It has none."
            for given in arguments:
                if given not in known:
                    hint = nearest_hint(given, known, there)
                    raise ToolError(f"{name} has no argument {given!r}. {hint}")
            if missing:
                raise ToolError(f"{name} needs {' and '.join(missing)}. {there}")
        return await super().call_tool(name, arguments, context)


class _Tools:
    """Each public method is a tool: name, arguments and docstring are what a client sees."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> list[Any]:
        """Every tool."""
        return [
            self.load, self.trigger, self.push, self.invoke, self.until_idle, self.clock,
            self.summary, self.advice, self.events, self.story, self.store_read, self.store_write,
        ]  # fmt: skip

    async def load(
        self,
        app: Annotated[str, Field(description="The directory of manifest.yml.")],
        seed: int = 1,
        settings: _Settings | None = None,
        faults: Annotated[list[str] | None, Field(description="Such as ['kvs.error=5%'].")] = None,
        kvs: Annotated[
            dict[str, Any] | None, Field(description="What the store begins with.")
        ] = None,
    ) -> Answer:
        """Load a Forge app into a new emulator with an empty state; answers what the app has."""
        options: EmulatorOptions = {
            "seed": seed, "settings": settings or {}, "faults": faults or (), "kvs": kvs or {},
        }  # fmt: skip
        return await _answer(self._session.load(app, options))

    async def trigger(
        self,
        event: _Event,
        count: _Count = 1,
        key: Annotated[str | None, Field(description="What all are about: EMU-7.")] = None,
        data: Annotated[
            dict[str, Any] | None, Field(description="Merged over the payload.")
        ] = None,
        spread: _Span | None = None,
    ) -> Answer:
        """Send product events, all at once or spread over a span. They happen when time moves on:
        call until_idle or clock."""
        more = {"key": key, "data": data, "spread": spread}
        return await _answer(self._session.trigger(event, count, more))

    async def push(
        self, queue: str, body: dict[str, Any], count: _Count = 1, delay: _Span = "0s"
    ) -> Answer:
        """Push events to a queue of the app, as its own code would."""
        return await _answer(self._session.push(queue, body, count, delay))

    async def invoke(
        self,
        function: Annotated[str, Field(description="FUNCTION, or FUNCTION.KEY of a resolver.")],
        payload: Any = None,
    ) -> Answer:
        """Call a function or a resolver of the app, and answer what it returns."""
        given: Json = payload
        return await _answer(self._session.invoke(function, given))

    async def until_idle(self) -> Answer:
        """Move time on until nothing is planned, waiting or running: retries are played to their
        end. Answers events by state."""
        return await _answer(self._session.until_idle())

    async def clock(self, advance: _Span | None = None) -> Answer:
        """Say where the run stands, in emulated milliseconds; with `advance`, after moving time on
        by a span."""
        return await _answer(self._session.clock(advance))

    async def summary(self) -> Answer:
        """What has happened so far: events, attempts, retries, refusals, use of limits, durations,
        errors, cost, advice."""
        return await _answer(self._session.summary())

    async def advice(self) -> Answer:
        """Findings about the app, the gravest first, with numbers and places in its code."""
        return await _answer(self._session.advice())

    async def events(
        self,
        state: Annotated[
            str | None, Field(description="pending, succeeded, dropped, expired or cancelled.")
        ] = None,
        queue: str | None = None,
        limit: Annotated[int, Field(ge=1, le=1000)] = 50,
    ) -> Answer:
        """List product events and events of queues with their ids, by state or queue."""
        return await _answer(self._session.events(state, queue, limit))

    async def story(
        self, event_id: Annotated[str, Field(description="An id, or its first characters.")]
    ) -> Answer:
        """All that happened to one event: pushes, attempts, refusals, retries, what was printed."""
        return await _answer(self._session.story(event_id))

    async def store_read(
        self, key: str | None = None, prefix: str = "", entity: _Entity = ""
    ) -> Answer:
        """Read a value of the key-value store; without `key`, list the keys with a prefix. Secret
        values are not shown."""
        return await _answer(self._session.store_read(key, prefix, entity))

    async def store_write(self, key: str, value: Any, entity: _Entity = "") -> Answer:
        """Set a value of the key-value store, without counting in its limits per minute."""
        given: Json = value
        return await _answer(self._session.store_write(key, given, entity))


async def _answer(work: Awaitable[Answer]) -> Answer:
    """What the work answers. Raises ToolError, in the words of the command line."""
    try:
        return await work
    except ManifestError as error:
        lines = [f"{p.file}:{p.line}: {p.severity}: {p.message}" for p in error.problems]
        raise ToolError("\n".join(lines)) from None
    except UserError as error:
        message = error.message.rstrip(".")
        raise ToolError(f"{message}. {error.hint}" if error.hint else error.message) from None
    except (CallError, PushError) as error:
        raise ToolError(str(error)) from None


async def serve() -> None:
    """Serve on stdin and stdout until the client goes."""
    session = Session()
    try:
        await make_server(session).run_stdio_async()
    finally:
        await session.close()
