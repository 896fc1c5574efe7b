"""Values stay in the order of their keys, whatever is put and removed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from forge_emu.engine.kvs.sorted_values import SortedValues
from forge_emu.model import StoredValue

KEYS = st.text("ab#", min_size=1, max_size=4)


@given(st.lists(st.tuples(st.sampled_from(["put", "remove", "list"]), KEYS)))
def test_values_are_always_in_order(steps: list[tuple[str, str]]) -> None:
    """As sorting what it holds would give it, from any prefix and any place on."""
    values, held = SortedValues(), set[str]()
    for what, key in steps:
        if what == "put":
            values.put(StoredValue(key, b"1", 0, 0))
            held.add(key)
        elif what == "remove":
            assert values.remove(key) == (key in held)
            held.discard(key)
        else:
            found = [value.key for value in values.with_prefix(key[0], key)]
            assert found == sorted(k for k in held if k.startswith(key[0]) and k > key)
        assert len(values) == len(held)
    assert [value.key for value in values.with_prefix("")] == sorted(held)
