"""Custom entities: typed values, indexes, conditions; they outlive a restart as all values do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from forge_emu import records
from forge_emu.engine.kvs.entities import KEY, Index, entities_of
from forge_emu.engine.kvs.requests import (
    KvsAnswer,
    KvsBatch,
    KvsEntityQuery,
    KvsItem,
    KvsTransaction,
)
from forge_emu.errors import Fault
from forge_emu.model import Json, KvsRequest
from tests.engine.world import World, app

EMPLOYEE = {
    "name": "employee",
    "attributes": {
        "surname": {"type": "string"},
        "age": {"type": "integer"},
        "pay": {"type": "float"},
        "gender": {"type": "string"},
        "active": {"type": "boolean"},
        "notes": {"type": "any"},
    },
    "indexes": [
        "surname",
        {"name": "by-age", "range": ["age"]},
        {"name": "by-age-per-gender", "partition": ["gender"], "range": ["age"]},
        {"name": "by-two", "partition": ["gender", "active"], "range": ["surname"]},
    ],
}
STORAGE = {"entities": [EMPLOYEE, {"name": "author", "attributes": {"name": {"type": "string"}}}]}


class Staff:
    """A store with employees."""

    def __init__(self, **settings: Any) -> None:
        self.world = World(structs.replace(app(), storage=STORAGE), **settings)

    def one(self, operation: Any, key: Json, value: Any = None, **more: Any) -> Json:
        """A call about one employee: what it answers, decoded. Raises Fault."""
        text = msgspec.json.encode(value) if operation == "set" else None
        request = KvsRequest(operation, key, text, **{"entity": "employee", **more})
        try:
            found = self.world.engine.call_kvs(request, self.world.now).found
        finally:
            self.world.collect()
        return msgspec.json.decode(found.value_text) if found else None

    def set(self, key: str, **attributes: Json) -> None:
        """Store an employee."""
        self.one("set", key, attributes)

    def many(self, call: Any) -> KvsAnswer:
        """A call about many. Raises Fault."""
        try:
            return self.world.engine.call_kvs_many(call, self.world.now)
        finally:
            self.world.collect()

    def page(self, index: Json = "by-key", **asked: Any) -> KvsAnswer:
        """A query. Raises Fault."""
        return self.many(KvsEntityQuery("employee", index, **asked))

    def keys(self, index: Json = "by-key", **asked: Any) -> list[str]:
        """The keys that a query finds."""
        return [value.key.removeprefix("employee/") for value in self.page(index, **asked).found]

    def of(self, kind: type[records.Body]) -> list[Any]:
        """The records of one kind."""
        return self.world.bodies_of(kind)


def refused(staff: Staff, ask: Callable[[], object]) -> tuple[int, str]:
    """Status and code of a refusal, which changes nothing."""
    before = dict.fromkeys(value.key for value in staff.page().found)
    with pytest.raises(Fault) as caught:
        ask()
    assert caught.value.limit
    assert dict.fromkeys(value.key for value in staff.page().found) == before
    return caught.value.status, caught.value.body["code"]


def condition(word: str, *values: Json) -> dict[str, Json]:
    return {"condition": word, "values": list(values)}


def clause(attribute: str, word: str, *values: Json) -> dict[str, Json]:
    return {"property": attribute, **condition(word, *values)}


@pytest.fixture
def staff() -> Staff:
    """Four employees, one of them without an age."""
    store = Staff()
    store.set("d", surname="Adams", age=40, gender="f", active=True)
    store.set("a", surname="Baker", age=20, gender="m", active=False)
    store.set("c", surname="Clark", age=30, gender="f", active=True, pay=1.5)
    store.set("b", surname="Davis", gender="f")
    return store


def test_entities_are_read_as_declared() -> None:
    """Simple and named indexes, and the one that every entity has."""
    entity = entities_of(STORAGE)["employee"]

    assert entity.indexes["surname"] == Index("surname", "surname")
    assert entity.indexes["by-age-per-gender"] == Index("by-age-per-gender", "age", ("gender",))
    assert entity.indexes["by-key"].range == KEY


HALF = {"name": "e", "indexes": [7, {}], "attributes": {"a": 1}}


@pytest.mark.parametrize(
    "storage", [{}, {"entities": 5}, {"entities": ["x", {}]}, {"entities": [HALF]}]
)
def test_malformed_declarations_break_nothing(storage: Any) -> None:
    """The manifest's findings speak of them."""
    assert all("by-key" in entity.indexes for entity in entities_of(storage).values())


