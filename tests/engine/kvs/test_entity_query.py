"""Queries of custom entities: pages in the order of an index, filtered, at the right price."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge_emu import records
from forge_emu.errors import Fault
from tests.engine.kvs_drivers.entity_driver import (
    Staff,
    clause,
    condition,
    refused,
)


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


def test_filters_thin_out_a_page_after_it_was_read(staff: Staff) -> None:
    """So a page may be empty though others follow; what was read is paid for."""
    filters = {"and": [clause("surname", "EQUAL_TO", "Adams")]}
    first = staff.page(limit=3, filters=filters)
    paid = staff.of(records.KvsDone)[-1]

    assert (first.found, first.more) == ((), True)
    assert paid.bytes > 100
    assert paid.keys == []
    assert staff.keys(limit=3, filters=filters, cursor=first.cursors[0]) == ["d"]


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
        found += [value.key for value in page.found]
        if not page.more:
            break
        cursor = page.cursors[0]
    expected = sorted(
        (age, key)
        for key, (age, gender) in rows.items()
        if gender == "f" and age is not None and age >= (least or 0)
    )

    assert found == [key for _, key in (reversed(expected) if descending else expected)]


def test_the_throughput_of_a_partition_outlives_a_restart(tmp_path: Path) -> None:
    """It is counted for the same partition, whatever its values are."""
    staff, notes = Staff(limits__kvs__index_query_mb_per_second=1), "x" * 200_000
    staff.world.persist_to(tmp_path)
    for key in "abcd":
        staff.set(key, gender="f/m", age=1, notes=notes)
    assert len(staff.keys("by-age-per-gender", partition=["f/m"])) == 4
    staff.world.restart()
    with pytest.raises(Fault) as caught:
        staff.page("by-age-per-gender", partition=["f/m"])

    assert caught.value.limit == "limits.kvs.index_query_mb_per_second"
    assert "'employee/by-age-per-gender/[\"f/m\"]'" in caught.value.body["message"]
    assert staff.world.database is not None
    staff.world.database.close()
