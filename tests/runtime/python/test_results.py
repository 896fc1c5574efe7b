"""The value that a Python handler returns, for those who want it."""

from __future__ import annotations

from pathlib import Path

from forge_emu.model import Failed, Outcome, RetryRequested, Success
from tests.runtime.python.harness import PythonHarness, run_app

_SOURCE = """
from forge_emu.sdk import InvocationError
def returns(event):
    values = {"dict": {"a": [1, "ä"], "b": None}, "nan": float("nan"), "none": None}
    if event == "retry":
        return {"_retry": True}
    if event == "asked":
        return InvocationError(retry_after=5)
    if event == "long":
        return "x" * 64_000
    if event == "self":
        value = []
        value.append(value)
        return value
    return values.get(event, {1, 2})
"""


def test_a_value_is_json_text(tmp_path: Path) -> None:
    """What has no JSON form is the error that Python's encoder raises."""

    async def scene(harness: PythonHarness) -> list[Outcome]:
        events = ["dict", "nan", "none", "retry", "set", "self"]
        return [await harness.run_invocation("returns", e, wants_result=True) for e in events]

    *good, no_json, endless = run_app(tmp_path, _SOURCE, scene)

    texts = ['{"a":[1,"ä"],"b":null}', "null", "null", '{"_retry":true}']
    assert good == [Success(result=text) for text in texts]
    assert isinstance(no_json, Failed)
    assert no_json.error.name == "TypeError"
    assert "set is not JSON serializable" in no_json.error.message
    assert isinstance(endless, Failed)
    assert endless.error.name == "ValueError"


def test_nobody_is_sent_a_value_that_is_not_wanted(tmp_path: Path) -> None:
    """Nor is it encoded."""

    async def scene(harness: PythonHarness) -> Outcome:
        return await harness.run_invocation("returns", "set")

    assert run_app(tmp_path, _SOURCE, scene) == Success()


def test_a_value_that_is_kept_changes_nothing(tmp_path: Path) -> None:
    """Its text stands beside the outcome, where there is one that is not too long."""

    async def scene(harness: PythonHarness) -> list[Outcome]:
        events = ["dict", "set", "self", "retry", "asked", "long"]
        return [await harness.run_invocation("returns", e, keeps_result=True) for e in events]

    asked = '{"_retry":true,"retryOptions":{"retryAfter":5}}'
    assert run_app(tmp_path, _SOURCE, scene) == [
        Success(result='{"a":[1,"ä"],"b":null}'),
        Success(),
        Success(),
        RetryRequested(result='{"_retry":true}'),
        RetryRequested(5, result=asked),
        Success(result='"(64002 characters of JSON)"'),
    ]
