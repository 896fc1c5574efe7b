"""A runtime beside whose way there and back what is in events is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import structs

from forge_emu.model import App, Instant, Invocation
from forge_emu.payloads import PayloadCollector
from forge_emu.ports import AppResponse, BuildResult, MessageSink, Runtime, RuntimeMessage


def runtime_with_payloads(
    make: Callable[[MessageSink], Runtime], sink: MessageSink, collector: PayloadCollector | None
) -> Runtime:
    """The runtime that `make` gives for a sink; what passes goes to `collector` as well.

    Without one it is the runtime itself.
    """
    if collector is None:
        return make(sink)

    def collect(messages: Sequence[RuntimeMessage]) -> None:
        collector.add_messages(messages)
        sink(messages)

    return RuntimeWithPayloads(make(collect), collector)


class RuntimeWithPayloads:
    """Passes everything on to `inner`, and notes what handlers are given and answered."""

    def __init__(self, inner: Runtime, collector: PayloadCollector) -> None:
        self._inner = inner
        self._collector = collector

    def invoke(self, invocation: Invocation) -> None:
        """Note the arguments, and ask for the value that the handler returns."""
        self._collector.start(invocation)
        self._inner.invoke(structs.replace(invocation, keeps_result=True))

    def respond(self, request_id: int, response: AppResponse) -> None:
        """Note the answer."""
        self._collector.respond(request_id, response)
        self._inner.respond(request_id, response)

    def lose_request(self, request_id: int) -> None:
        """Note that no answer comes."""
        self._collector.lose_request(request_id)
        self._inner.lose_request(request_id)

    @property
    def busy(self) -> bool:
        """As the inner one."""
        return self._inner.busy

    @property
    def tells_begin(self) -> bool:
        """As the inner one."""
        return self._inner.tells_begin

    @property
    def next_timer_due(self) -> Instant | None:
        """As the inner one."""
        return self._inner.next_timer_due

    async def load_app(self, app: App, generation: int) -> BuildResult:
        """As the inner one."""
        return await self._inner.load_app(app, generation)

    def abort_invocation(self, invocation_id: str) -> None:
        """As the inner one."""
        self._inner.abort_invocation(invocation_id)

    def retire_generation(self, generation: int) -> None:
        """As the inner one."""
        self._inner.retire_generation(generation)

    def renew_instances(self, generation: int) -> None:
        """As the inner one."""
        self._inner.renew_instances(generation)

    def sync_clock(self) -> None:
        """As the inner one."""
        self._inner.sync_clock()

    def flush(self) -> None:
        """As the inner one."""
        self._inner.flush()

    async def close(self) -> None:
        """As the inner one."""
        await self._inner.close()
