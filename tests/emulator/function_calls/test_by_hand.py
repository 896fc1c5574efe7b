"""Calls by a user: the argument of a function, and what a UI gives to a resolver."""

from __future__ import annotations

import asyncio

import pytest

from forge_emu.control.calls.contract import CallOrder
from forge_emu.emulator.function_calls.by_hand import CallsByHand
from forge_emu.emulator.function_calls.waiting import FunctionCalls
from forge_emu.errors import UserError
from forge_emu.model import Invocation
from tests.emulator.harness import LoopHarness, in_event_loop, run_scheduled_turns


async def invocations_of(order: CallOrder) -> list[Invocation]:
    """The invocations that an order starts."""
    harness = LoopHarness()
    calls = FunctionCalls(harness.loop)
    waiting = asyncio.ensure_future(CallsByHand(harness.loop, calls).call_by_hand(order))
    await run_scheduled_turns()
    found = list(harness.runtime.invoked)
    calls.end_all()
    await waiting
    return found


@in_event_loop
async def test_a_function_gets_the_payload_itself() -> None:
    """Numbered, with what is given over its context."""
    order = CallOrder("work", {"a": ["n{n}", 5]}, {"more": 1}, count=2)
    first, second = await invocations_of(order)
    assert (first.event, second.event) == ({"a": ["n1", 5]}, {"a": ["n2", 5]})
    assert first.context["more"] == 1
    assert first.module == "function"


@in_event_loop
async def test_a_resolver_gets_a_call_and_the_context_of_a_ui() -> None:
    """Its account is the principal too, where the package looks for it."""
    order = CallOrder("work.save", {"a": 1}, {"accountId": "me", "extension": {"k": 1}})
    [invocation] = await invocations_of(order)
    context = invocation.event["context"]
    assert invocation.event["call"] == {"functionKey": "save", "payload": {"a": 1}}
    assert (context["accountId"], context["extension"]) == ("me", {"k": 1})
    assert context["cloudId"]
    assert invocation.context["principal"] == {"accountId": "me"}
    assert invocation.module == "resolver"


@in_event_loop
async def test_without_a_payload_there_is_none() -> None:
    """The package makes an empty one of it."""
    [invocation] = await invocations_of(CallOrder("work.save"))
    assert invocation.event["call"] == {"functionKey": "save"}


@in_event_loop
async def test_an_unknown_function_is_named_with_the_nearest() -> None:
    """Before anything is called."""
    with pytest.raises(UserError, match="'wrok'") as refusal:
        await invocations_of(CallOrder("wrok.save"))
    assert refusal.value.hint == "Did you mean work?"


@in_event_loop
async def test_the_context_is_numbered_as_the_payload_is() -> None:
    """In its texts, and as a number."""
    context = {"a": "n{n}", "b": {"$number": "{n}"}}
    first, second = await invocations_of(CallOrder("work", {}, context, count=2))

    assert (first.context["a"], first.context["b"]) == ("n1", 1)
    assert (second.context["a"], second.context["b"]) == ("n2", 2)


@in_event_loop
async def test_a_context_that_becomes_a_number_is_refused() -> None:
    """Before anything is called."""
    with pytest.raises(UserError, match="the context must be an object") as refusal:
        await invocations_of(CallOrder("work", {}, {"$number": "{n}"}))
    assert refusal.value.hint == '{"$number": "{n}"} stands for a value within it.'