def test_values_of_entities_are_apart(staff: Staff) -> None:
    """From plain values, from secrets, and from those of other entities, under the same key."""
    staff.one("set", "a", 1, entity=None)
    staff.one("set", "a", {"name": "x"}, entity="author")

    assert staff.one("get", "a")["surname"] == "Baker"
    assert staff.one("get", "a", entity=None) == 1
    staff.one("delete", "a")
    assert staff.one("get", "a") is None
    assert staff.one("get", "a", entity="author") == {"name": "x"}
    plain = staff.world.engine.kvs.items("", 0, secret=False)
    assert [value.key for value in plain] == ["a"]
    done = staff.of(records.KvsDone)[-1]
    assert (done.operation, done.key, done.units) == ("get_entity", "author/a", 1)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("author2", "INVALID_ENTITY_TYPE"),
        ("x", "ENTITY_TYPE_TOO_SHORT"),
        ("x" * 61, "ENTITY_TYPE_TOO_LARGE"),
        (["employee"], "INVALID_ENTITY_TYPE"),
    ],
)
def test_an_entity_has_to_be_declared(staff: Staff, name: Json, code: str) -> None:
    """The refusal names those that are."""
    assert refused(staff, lambda: staff.one("get", "a", entity=name)) == (400, code)


@pytest.mark.parametrize("key", ["", "a/b", "x" * 501])
def test_keys_of_entities_have_the_same_rules(staff: Staff, key: str) -> None:
    """But for the code of an empty one."""
    code = {"": "EMPTY_KEY", "a/b": "INVALID_KEY"}.get(key, "KEY_TOO_LONG")
    assert refused(staff, lambda: staff.set(key)) == (400, code)


@pytest.mark.parametrize(
    ("attribute", "good", "bad"),
    [
        ("surname", ["x", " x "], ["", "  ", 5, None, True, ["x"]]),
        ("age", [0, -(2**31), 2**31 - 1], [2**31, -(2**31) - 1, 1.5, "1", True, None]),
        ("pay", [0, 1, -1.5, 1e-130, 9e125], [1e-131, 1e126, "1", False, None]),
        ("active", [True, False], [0, 1, "true", None]),
        ("notes", ["", 0, 1.5, True, [], {"a": None}], [None]),
    ],
)
def test_types_of_attributes_are_enforced(
    staff: Staff, attribute: str, good: list[Json], bad: list[Json]
) -> None:
    """At their very edges."""
    for value in good:
        staff.set("new", **{attribute: value})
        assert staff.one("get", "new") == {attribute: value}
    for value in bad:
        ask = lambda value=value: staff.set("other", **{attribute: value})  # noqa: E731
        assert refused(staff, ask) == (400, "INVALID_ENTITY_VALUE"), value


@pytest.mark.parametrize("value", [1, "x", [], True])
def test_a_value_of_an_entity_is_an_object(staff: Staff, value: Json) -> None:
    """Nothing else has attributes."""
    assert refused(staff, lambda: staff.one("set", "k", value)) == (400, "INVALID_ENTITY_VALUE")


def test_undeclared_attributes_are_refused_or_kept() -> None:
    """As the setting says; the documents do not."""
    loose = Staff(storage__undeclared_attributes="keep")
    loose.set("k", shoe=44)

    assert loose.one("get", "k") == {"shoe": 44}
    strict = Staff()
    assert refused(strict, lambda: strict.set("k", shoe=44)) == (400, "INVALID_ENTITY_VALUE")


@pytest.mark.parametrize(
    ("attributes", "fits"),
    [
        ({"surname": "x" * 900}, True),
        ({"surname": "x" * 901}, False),
        ({"surname": "é" * 451}, False),
        ({"gender": "x" * 1_700}, True),
        ({"gender": "x" * 1_696, "active": True}, True),
        ({"gender": "x" * 1_697, "active": True}, False),
    ],
)
def test_what_an_index_holds_is_limited(attributes: dict[str, Json], fits: bool) -> None:
    """900 bytes of a range, 1,700 of a partition, in UTF-8."""
    staff = Staff()
    if fits:
        staff.set("k", **attributes)
    else:
        assert refused(staff, lambda: staff.set("k", **attributes)) == (400, "INVALID_ENTITY_VALUE")


def test_an_index_orders_what_has_its_attributes(staff: Staff) -> None:
    """By the range, then by the key, either way."""
    staff.set("aa", surname="Adams", age=40)

    assert staff.keys() == ["a", "aa", "b", "c", "d"]
    assert staff.keys("surname") == ["aa", "d", "a", "c", "b"]
    assert staff.keys("by-age") == ["a", "c", "aa", "d"]
    assert staff.keys("by-age", sort="DESC") == ["d", "aa", "c", "a"]
    assert staff.keys("by-age-per-gender", partition=["f"]) == ["c", "d"]
    assert staff.keys("by-two", partition=["f", True]) == ["d", "c"]
    assert staff.keys("by-two", partition=["f", False]) == []


