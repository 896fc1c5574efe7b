"""Calls remotes over HTTP: for modules with an endpoint, and for functions that ask for it.

It stands beside the hosts of languages. An invocation of an endpoint is one request, about which
the services are asked like about any other of the app. In virtual time the emulated clock stands
still while requests are out, and what comes of them is said in their order, whichever ends first.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Final, TypeAlias

import msgspec

from forge_emu.model import App, Instant, Invocation, RemoteCall
from forge_emu.ports import (
    AppResponse,
    BuildResult,
    Clock,
    InvocationBegun,
    InvocationEnded,
    MessageSink,
    RemoteAnswered,
    RuntimeMessage,
    SentRequestEnded,
)
from forge_emu.runtime.remote.endpoint_request import endpoint_request
from forge_emu.runtime.remote.http_client import HttpAnswer, HttpClient
from forge_emu.runtime.remote.outcomes import (
    endpoint_outcome,
    outcome_of_response,
    response_to_function,
    trace_headers,
)
from forge_emu.runtime.remote.tokens import TokenSigner

LANGUAGE: Final = "remote"
"""What stands for a language where endpoints are handlers."""

_Messages: TypeAlias = Sequence[RuntimeMessage]


class _Work(msgspec.Struct, frozen=True):
    """Something to do, and what is to be said of it; `invocation_id` is who it is for."""

    invocation_id: str
    run: Callable[[], Awaitable[_Messages]]


class RemoteRuntime:
    """Implements `ports.Runtime` for endpoints, and `send_call` for the calls of functions.

    `signer` gives what signs tokens; it is asked when the first one is needed.
    """

    def __init__(self, sink: MessageSink, clock: Clock, signer: Callable[[], TokenSigner]) -> None:
        self._sink = sink
        self._clock = clock
        self._signer = signer
        self._client = HttpClient()
        self._apps: dict[int, App] = {}
        self._waiting: list[_Work] = []
        self._asked: dict[int, Invocation] = {}
        self._last_request_id = 0
        self._round: asyncio.Task[None] | None = None
        self._tasks: dict[asyncio.Task[None], str] = {}

    @property
    def busy(self) -> bool:
        """Whether, in virtual time, requests are out, or something is about to be said."""
        return self._round is not None

    @property
    def tells_begin(self) -> bool:
        """In real time, where a call begins when it is made."""
        return not self._clock.virtual

    @property
    def next_timer_due(self) -> Instant | None:
        """None: the engine times invocations out."""
        return None

    async def load_app(self, app: App, generation: int) -> BuildResult:
        """Nothing is built: the remotes run elsewhere."""
        self._apps[generation] = app
        return BuildResult(generation, (), inputs=(), sources=())

    def invoke(self, invocation: Invocation) -> None:
        """Ask about the request of an invocation, with the next flush."""
        self._add(invocation.invocation_id, partial(self._ask, invocation))

    def respond(self, request_id: int, response: AppResponse) -> None:
        """Call the remote, or end the invocation with what was decided instead."""
        invocation = self._asked.pop(request_id, None)
        if invocation is None:
            return
        if response.remote is not None:
            run = partial(self._call_endpoint, invocation, response.remote)
        else:
            run = partial(self._end, invocation, response)
        self._add(invocation.invocation_id, run)

    def send_call(self, request_id: int, call: RemoteCall) -> None:
        """Make the call that a function asked for; the sink gets a RemoteAnswered."""
        self._add(call.invocation_id, partial(self._call_for_function, request_id, call))

    def lose_request(self, request_id: int) -> None:
        """Forget a request."""
        self._asked.pop(request_id, None)

    def abort_invocation(self, invocation_id: str) -> None:
        """End the request of an invocation that the engine has timed out."""
        self._asked = {n: i for n, i in self._asked.items() if i.invocation_id != invocation_id}
        self._waiting = [work for work in self._waiting if work.invocation_id != invocation_id]
        for task, whose in self._tasks.items():
            if whose == invocation_id:
                task.cancel()

    def retire_generation(self, generation: int) -> None:
        """Forget a generation, unless it is the last."""
        if len(self._apps) > 1:
            self._apps.pop(generation, None)

    def renew_instances(self, generation: int) -> None:
        """Remotes know of no instances."""

    def sync_clock(self) -> None:
        """Remotes have clocks of their own."""

    def flush(self) -> None:
        """Begin what has been collected since the last call."""
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        loop = asyncio.get_running_loop()
        if self._clock.virtual:
            self._round = loop.create_task(self._run_round(waiting))
            return
        for work in waiting:
            task = loop.create_task(self._run_alone(work))
            self._tasks[task] = work.invocation_id
            task.add_done_callback(self._tasks.pop)

    async def close(self) -> None:
        """End all requests."""
        tasks = [task for task in (self._round, *self._tasks) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._client.close()

    def _add(self, invocation_id: str, run: Callable[[], Awaitable[_Messages]]) -> None:
        self._waiting.append(_Work(invocation_id, run))

    async def _run_round(self, waiting: Sequence[_Work]) -> None:
        """All that is under way at this instant; then say what came of it, in its order."""
        said = await asyncio.gather(*(work.run() for work in waiting))
        self._round = None
        self._sink([message for messages in said for message in messages])

    async def _run_alone(self, work: _Work) -> None:
        """Real time: say what came of it as soon as it has ended."""
        if messages := await work.run():
            self._sink(messages)

    async def _ask(self, invocation: Invocation) -> _Messages:
        """The request of an invocation, about which the services decide."""
        self._last_request_id += 1
        self._asked[self._last_request_id] = invocation
        app = self._apps[invocation.generation]
        request = endpoint_request(
            self._last_request_id, invocation, app.endpoints[invocation.function]
        )
        if self._clock.virtual:
            return [request]
        return [InvocationBegun(invocation.invocation_id), request]

    async def _end(self, invocation: Invocation, response: AppResponse) -> _Messages:
        outcome = outcome_of_response(invocation, response)
        return [InvocationEnded(invocation.invocation_id, outcome)]

    async def _call_endpoint(self, invocation: Invocation, call: RemoteCall) -> _Messages:
        begun = self._clock.now()
        answer = await self._client.send(call, self._headers(call, invocation.generation))
        if answer.timed_out:
            # The engine ends the invocation, at its deadline in emulated time.
            return []
        outcome = endpoint_outcome(invocation, call, answer)
        return [
            self._sent_ended(call, answer, begun),
            InvocationEnded(invocation.invocation_id, outcome),
        ]

    async def _call_for_function(self, request_id: int, call: RemoteCall) -> _Messages:
        begun = self._clock.now()
        answer = await self._client.send(call, self._headers(call, max(self._apps)))
        return [
            self._sent_ended(call, answer, begun),
            RemoteAnswered(request_id, response_to_function(call, answer)),
        ]

    def _sent_ended(self, call: RemoteCall, answer: HttpAnswer, begun: Instant) -> RuntimeMessage:
        return SentRequestEnded(
            call.invocation_id,
            call.method,
            call.url,
            answer.status,
            self._clock.now() - begun,
            answer.error,
        )

    def _headers(self, call: RemoteCall, generation: int) -> dict[str, str]:
        app, signer = self._apps[generation], self._signer()
        headers = {
            **call.headers,
            **trace_headers(call.trace),
            "authorization": f"Bearer {signer.invocation_token(app, generation, call)}",
        }
        if call.forwarded and (own := call.headers.get("authorization")):
            headers["authorization"] = own
        if call.system_token:
            headers["x-forge-oauth-system"] = signer.system_token(app, call)
        if call.user_token and call.principal is not None:
            headers["x-forge-oauth-user"] = signer.user_token(app, call, call.principal)
        return headers
