"""What runs before an uninstallation: the calls, their argument, and what is told of their end."""

from __future__ import annotations

import asyncio

import pytest
from msgspec import structs

from forge_emu.control.calls.contract import PreUninstallAnswer, PreUninstallOrder
from forge_emu.errors import UserError
from forge_emu.model import App, Endpoint, PreUninstall
from forge_emu.records import CallReceived
from tests.emulator.emulator_harness import EmulatorHarness
from tests.emulator.harness import in_event_loop
from tests.engine.world import BOOM, app


def app_with(*modules: PreUninstall) -> App:
    """An app with these modules."""
    return structs.replace(app(), pre_uninstalls=modules)


CLEAN = PreUninstall("clean-up", "trigger", 1)
TELL = PreUninstall("tell", "work", 2)


async def called(harness: EmulatorHarness, key: str | None) -> list[PreUninstallAnswer]:
    """The answers of an order; the first function throws, the others return."""
    order = PreUninstallOrder(key)
    waiting = asyncio.ensure_future(harness.emulator.calls.call_pre_uninstall(order))
    for _ in range(10):
        await asyncio.sleep(0)
    harness.end_invocation(BOOM)
    while harness.runtime.invoked:
        harness.end_invocation()
    return await waiting


@in_event_loop
async def test_all_modules_are_called_and_one_may_fail() -> None:
    """The others go on, as the uninstallation does on Forge."""
    harness = EmulatorHarness(the_app=app_with(CLEAN, TELL), settings={"delivery.order": "fifo"})
    first, second = await called(harness, None)
    received = harness.bodies_of(CallReceived)

    assert (first.module_key, first.reason) == ("clean-up", "error")
    assert first.error is not None
    assert first.error.message == "boom"
    assert (second.module_key, second.reason, second.error) == ("tell", None, None)
    assert [(r.module, r.module_key, r.function) for r in received] == [
        ("pre_uninstall", "clean-up", "trigger"),
        ("pre_uninstall", "tell", "work"),
    ]
    harness.stop()


@in_event_loop
async def test_the_function_is_told_which_module_it_is() -> None:
    """It has no user, and the 55 s that the platform waits."""
    harness = EmulatorHarness(the_app=app_with(CLEAN))
    order = PreUninstallOrder("clean-up")
    waiting = asyncio.ensure_future(harness.emulator.calls.call_pre_uninstall(order))
    for _ in range(10):
        await asyncio.sleep(0)
    [invocation] = harness.runtime.invoked
    harness.end_invocation()
    await waiting

    assert invocation.event == {
        "context": {
            "cloudId": harness.engine.installation.cloud_id,
            "moduleKey": "clean-up",
        },
        "contextToken": "forge-emu-clean-up",
    }
    assert "principal" not in invocation.context
    # The trigger that shares the function grants it less.
    assert invocation.timeout_ms == 25_000
    harness.stop()


@in_event_loop
async def test_an_endpoint_is_called_in_place_of_a_function() -> None:
    """With the same argument, which its remote gets as the body."""
    the_app = structs.replace(
        app_with(PreUninstall("r", "", 1, "gone")),
        endpoints={"gone": Endpoint("gone", "b", "/", 1)},
    )
    harness = EmulatorHarness(the_app=the_app)
    waiting = asyncio.ensure_future(
        harness.emulator.calls.call_pre_uninstall(PreUninstallOrder(None))
    )
    for _ in range(10):
        await asyncio.sleep(0)
    [invocation] = harness.runtime.invoked
    harness.end_invocation()
    [answer] = await waiting

    assert (invocation.function, invocation.module_key) == ("gone", "r")
    assert invocation.event["context"]["moduleKey"] == answer.module_key == "r"
    harness.stop()


@pytest.mark.parametrize(
    ("modules", "key", "message", "hint"),
    [
        ((), "x", "there is no preUninstall module 'x'", "modules.preUninstall"),
        ((), None, "the app has no preUninstall module", "modules.preUninstall"),
        ((CLEAN,), "claen-up", "there is no preUninstall module 'claen-up'", "mean clean-up?"),
        ((CLEAN,), "x", "there is no preUninstall module 'x'", "There is clean-up."),
    ],
)
@in_event_loop
async def test_what_cannot_be_called(
    modules: tuple[PreUninstall, ...], key: str | None, message: str, hint: str
) -> None:
    """One clear message, and nothing is called."""
    harness = EmulatorHarness(the_app=app_with(*modules))
    with pytest.raises(UserError) as caught:
        await harness.emulator.calls.call_pre_uninstall(PreUninstallOrder(key))

    assert message in caught.value.message
    assert hint in (caught.value.hint or "")
    assert harness.runtime.invoked == []
    harness.stop()