RANGES: list[tuple[str, dict[str, Json], list[str]]] = [
    ("by-age", condition("EQUAL_TO", 30), ["c"]),
    ("by-age", condition("BETWEEN", 20, 30), ["a", "c"]),
    ("by-age", condition("GREATER_THAN", 30), ["d"]),
    ("by-age", condition("GREATER_THAN_EQUAL_TO", 30), ["c", "d"]),
    ("by-age", condition("LESS_THAN", 30), ["a"]),
    ("by-age", condition("LESS_THAN_EQUAL_TO", 29.5), ["a"]),
    ("surname", condition("BEGINS_WITH", "C"), ["c"]),
    ("by-key", condition("GREATER_THAN", "b"), ["c", "d"]),
    ("by-key", condition("BEGINS_WITH", "a"), ["a"]),
]


@pytest.mark.parametrize(("index", "range", "expected"), RANGES)
def test_a_where_limits_the_range(
    staff: Staff, index: str, range: dict[str, Json], expected: list[str]
) -> None:
    """Every condition there is for it."""
    assert staff.keys(index, range=range) == expected


FILTERED: list[tuple[dict[str, Json], list[str]]] = [
    (clause("gender", "EQUAL_TO", "f"), ["b", "c", "d"]),
    (clause("gender", "NOT_EQUAL_TO", "f"), ["a"]),
    (clause("age", "EXISTS", True), ["a", "c", "d"]),
    (clause("age", "NOT_EXISTS", True), ["b"]),
    (clause("age", "BETWEEN", 30, 40), ["c", "d"]),
    (clause("age", "NOT_EQUAL_TO", 30), ["a", "b", "d"]),
    (clause("pay", "GREATER_THAN", 1), ["c"]),
    (clause("active", "EQUAL_TO", False), ["a"]),
    (clause("surname", "CONTAINS", "a"), ["a", "b", "c", "d"]),
    (clause("surname", "CONTAINS", "vi"), ["b"]),
    (clause("surname", "NOT_CONTAINS", "vi"), ["a", "c", "d"]),
    (clause("surname", "BEGINS_WITH", "A"), ["d"]),
]


@pytest.mark.parametrize(("asked", "expected"), FILTERED)
def test_filters_keep_what_meets_them(
    staff: Staff, asked: dict[str, Json], expected: list[str]
) -> None:
    """An attribute that is not there meets only what is negative."""
    assert staff.keys(filters={"and": [asked]}) == expected


def test_filters_are_joined(staff: Staff) -> None:
    """All of them, or any."""
    both = [clause("gender", "EQUAL_TO", "f"), clause("age", "LESS_THAN", 35)]

    assert staff.keys(filters={"and": both}) == ["c"]
    assert staff.keys(filters={"or": both}) == ["a", "b", "c", "d"]


def test_filters_thin_out_a_page_after_it_was_read(staff: Staff) -> None:
    """So a page may be empty though others follow; what was read is paid for."""
    filters = {"and": [clause("surname", "EQUAL_TO", "Adams")]}
    first = staff.page(limit=3, filters=filters)
    paid = staff.of(records.KvsDone)[-1]

    assert (first.found, first.more) == ((), True)
    assert paid.bytes > 100
    assert paid.keys == []
    assert staff.keys(limit=3, filters=filters, cursor=first.cursors[0]) == ["d"]


