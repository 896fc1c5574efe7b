"""Pages of queries: how many values they hold, and the cursors from one to the next."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge_emu.engine.kvs.cursors import decode_cursor, encode_cursor
from forge_emu.errors import Fault
from forge_emu.settings import Settings
from tests.engine.kvs_drivers.store_driver import StoreDriver, key_names, keys_of, refusal


@pytest.mark.parametrize("limit", [0, -1, 101, 1.5, "10", True, [5]])
def test_a_limit_out_of_range_is_refused(limit: Any) -> None:
    """With the code that is published for it."""
    assert refusal(StoreDriver(), lambda s: s.query(limit=limit)) == (
        400,
        "LIST_QUERY_LIMIT_EXCEEDED",
        "limits.kvs.query_results",
    )


@pytest.mark.parametrize("cursor", ["nonsense", "e30=", "é", 7, ["a"], {"key": "a"}, "AAAA"])
def test_what_is_no_cursor_is_refused(cursor: Any) -> None:
    """Nothing but what a query gave is one."""
    assert refusal(StoreDriver(), lambda s: s.query(after=cursor)) == (
        400,
        "INVALID_CURSOR",
        "kvs.cursor",
    )


@pytest.mark.parametrize("cursor", [None, ""])
def test_no_cursor_is_the_first_page(cursor: str | None) -> None:
    """An empty one as well: loops begin with it."""
    store = StoreDriver()
    store.add_values("a")

    assert keys_of(store.query(after=cursor)) == ["a"]


def test_a_cursor_belongs_to_the_parameters_it_came_from() -> None:
    """With another `where` it is refused, or where the setting says so, a place all the same."""
    store = StoreDriver()
    store.add_values("ab1", "ab2", "ac")
    cursor = store.query("ab", limit=1).cursors[-1]
    loose = StoreDriver(storage__foreign_cursor="accept")
    loose.add_values("ab1", "ab2", "ac")

    assert refusal(store, lambda s: s.query("a", after=cursor))[1] == "INVALID_CURSOR"
    assert keys_of(loose.query("a", after=cursor)) == ["ab2", "ac"]


@pytest.mark.parametrize(
    ("setting", "found"),
    [({}, 10), ({"limits__kvs__query_results": 5}, 5), ({"preset": "off"}, 10)],
)
def test_a_page_without_a_limit_is_of_the_default(setting: dict[str, Any], found: int) -> None:
    """But never more than a page may hold."""
    store = StoreDriver(**setting)
    store.add_values(*key_names(20))

    assert len(keys_of(store.query())) == found


def test_without_a_limit_a_page_holds_as_many_as_asked_for() -> None:
    """At least one."""
    store = StoreDriver(preset="off")
    store.add_values(*key_names(200))

    assert len(keys_of(store.query(limit=1_000))) == 200
    assert refusal(store, lambda s: s.query(limit=0))[1] == "LIST_QUERY_LIMIT_EXCEEDED"


@given(st.text() | st.integers(-(2**53), 2**53) | st.booleans(), st.text(), st.text())
def test_a_cursor_comes_back_as_the_position_it_was(
    at: str | int | bool, key: str, parameters: str
) -> None:
    """Of any type that an index can be sorted by."""
    cursor = encode_cursor((at, key), parameters)

    assert decode_cursor(cursor, parameters, Settings()) == (at, key)
    with pytest.raises(Fault):
        decode_cursor(cursor, parameters + "x", Settings())
