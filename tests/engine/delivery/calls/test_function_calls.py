"""A function that is called runs once, and its end is an answer for who waits."""

from __future__ import annotations

import msgspec
import pytest

from forge_emu import records as r
from forge_emu.engine.delivery.kinds import saved_delivery_types
from forge_emu.engine.snapshot.shapes import EngineSnapshot
from forge_emu.model import (
    CallRequest,
    CallResult,
    ErrorReport,
    Failed,
    ModuleKind,
    Outcome,
    RetryRequested,
    Success,
)
from forge_emu.settings import Settings
from tests.engine.world import BOOM, EPOCH, World, app, new_engine


def call(
    world: World, module: ModuleKind = ModuleKind.FUNCTION, *, size: int = 2, function: str = "work"
) -> str:
    """Call a function of the app at the present instant."""
    request = CallRequest(module, "key", function, {"a": 1}, size)
    call_id = world.engine.function_calls.call_function(request, world.now)
    world.advance_to(world.now)
    return call_id


def result_of(world: World) -> CallResult:
    """The one answer."""
    [result] = world.engine.function_calls.take_results()
    return result


def test_a_call_is_answered_with_what_the_function_returned() -> None:
    """The invocation wants the result, and has the argument of the request."""
    world = World()
    call_id = call(world)
    [invocation] = world.started
    assert invocation.wants_result
    assert (invocation.event, invocation.call_id) == ({"a": 1}, call_id)
    world.advance_to(70)
    world.end_invocation(Success(result='{"b":2}'))

    assert result_of(world) == CallResult(call_id, 70, result='{"b":2}')
    assert [type(body) for body in (record.body for record in world.records)] == [
        r.CallReceived,
        r.InvocationStarted,
        r.InvocationFinished,
        r.CallSucceeded,
    ]


@pytest.mark.parametrize(
    ("outcome", "reason"),
    [
        (BOOM, "error"),
        (RetryRequested(5), "retry_requested"),
    ],
)
def test_a_call_is_never_made_again(outcome: Outcome, reason: str) -> None:
    """Whatever comes of it, it ends, and is in no list of what may be replayed."""
    world = World()
    call(world)
    world.end_invocation(outcome)

    assert result_of(world).reason == reason
    assert world.engine.pending == 0
    assert list(world.engine.queue_admin.dropped) == []


def test_it_times_out() -> None:
    """After the time of the modules that use the function, here the consumer's 55 s."""
    world = World()
    call(world)
    world.advance_to(55_000)
    assert result_of(world).reason == "timeout"


def test_an_unknown_function_is_said() -> None:
    """It may have gone with a reload."""
    world = World()
    call(world, function="gone")
    assert result_of(world).reason == "no_function"


@pytest.mark.parametrize(
    ("module", "most", "limit"),
    [
        (ModuleKind.RESOLVER, 500 * 1024, "limits.invocations.invoke_request_kb"),
        (ModuleKind.FUNCTION, 5 * 1024 * 1024, "limits.invocations.payload_mb"),
        (ModuleKind.WEB_TRIGGER, 5 * 1024 * 1024, "limits.invocations.payload_mb"),
    ],
)
def test_a_payload_over_its_limit_is_refused(module: ModuleKind, most: int, limit: str) -> None:
    """At the limit it is not."""
    world = World()
    call(world, module, size=most)
    world.end_invocation(Success())
    assert result_of(world).reason is None
    call(world, module, size=most + 1)
    result = result_of(world)
    assert (result.reason, result.limit) == ("too_large", limit)
    assert result.error is not None
    assert f"{most + 1:,} bytes" in result.error.message


@pytest.mark.parametrize(("length", "reason"), [(5 * 1024 * 1024, None), (0, "too_large")])
def test_an_answer_over_its_limit_is_an_error(length: int, reason: str | None) -> None:
    """Five MiB of JSON text, in bytes of UTF-8."""
    world = World()
    call(world)
    text = "x" * length if length else "é" * (5 * 1024 * 512) + "x"
    world.end_invocation(Success(result=text))
    assert result_of(world).reason == reason


def test_users_and_web_triggers_have_a_limit_in_fixed_windows() -> None:
    """The second over the limit is refused until the next full minute; commands have none."""
    world = World(limits__invocations__user_led_per_minute=2)
    for module in (ModuleKind.RESOLVER, ModuleKind.WEB_TRIGGER, ModuleKind.RESOLVER):
        call(world, module)
    refused = result_of(world)
    assert refused.reason == "rate_limited"
    assert refused.limit == "limits.invocations.user_led_per_minute"
    call(world, ModuleKind.FUNCTION)
    assert world.engine.function_calls.take_results() == []
    world.advance_to(60_000)
    call(world, ModuleKind.RESOLVER)
    reasons = [result.reason for result in world.engine.function_calls.take_results()]
    assert "rate_limited" not in reasons


def test_after_a_restart_it_has_ended() -> None:
    """Its caller is gone: it fails as `restarted`, and does not run."""
    world = World()
    call(world)
    world.engine.snapshot_writer.start()
    changes = world.engine.take_changes(everything=True)
    decoder = msgspec.json.Decoder(saved_delivery_types())
    saved = EngineSnapshot(world.now, world.engine.last_seq, world.engine.installation)
    for number, fixed in changes.added.items():
        again = decoder.decode(msgspec.json.encode(fixed))
        saved.deliveries[number] = (again, changes.standing[number])
    ids = iter(range(1_000, 2_000))
    engine = new_engine(
        app(), Settings(), epoch_ms=EPOCH, new_id=lambda: f"id{next(ids)}", chance=lambda: 0.5
    )
    engine.restore(saved, saved.at, away_ms=0, clean=False)
    engine.wake(saved.at)

    failed = [x.body for x in engine.take_records() if isinstance(x.body, r.CallFailed)]
    assert [body.reason for body in failed] == ["restarted"]
    assert engine.take_invocations() == []
    assert engine.pending == 0


def test_an_error_is_handed_on_as_it_is() -> None:
    """Its name, message and stack."""
    world = World()
    call(world)
    error = ErrorReport("TypeError", "no", "TypeError: no\n    at run (src/index.js:3:1)")
    world.end_invocation(Failed(error))
    assert result_of(world).error == error