HAS_AGE = clause("age", "EXISTS", True)
REFUSED: list[tuple[dict[str, Any], int, str]] = [
    ({"index": "by-shoe"}, 400, "INVALID_ENTITY_INDEX"),
    ({"index": None}, 400, "INVALID_ENTITY_INDEX"),
    ({"limit": 0}, 400, "COMPLEX_QUERY_PAGE_LIMIT_NOT_IN_RANGE"),
    ({"limit": 101}, 400, "COMPLEX_QUERY_PAGE_LIMIT_NOT_IN_RANGE"),
    ({"sort": "UP"}, 400, "INVALID_OPTIONS"),
    ({"cursor": "x"}, 400, "INVALID_CURSOR"),
    ({"options": 5}, 400, "INVALID_OPTIONS"),
    ({"index": "by-age-per-gender"}, 400, "INVALID_FILTER_VALUES"),
    ({"index": "by-age-per-gender", "partition": ["f", 1]}, 400, "INVALID_FILTER_VALUES"),
    ({"index": "by-age-per-gender", "partition": [5]}, 400, "INVALID_FILTER_VALUES"),
    ({"index": "by-age", "partition": ["f"]}, 400, "INVALID_FILTER_VALUES"),
    ({"range": 5}, 400, "INVALID_FILTER_CONDITION"),
    ({"range": {}}, 400, "INVALID_FILTER_CONDITION"),
    ({"range": condition("CONTAINS", "a")}, 400, "INVALID_FILTER_CONDITION"),
    ({"index": "by-age", "range": condition("BEGINS_WITH", "a")}, 400, "INVALID_FILTER_CONDITION"),
    ({"index": "by-age", "range": condition("EQUAL_TO", "a")}, 400, "INVALID_FILTER_VALUES"),
    ({"index": "by-age", "range": condition("EQUAL_TO")}, 400, "INVALID_FILTER_VALUES"),
    ({"index": "by-age", "range": condition("BETWEEN", 1)}, 400, "INSUFFICIENT_FILTER_VALUES"),
    ({"filters": []}, 400, "INVALID_FILTER_CONDITION"),
    ({"filters": {"and": []}}, 400, "EMPTY_FILTER_OPERATOR"),
    ({"filters": {}}, 400, "EMPTY_FILTER_OPERATOR"),
    (
        {
            "filters": {
                "and": [clause("age", "EXISTS", True)],
                "or": [clause("age", "EXISTS", True)],
            }
        },
        400,
        "INVALID_FILTER_OPERATORS_COMBINATION",
    ),
    ({"filters": {"and": ["age"]}}, 400, "INVALID_FILTER_CONDITION"),
    ({"filters": {"and": [clause("shoe", "EXISTS", True)]}}, 400, "INVALID_ENTITY_ATTRIBUTE"),
    ({"filters": {"and": [clause("age", "CONTAINS", "1")]}}, 400, "INVALID_FILTER_CONDITION"),
    ({"filters": {"and": [clause("notes", "EXISTS", True)]}}, 422, "UNPROCESSABLE_ENTITY"),
    ({"filters": {"and": [clause("age", "EXISTS", True)] * 101}}, 400, "INVALID_FILTER_CONDITION"),
]


@pytest.mark.parametrize(
    ("asked", "status", "code"), REFUSED, ids=[str(r[0])[:40] for r in REFUSED]
)
def test_queries_against_the_rules_are_refused(
    staff: Staff, asked: dict[str, Any], status: int, code: str
) -> None:
    """With the code that is published for it, where one is."""
    assert refused(staff, lambda: staff.page(**asked)) == (status, code)
    assert staff.of(records.KvsRefused)[-1].units is None


def test_queries_of_one_partition_have_a_throughput() -> None:
    """24 MB/s, and each partition for itself."""
    staff, notes = Staff(), "x" * 235_000
    for n in range(100):
        staff.set(f"k{n:02d}", gender="f", age=1, notes=notes) if n % 4 == 0 else None
        staff.world.now += 2_000
    for _ in range(4):
        assert len(staff.keys("by-age-per-gender", partition=["f"], limit=25)) == 25
    with pytest.raises(Fault) as caught:
        staff.page("by-age-per-gender", partition=["f"], limit=25)

    assert caught.value.limit == "limits.kvs.index_query_mb_per_second"
    assert staff.keys("by-age-per-gender", partition=["m"]) == []


def test_batches_mix_entities_and_values(staff: Staff) -> None:
    """The same key may be in one of each."""
    items = (
        KvsItem("new", b'{"age":1}', entity="employee"),
        KvsItem("new", b'{"name":"x"}', entity="author"),
        KvsItem("new", b"1"),
        KvsItem("bad", b'{"age":"1"}', entity="employee"),
        KvsItem("bad", b"{}", entity="nobody"),
    )
    stored = staff.many(KvsBatch("batch_set", items))
    found = staff.many(KvsBatch("batch_get", items[:3]))
    gone = staff.many(KvsBatch("batch_delete", items[:3]))

    assert stored.keys == ("employee/new", "author/new", "new")
    assert [x.fault.body["code"] for x in stored.failed] == [
        "INVALID_ENTITY_VALUE",
        "INVALID_ENTITY_TYPE",
    ]
    assert [value.value_text for value in found.found] == [b'{"age":1}', b'{"name":"x"}', b"1"]
    assert gone.keys == stored.keys
    assert staff.one("get", "new") is None


