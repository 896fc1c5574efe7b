"""Retries of what a remote handles: reasons, counts and waits, and which deliveries those are."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from forge_emu.engine.delivery.remote.policies import ProductPolicies, QueuePolicies
from forge_emu.engine.delivery.retry import (
    Drop,
    Ending,
    History,
    InvocationLimitReached,
    Retry,
    decide,
)
from forge_emu.model import (
    App,
    Consumer,
    Endpoint,
    ErrorReport,
    Failed,
    PlatformError,
    TimedOut,
    Trigger,
)
from forge_emu.settings import Settings, SettingValue

APP = App(
    "id", None, "manifest.yml", None, {},
    consumers=(Consumer("c", "far", "", None, 1, "e"), Consumer("d", "near", "f", None, 2)),
    triggers=(Trigger("far", "", (), 1, "e"), Trigger("near", "f", (), 2)),
)  # fmt: skip
REPORT = ErrorReport("Error", "boom")
ENDINGS: list[tuple[Ending, str]] = [
    (Failed(REPORT), "INVALID_REMOTE_INVOCATION_ERROR"),
    (Failed(ErrorReport("INVALID_FORGE_INVOCATION_TOKEN", "no")), "INVALID_FORGE_INVOCATION_TOKEN"),
    (TimedOut(REPORT), "TIMEOUT_ERROR"),
    (PlatformError(REPORT), "INVALID_REMOTE_INVOCATION_ERROR"),
    (InvocationLimitReached("limits"), "INVALID_REMOTE_INVOCATION_ERROR"),
]


@pytest.mark.parametrize(("outcome", "reason"), ENDINGS)
def test_a_remote_is_told_why_and_waits_a_minute(outcome: Ending, reason: str) -> None:
    """Every retry counts, whatever the chance, and none has data."""
    policies = ProductPolicies(Settings())
    policies.use_app(APP)
    for retries in range(4):
        decision = decide(
            outcome, History(retries, 0, {"a": 1}, 0), policies.policy_of("far"), 9, lambda: 0.9
        )
        assert isinstance(decision, Retry)
        assert (decision.at, decision.reason, decision.data) == (60_009, reason, None)
        assert (decision.counted, decision.asked_by) == (True, "platform")


@pytest.mark.parametrize(("outcome", "reason"), ENDINGS)
def test_after_four_retries_it_is_dropped(outcome: Ending, reason: str) -> None:
    """Whatever the reason of the last one."""
    policies = ProductPolicies(Settings())
    policies.use_app(APP)
    decision = decide(outcome, History(4, 0, None, 0), policies.policy_of("far"), 9, lambda: 0)

    assert decision == Drop(9, "max_retries")


def test_only_what_has_an_endpoint_is_a_remotes() -> None:
    """And a reload can change it."""
    products, queues = ProductPolicies(Settings()), QueuePolicies(Settings())
    for each in (products, queues):
        each.use_app(APP)

    assert products.policy_of("near") is products.usual
    assert products.policy_of("far") is not products.usual
    assert queues.policy_of("near", legacy=False) is queues.usual
    assert queues.policy_of("near", legacy=True).max_retries == 4
    assert queues.policy_of("near", legacy=True).window is None
    assert queues.policy_of("far", legacy=False) is not queues.usual

    products.use_app(App("id", None, "manifest.yml", None, {}, (), ()))
    assert products.policy_of("far") is products.usual


@pytest.mark.parametrize(("retries", "at", "most"), [("remote", 60_000, 4), ("queue", 5_000, None)])
def test_events_of_queues_are_retried_as_the_setting_says(
    retries: str, at: int, most: int | None
) -> None:
    """A minute apart and four times, or as without a remote; in the window of events of queues."""
    overrides: dict[str, SettingValue] = {
        "async_events.backoff.jitter": 0,
        "remotes.queue_retries": retries,
    }
    queues = QueuePolicies(Settings(overrides=overrides))
    queues.use_app(APP)
    policy = queues.policy_of("far", legacy=False)
    decision = decide(TimedOut(REPORT), History(0, 0, {"a": 1}, 0), policy, 0, lambda: 0.5)

    assert policy.window == queues.usual.window
    assert policy.max_retries == (queues.usual.max_retries if most is None else most)
    assert isinstance(decision, Retry)
    assert (decision.at, decision.reason, decision.data) == (at, "TIMEOUT_ERROR", None)


@pytest.mark.parametrize("retries", [0, 2])
def test_a_container_is_told_of_an_event_of_a_queue_once(retries: int) -> None:
    """Whatever comes of it; the setting says otherwise."""
    queues = QueuePolicies(Settings(overrides={"remotes.container_queue_retries": retries}))
    queues.use_app(replace(APP, endpoints={"e": Endpoint("e", "s", "/x", 3, is_service=True)}))
    policy = queues.policy_of("far", legacy=False)
    decisions = [
        decide(Failed(REPORT), History(n, 0, None, 0), policy, 9, lambda: 0) for n in range(3)
    ]

    assert [isinstance(each, Retry) for each in decisions] == [n < retries for n in range(3)]
    assert decisions[retries] == Drop(9, "max_retries")
