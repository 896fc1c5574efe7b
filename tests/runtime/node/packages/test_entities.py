"""What apps see of custom entities through their own `@forge/kvs` 1."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.runtime.node.packages.probe_app import EPOCH, ProbeApp, probe_app

pytestmark = pytest.mark.node

STAFF = (
    "const employee = kvs.entity('employee'); const people = "
    "[['a', 'Baker', 20, 'm'], ['b', 'Clark', 30, 'f'], ['c', 'Adams', 40, 'f']];"
    "for (const [key, surname, age, gender] of people) {"
    " await employee.set(key, { surname, age, gender }); }"
)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ProbeApp]:
    """The app, loaded once."""
    with probe_app(tmp_path_factory.mktemp("entities"), "api8") as app:
        yield app


@pytest.fixture
def app(loaded: ProbeApp) -> ProbeApp:
    """The app above an empty store."""
    loaded.reset_platform()
    return loaded


def test_a_value_of_an_entity(app: ProbeApp) -> None:
    """Set, read, read with metadata, removed; and apart from plain values."""
    code = (
        f"{STAFF} const fields = {{ metadataFields: [MetadataField.CREATED_AT] }};"
        "const found = [await employee.get('a'), await employee.get('b', fields), "
        "await kvs.get('a') === undefined];"
        "await employee.delete('a'); return [...found, await employee.get('a') === undefined]"
    )

    assert app.call(code) == [
        {"surname": "Baker", "age": 20, "gender": "m"},
        {
            "key": "b",
            "value": {"surname": "Clark", "age": 30, "gender": "f"},
            "createdAt": EPOCH,
        },
        True,
        True,
    ]


def test_queries_by_index(app: ProbeApp) -> None:
    """Order, range, partition, filter, direction, cursor."""
    code = (
        f"{STAFF} const keys = async (q) => (await q.getMany()).results.map((x) => x.key).join('');"
        "const by = (index, options) => employee.query().index(index, options);"
        "const female = { partition: ['f'] };"
        "const page = await by('by-age').limit(2).getMany();"
        "return [await keys(by('by-key')), await keys(by('surname')),"
        " await keys(by('by-age').sort(Sort.DESC)),"
        " await keys(by('by-age').where(WhereConditions.between(25, 40))),"
        " await keys(by('by-age-per-gender', female).where(WhereConditions.lessThan(40))),"
        " await keys(by('by-key').filters(new Filter().and('surname', "
        "FilterConditions.contains('k')).and('age', FilterConditions.greaterThan(20)))),"
        " await keys(by('by-age').limit(2).cursor(page.nextCursor)),"
        " (await by('by-age').getOne()).key, await by('by-age').where("
        "WhereConditions.greaterThan(99)).getOne() === undefined]"
    )

    assert app.call(code) == ["abc", "cab", "cba", "bc", "b", "b", "c", "a", True]


def test_transactions_with_conditions(app: ProbeApp) -> None:
    """All of it, or nothing with the code of the condition that was not met."""
    code = (
        f"{STAFF} const entityName = 'employee';"
        "const adult = new Filter().and('age', FilterConditions.greaterThanEqualTo(30));"
        "await kvs.transact().set('b', { age: 31 }, { entityName, conditions: adult })"
        ".delete('c', { entityName, conditions: adult }).set('plain', 1).execute();"
        "const error = await kvs.transact().set('x', { age: 1 }, { entityName })"
        ".check('a', { entityName, conditions: adult }).execute().catch((e) => e);"
        "const { results } = await employee.query().index('by-key').getMany();"
        "return [error.code, error.responseDetails.status, results.map((x) => x.key + x.value.age)]"
    )

    assert app.call(code) == ["CONDITIONAL_CHECK_FAILED", 400, ["a20", "b31"]]


REFUSALS = [
    ("kvs.entity('nobody').get('k')", 400, "INVALID_ENTITY_TYPE"),
    ("kvs.entity('x').get('k')", 400, "ENTITY_TYPE_TOO_SHORT"),
    ("kvs.entity('employee').get('')", 400, "EMPTY_KEY"),
    ("kvs.entity('employee').set('k', { age: 'old' })", 400, "INVALID_ENTITY_VALUE"),
    ("kvs.entity('employee').set('k', 5)", 400, "INVALID_ENTITY_VALUE"),
    ("kvs.entity('employee').query().index('i').getMany()", 400, "INVALID_ENTITY_INDEX"),
    (
        "kvs.entity('employee').query().index('by-age').limit(101).getMany()",
        400,
        "COMPLEX_QUERY_PAGE_LIMIT_NOT_IN_RANGE",
    ),
    (
        "kvs.entity('employee').query().index('by-key').filters("
        "new Filter().and('notes', FilterConditions.exists())).getMany()",
        422,
        "UNPROCESSABLE_ENTITY",
    ),
]


@pytest.mark.parametrize(("call", "status", "code"), REFUSALS)
def test_refusals_reach_the_app_with_their_code(
    app: ProbeApp, call: str, status: int, code: str
) -> None:
    """The package's own error; one record names the rule."""
    app.check_kvs_refusal(call, status, code)
