"""What apps see of the key-value store through their own `@forge/kvs` 1."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from forge_emu import records
from forge_emu.settings import SettingValue
from tests.runtime.node.packages.probe_app import EPOCH, ProbeApp, probe_app

pytestmark = pytest.mark.node


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProbeApp]:
    """The app, loaded once."""
    with probe_app(tmp_path_factory.mktemp("kvs"), "api8") as app:
        yield app


@pytest.fixture
def app(loaded: ProbeApp) -> ProbeApp:
    """The app above an empty store."""
    loaded.reset_platform()
    return loaded


@pytest.mark.parametrize(
    "value",
    ["'text'", "0", "false", "[1, [2]]", "{ a: null, b: { c: '\\u{1F600}' } }", "''"],
)
def test_a_value_comes_back_as_it_was_stored(app: ProbeApp, value: str) -> None:
    """Everything JSON can say but null itself."""
    code = f"const v = {value}; await kvs.set('k', v); return [v, await kvs.get('k')]"

    stored, found = app.call(code)

    assert stored == found


def test_what_json_cannot_say_is_lost(app: ProbeApp) -> None:
    """Functions and undefined members go on the way, dates become text."""
    code = "await kvs.set('k', { f() {}, u: undefined, d: new Date(0) }); return kvs.get('k')"

    assert app.call(code) == {"d": "1970-01-01T00:00:00.000Z"}


def test_half_an_emoji_is_stored(app: ProbeApp) -> None:
    """A text cut in the middle of a surrogate pair does not fail the request."""
    code = "await kvs.set('k', '\\ud83d!'); return kvs.get('k')"

    assert app.call(code) == "\ufffd!"


def test_a_missing_value_is_undefined(app: ProbeApp) -> None:
    """Never stored, or deleted; deleting twice is no error."""
    code = (
        "const never = await kvs.get('k'); await kvs.set('k', 1); await kvs.delete('k');"
        "await kvs.delete('k'); return [never === undefined, await kvs.get('k') === undefined]"
    )

    assert app.call(code) == [True, True]


def test_set_answers_only_what_was_asked_for(app: ProbeApp) -> None:
    """Nothing without `returnValue`; the value before or after with it."""
    code = (
        "const o = (returnValue) => kvs.set('k', returnValue ?? 'first', returnValue && {"
        " keyPolicy: 'OVERRIDE', returnValue });"
        "return [await o() === undefined, await o('PREVIOUS'), await o('LATEST')]"
    )

    assert app.call(code) == [
        True,
        {"key": "k", "value": "first"},
        {"key": "k", "value": "LATEST"},
    ]


def test_metadata_without_a_value_asked_for_is_nothing(app: ProbeApp) -> None:
    """The package looks at `returnMetadataFields` only beside `returnValue`; the value is set."""
    code = (
        "const options = { returnMetadataFields: [MetadataField.CREATED_AT] };"
        "const answer = await kvs.set('k', 1, options);"
        "return [answer === undefined, await kvs.get('k')]"
    )

    assert app.call(code) == [True, 1]


def test_metadata_of_a_value(app: ProbeApp) -> None:
    """Creation and change in epoch milliseconds, the end of its life as text."""
    app.call("await kvs.set('k', 1)")
    app.advance(60)
    fields = "[MetadataField.CREATED_AT, MetadataField.UPDATED_AT, MetadataField.EXPIRE_TIME]"
    code = (
        "const set = await kvs.set('k', 2, { ttl: { value: 1, unit: 'HOURS' },"
        f" keyPolicy: 'OVERRIDE', returnValue: 'LATEST', returnMetadataFields: {fields} }});"
        f"const found = await kvs.get('k', {{ metadataFields: {fields} }});"
        "return [set, found, await kvs.get('k', {})]"
    )

    full = {
        "key": "k",
        "value": 2,
        "createdAt": EPOCH,
        "updatedAt": EPOCH + 60_000,
        "expireTime": "2026-01-01T01:01:00.000Z",
    }
    assert app.call(code) == [full, full, {"key": "k", "value": 2}]


def test_a_value_ends_with_its_time_to_live(app: ProbeApp) -> None:
    """Expired values are gone at once where the setting says so."""
    app.reset_platform({"storage.expired_values": "delete"})
    app.call("await kvs.set('k', 1, { ttl: { value: 2, unit: 'SECONDS' } })")
    app.advance(1.999)
    assert app.call("return kvs.get('k')") == 1
    app.advance(0.001)
    assert app.call("return kvs.get('k')") is None


def test_secrets_are_apart_from_values(app: ProbeApp) -> None:
    """The same key holds one of each, and deleting one leaves the other."""
    code = (
        "await kvs.set('k', 'open'); await kvs.setSecret('k', { s: 1 });"
        "const both = [await kvs.get('k'), await kvs.getSecret('k')];"
        "await kvs.deleteSecret('k'); return [...both, await kvs.get('k'),"
        " await kvs.getSecret('k') === undefined]"
    )

    assert app.call(code) == ["open", {"s": 1}, "open", True]
    assert {r.operation for r in app.bodies_of(records.KvsDone)} >= {"set_secret", "get_secret"}


REFUSALS: list[tuple[str, int, str, dict[str, SettingValue]]] = [
    ("kvs.set('', 1)", 400, "KEY_TOO_SHORT", {}),
    ("kvs.get('x'.repeat(501))", 400, "KEY_TOO_LONG", {}),
    ("kvs.set('a/b', 1)", 400, "INVALID_KEY", {}),
    ("kvs.set('  ', 1)", 400, "INVALID_KEY", {}),
    ("kvs.set('k', 'x'.repeat(240 * 1024))", 400, "MAX_SIZE", {}),
    ("kvs.setSecret('k', 'x'.repeat(128 * 1024))", 400, "MAX_SIZE", {}),
    (
        "kvs.set('k', Array.from({ length: 40 }).reduce((v) => ({ v }), 1))",
        400,
        "MAX_DEPTH",
        {},
    ),
    ("kvs.set('k', null)", 400, "INVALID_VALUE", {}),
    ("kvs.set('k', undefined)", 400, "INVALID_VALUE", {}),
    (
        "kvs.set('k', 1, { keyPolicy: 'FAIL_IF_EXISTS', returnValue: 'LATEST' })",
        400,
        "INVALID_KEY_POLICY_RETURN_VALUE_COMBINATION",
        {},
    ),
    ("kvs.set('k', 1, { ttl: { value: 2, unit: 'YEARS' } })", 400, "INVALID_OPTIONS", {}),
    (
        "kvs.set('k', 1).then(() => kvs.set('k', 2, { keyPolicy: 'FAIL_IF_EXISTS' }))",
        409,
        "KEY_CONFLICT",
        {},
    ),
    (
        "kvs.set('k', 'x'.repeat(11_000))",
        429,
        "RATE_LIMIT_EXCEEDED",
        {"limits.kvs.write_units_per_minute": 1},
    ),
    ("kvs.get('k')", 429, "RATE_LIMIT_EXCEEDED", {"limits.kvs.read_units_per_minute": 0}),
]


@pytest.mark.parametrize(
    ("call", "status", "code", "settings"), REFUSALS, ids=[f"{r[2]}-{r[0][:20]}" for r in REFUSALS]
)
def test_refusals_reach_the_app_with_their_code(
    app: ProbeApp, call: str, status: int, code: str, settings: dict[str, SettingValue]
) -> None:
    """The package's own error with code, status and a message; a record names the rule."""
    app.reset_platform(settings)

    details, _ = app.check_kvs_refusal(call, status, code)

    assert details["httpMethod"] == "POST"
    assert details["httpPath"].startswith("/api/v1/")


def test_the_app_may_look_at_the_answer_with_the_error_alone(app: ProbeApp) -> None:
    """An uncaught refusal ends the invocation under its own name, and it is retried."""
    app.reset_platform({"limits.kvs.write_units_per_minute": 0})
    app.send("await kvs.set('k', 1)", uncaught=True)
    app.run_until_idle()

    finished: Any = app.bodies_of(records.InvocationFinished)[0]
    assert finished.outcome == "error"
    assert finished.error.name == "ForgeKvsError"
    assert app.bodies_of(records.RetryScheduled)
