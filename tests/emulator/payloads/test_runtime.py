"""A runtime beside which payloads are kept does what the inner one does."""

from __future__ import annotations

from collections.abc import Sequence

from forge_emu.emulator.payloads.collecting import start_collecting
from forge_emu.emulator.payloads.runtime import RuntimeWithPayloads, runtime_with_payloads
from forge_emu.model import PushItem
from forge_emu.ports import AppResponse, HostNotice, MessageSink, Runtime, RuntimeMessage
from tests.emulator.harness import FakeRuntime, ManualClock
from tests.engine.world import World


def test_it_passes_everything_on() -> None:
    """In both directions."""
    said: list[RuntimeMessage] = []
    sinks: list[MessageSink] = []
    inner = FakeRuntime()
    inner.clock = ManualClock()

    def make(sink: MessageSink) -> Runtime:
        sinks.append(sink)
        return inner

    def listen(messages: Sequence[RuntimeMessage]) -> None:
        said.extend(messages)

    world = World()
    runtime = runtime_with_payloads(make, listen, start_collecting(world.engine))
    sinks[0]([HostNotice("info", "hello")])
    runtime.respond(7, AppResponse(204))
    runtime.lose_request(8)
    runtime.abort_invocation("i")
    runtime.retire_generation(1)
    runtime.flush()
    inner.timers = [5]

    assert said == [HostNotice("info", "hello")]
    assert [id for id, _ in inner.answers] == [7]
    assert (inner.lost, inner.aborted, inner.retired) == ([8], ["i"], [1])
    assert inner.flushed_at == [0]
    assert (runtime.busy, runtime.tells_begin, runtime.next_timer_due) == (False, False, 5)


def test_the_returned_value_is_asked_for() -> None:
    """Which does not make the invocation one whose caller waits for it."""
    world = World()
    world.push(PushItem.of(1))
    world.advance_to(0)
    inner = FakeRuntime()
    collector = start_collecting(world.engine)
    assert collector is not None
    RuntimeWithPayloads(inner, collector).invoke(world.started[0])

    assert inner.invoked[0].keeps_result
    assert not inner.invoked[0].wants_result
    assert list(collector.running) == [world.started[0].invocation_id]


def test_without_a_collector_it_is_the_runtime_itself() -> None:
    """So that nothing is paid for what nobody keeps."""
    inner = FakeRuntime()
    assert runtime_with_payloads(lambda sink: inner, lambda messages: None, None) is inner