def test_conditions_of_a_transaction(staff: Staff) -> None:
    """All are met by what was there before, or nothing is done."""
    young = {"and": [clause("age", "LESS_THAN", 21)]}
    new = {"and": [clause("surname", "NOT_EXISTS", True)]}
    call = KvsTransaction(
        sets=(
            KvsItem("a", b'{"age":21}', entity="employee", conditions=young),
            KvsItem("e", b'{"age":50}', entity="employee", conditions=new),
        ),
        deletes=(KvsItem("b", entity="employee"),),
        checks=(KvsItem("c", entity="employee", conditions={"and": [HAS_AGE]}),),
    )

    assert staff.many(call).keys == ("employee/a", "employee/e", "employee/b")
    assert staff.one("get", "a") == {"age": 21}
    assert refused(staff, lambda: staff.many(call)) == (400, "CONDITIONAL_CHECK_FAILED")
    refusal = staff.of(records.KvsRefused)[-1]
    assert (refusal.limit, refusal.units) == ("kvs.condition", 1)


@pytest.mark.parametrize(
    ("check", "code"),
    [
        (KvsItem("a", entity="employee"), "INVALID_TRANSACTION_REQUEST"),
        (KvsItem("a", entity="employee", conditions={}), "EMPTY_FILTER_OPERATOR"),
        (KvsItem("a", entity="nobody", conditions={"and": []}), "INVALID_ENTITY_TYPE"),
        (
            KvsItem("z", entity="employee", conditions={"and": [HAS_AGE]}),
            "CONDITIONAL_CHECK_FAILED",
        ),
    ],
)
def test_a_check_needs_conditions_that_are_met(staff: Staff, check: KvsItem, code: str) -> None:
    """A value that does not exist has no attributes."""
    call = KvsTransaction(sets=(KvsItem("k", b"1"),), checks=(check,))
    assert refused(staff, lambda: staff.many(call)) == (400, code)
    assert staff.one("get", "k", entity=None) is None


def test_entities_outlive_a_restart(tmp_path: Path) -> None:
    """As they were, in the same order; what is deleted stays so."""
    staff = Staff()
    staff.world.persist_to(tmp_path)
    staff.set("a", age=1)
    staff.set("b", age=2)
    staff.one("set", "a", 7, entity=None)
    staff.one("delete", "a")
    staff.world.restart()

    assert staff.keys("by-age") == ["b"]
    assert staff.one("get", "a", entity=None) == 7
    staff.world.engine.take_changes()
    everything = staff.world.engine.take_changes(everything=True)
    assert list(everything.values) == [(False, "a"), (False, "employee/b")]
    assert staff.world.database is not None
    staff.world.database.close()


def test_a_reload_takes_over_what_the_manifest_declares(staff: Staff) -> None:
    """Values whose attribute has another type now are in no index of it."""
    changed = {**EMPLOYEE, "attributes": {**EMPLOYEE["attributes"], "age": {"type": "string"}}}  # type: ignore[dict-item]
    new = structs.replace(app(), storage={"entities": [changed]})
    staff.world.engine.reload_app(new, 2, staff.world.now)
    staff.set("e", age="old")

    assert staff.keys("by-age") == ["e"]
    assert len(staff.keys()) == 5


ROWS = st.dictionaries(
    st.text("abc", min_size=1, max_size=3),
    st.tuples(st.none() | st.integers(0, 4), st.sampled_from("mf")),
    max_size=12,
)


@given(ROWS, st.integers(1, 5), st.booleans(), st.none() | st.integers(0, 4))
def test_pages_of_an_index_hold_every_value_once(
    rows: dict[str, tuple[int | None, str]], limit: int, descending: bool, least: int | None
) -> None:
    """In order, whatever the size of pages, the direction and the range."""
    staff, found, cursor = Staff(), list[str](), None
    for key, (age, gender) in rows.items():
        staff.set(key, gender=gender, **({} if age is None else {"age": age}))
    range = None if least is None else condition("GREATER_THAN_EQUAL_TO", least)
    sort = "DESC" if descending else None
    while True:
        page = staff.page(
            "by-age-per-gender", partition=["f"], range=range, sort=sort, limit=limit, cursor=cursor
        )
        found += [value.key.removeprefix("employee/") for value in page.found]
        if not page.more:
            break
        cursor = page.cursors[0]
    expected = sorted(
        (age, key) for key, (age, gender) in rows.items()
        if gender == "f" and age is not None and age >= (least or 0)
    )  # fmt: skip

    assert found == [key for _, key in (reversed(expected) if descending else expected)]
