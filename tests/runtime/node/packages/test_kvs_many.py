"""What apps see of queries, batches and transactions through their own `@forge/kvs` 1."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from forge_emu.settings import SettingValue
from tests.runtime.node.packages.probe_app import EPOCH, ProbeApp, probe_app

pytestmark = pytest.mark.node

FILL = "for (const k of ['b', 'a#2', 'a#1', 'a#3']) await kvs.set(k, { of: k });"
ONLY_A = "kvs.query().where('key', WhereConditions.beginsWith('a#'))"


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProbeApp]:
    """The app, loaded once."""
    with probe_app(tmp_path_factory.mktemp("kvs-many"), "api8") as app:
        yield app


@pytest.fixture
def app(loaded: ProbeApp) -> ProbeApp:
    """The app above an empty store."""
    loaded.reset_platform()
    return loaded


def test_pages_of_a_query(app: ProbeApp) -> None:
    """In the order of keys, with a cursor until there is nothing more."""
    code = (
        f"{FILL} const first = await {ONLY_A}.limit(2).getMany();"
        f"const rest = await {ONLY_A}.limit(2).cursor(first.nextCursor).getMany();"
        "return [first.results, rest]"
    )

    assert app.call(code) == [
        [{"key": "a#1", "value": {"of": "a#1"}}, {"key": "a#2", "value": {"of": "a#2"}}],
        {"results": [{"key": "a#3", "value": {"of": "a#3"}}]},
    ]


def test_the_first_value_of_a_query(app: ProbeApp) -> None:
    """Or undefined."""
    code = (
        f"{FILL} const none = WhereConditions.beginsWith('c');"
        f"return [await {ONLY_A}.getOne(), (await kvs.query().where('key', none).getOne()) ==="
        " undefined]"
    )

    assert app.call(code) == [{"key": "a#1", "value": {"of": "a#1"}}, True]


def test_metadata_of_a_query_and_of_a_batch(app: ProbeApp) -> None:
    """What was asked for stands beside each value."""
    code = (
        "const fields = { metadataFields: [MetadataField.CREATED_AT, MetadataField.EXPIRE_TIME] };"
        "const options = { ttl: { value: 1, unit: 'DAYS' } };"
        "await kvs.batchSet([{ key: 'k', value: 1, options }]);"
        "const { results } = await kvs.query(fields).getMany();"
        "const { successfulKeys } = await kvs.batchGet([{ key: 'k', options: fields }]);"
        "return [results, successfulKeys]"
    )

    full = {
        "key": "k",
        "value": 1,
        "createdAt": EPOCH,
        "expireTime": "2026-01-02T00:00:00.000Z",
    }
    assert app.call(code) == [[full], [full]]


def test_a_batch_of_each_kind(app: ProbeApp) -> None:
    """What went well and what did not, key by key; nothing is thrown."""
    code = (
        "const set = await kvs.batchSet([{ key: 'a', value: 1 }, { key: 'b/', value: 1 }]);"
        "const get = await kvs.batchGet([{ key: 'a' }, { key: 'c' }]);"
        "const gone = await kvs.batchDelete([{ key: 'a' }, { key: 'c' }]);"
        "return [set, get, gone, await kvs.get('a') === undefined]"
    )

    stored, found, deleted, gone = app.call(code)

    assert stored["successfulKeys"] == [{"key": "a"}]
    assert [(x["key"], x["error"]["code"]) for x in stored["failedKeys"]] == [("b/", "INVALID_KEY")]
    assert found["successfulKeys"] == [{"key": "a", "value": 1}]
    assert [x["error"]["code"] for x in found["failedKeys"]] == ["KEY_NOT_FOUND"]
    assert deleted == {"successfulKeys": [{"key": "a"}, {"key": "c"}], "failedKeys": []}
    assert gone


def test_a_transaction(app: ProbeApp) -> None:
    """Everything, or nothing when one part of it is refused."""
    code = (
        "await kvs.set('old', 1);"
        "const done = await kvs.transact().set('a', 1).set('b', 2, undefined,"
        " { ttl: { value: 1, unit: 'HOURS' } }).delete('old').execute();"
        "const code = await kvs.transact().set('c', 1).delete('').execute()"
        ".catch((error) => error.code);"
        "const { results } = await kvs.query().getMany();"
        "return [done === undefined, code, results]"
    )

    assert app.call(code) == [
        True,
        "KEY_TOO_SHORT",
        [{"key": "a", "value": 1}, {"key": "b", "value": 2}],
    ]


def test_the_ttl_in_the_place_of_the_documents_is_dropped_by_the_package(app: ProbeApp) -> None:
    """It belongs into the fourth argument, whatever the page says."""
    ttl = "{ ttl: { value: 1, unit: 'SECONDS' } }"
    app.call(f"return kvs.transact().set('k', 1, {ttl}).set('l', 1, undefined, {ttl}).execute()")
    app.advance(1)

    assert app.call("return (await kvs.query().getMany()).results.map((x) => x.key)") == ["k"]


MANY = "Array.from({ length: 26 }, (_, i) => ({ key: `k${i}`, value: i }))"
LARGE = "Array.from({ length: 17 }, (_, i) => ({ key: `k${i}`, value: 'x'.repeat(240_000) }))"
SETS = "reduce((t, { key, value }) => t.set(key, value), kvs.transact()).execute()"

REFUSALS: list[tuple[str, int, str, dict[str, SettingValue]]] = [
    ("kvs.query().limit(101).getMany()", 400, "LIST_QUERY_LIMIT_EXCEEDED", {}),
    ("kvs.query().limit(0).getMany()", 400, "LIST_QUERY_LIMIT_EXCEEDED", {}),
    ("kvs.query().cursor('x').getMany()", 400, "INVALID_CURSOR", {}),
    (
        "kvs.query().where('value', WhereConditions.beginsWith('a')).getMany()",
        400,
        "QUERY_WHERE_FIELD_INVALID",
        {},
    ),
    (
        "kvs.query().where('key', WhereConditions.equalTo('a')).getMany()",
        400,
        "INVALID_FILTER_CONDITION",
        {},
    ),
    (
        "kvs.query().where('key', WhereConditions.beginsWith(5)).getOne()",
        400,
        "INVALID_FILTER_VALUES",
        {},
    ),
    ("kvs.query().getMany()", 429, "RATE_LIMIT_EXCEEDED", {"limits.kvs.read_units_per_minute": 0}),
    ("kvs.batchSet([])", 400, "INVALID_BATCH_REQUEST", {}),
    ("kvs.batchGet([{ key: 'a' }, { key: 'a' }])", 400, "INVALID_BATCH_REQUEST", {}),
    (f"kvs.batchDelete({MANY})", 400, "INVALID_BATCH_REQUEST", {}),
    (f"kvs.batchSet({LARGE})", 400, "MAX_SIZE", {}),
    ("kvs.batchSet(undefined)", 400, "BAD_REQUEST", {}),
    (
        "kvs.batchSet([{ key: 'a', value: 1 }])",
        429,
        "RATE_LIMIT_EXCEEDED",
        {"limits.kvs.write_units_per_minute": 0},
    ),
    ("kvs.transact().execute()", 400, "INVALID_TRANSACTION_REQUEST", {}),
    ("kvs.transact().set('a', 1).delete('a').execute()", 400, "INVALID_TRANSACTION_REQUEST", {}),
    ("kvs.transact().check('a', {}).execute()", 400, "INVALID_TRANSACTION_REQUEST", {}),
    (f"{MANY}.{SETS}", 400, "INVALID_TRANSACTION_REQUEST", {}),
    (f"{LARGE}.{SETS}", 400, "MAX_SIZE", {}),
    ("kvs.transact().set('a', null).execute()", 400, "INVALID_VALUE", {}),
    (
        "kvs.transact().delete('a').execute()",
        429,
        "TOO_MANY_REQUESTS",
        {"limits.kvs.write_units_per_minute": 0},
    ),
]


@pytest.mark.parametrize(
    ("call", "status", "code", "settings"), REFUSALS, ids=[f"{r[2]}-{r[0][:24]}" for r in REFUSALS]
)
def test_refusals_reach_the_app_with_their_code(
    app: ProbeApp, call: str, status: int, code: str, settings: dict[str, SettingValue]
) -> None:
    """The package's own error with code, status and a message; one record names the rule."""
    app.reset_platform(settings)

    _, refused = app.check_kvs_refusal(call, status, code)

    assert refused.operation in ("query", "batch_get", "batch_set", "batch_delete", "transact")
