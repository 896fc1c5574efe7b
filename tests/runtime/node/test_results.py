"""The value that a handler returns, for those who want it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from forge_emu.model import Failed, Outcome, RetryRequested, Success
from tests.runtime.node.harness import SharedApp

pytestmark = pytest.mark.node


@pytest.fixture(scope="module")
def shared_returns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedApp]:
    """A handler that returns what it is told to."""
    source = "export async function returns(code) { return new Function(`return ${code}`)(); }"
    root = tmp_path_factory.mktemp("results")
    with SharedApp(root, {"src/index.js": source}, {"returns": "src/index.js#returns"}) as shared:
        yield shared


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ("undefined", None),
        ("() => 1", None),
        ("null", "null"),
        ("'ä'", '"ä"'),
        ("NaN", "null"),
        ("[1, undefined]", "[1,null]"),
        ("({ a: 1, b: undefined, c: new Date(0) })", '{"a":1,"c":"1970-01-01T00:00:00.000Z"}'),
        ("({ _retry: true, retryOptions: {} })", '{"_retry":true,"retryOptions":{}}'),
    ],
)
def test_a_value_is_json_as_javascript_writes_it(
    shared_returns: SharedApp, value: str, result: str | None
) -> None:
    """Nothing that is returned asks for a retry where the value itself is wanted."""
    found, _ = shared_returns.run_invocation("returns", value, wants_result=True)

    assert found == Success(result=result)


@pytest.mark.parametrize(
    ("value", "name", "message"),
    [
        ("10n", "TypeError", "Do not know how to serialize a BigInt"),
        (
            "(() => { const a = {}; a.a = a; return a; })()",
            "TypeError",
            "Converting circular structure to JSON",
        ),
        ("({ toJSON() { throw new RangeError('no'); } })", "RangeError", "no"),
    ],
)
def test_a_value_without_json_is_the_error_of_its_writing(
    shared_returns: SharedApp, value: str, name: str, message: str
) -> None:
    """As `JSON.stringify` throws it."""
    found, _ = shared_returns.run_invocation("returns", value, wants_result=True)

    assert isinstance(found, Failed)
    assert found.error.name == name
    assert found.error.message.startswith(message)


def test_nobody_is_sent_a_value_that_is_not_wanted(shared_returns: SharedApp) -> None:
    """Nor is it written as JSON, which may cost time or throw."""
    value = "({ toJSON() { throw new RangeError('no'); } })"

    assert shared_returns.run_invocation("returns", value)[0] == Success()


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        ("undefined", Success()),
        ("({ a: 1 })", Success(result='{"a":1}')),
        ("10n", Success()),
        ("({ toJSON() { throw new RangeError('no'); } })", Success()),
        ("'x'.repeat(64_000)", Success(result='"(64002 characters of JSON)"')),
        (
            "({ _retry: true, retryOptions: { retryAfter: 5 } })",
            RetryRequested(5, result='{"_retry":true,"retryOptions":{"retryAfter":5}}'),
        ),
    ],
)
def test_a_value_that_is_kept_changes_nothing(
    shared_returns: SharedApp, value: str, outcome: Outcome
) -> None:
    """Its text stands beside the outcome, where there is one that is not too long."""
    found, _ = shared_returns.run_invocation("returns", value, keeps_result=True)

    assert found == outcome
