"""A place has named parts in memory; what is saved is the flag and the text it always was."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge_emu.engine.kvs.place import (
    KvsPlace,
    restored_place,
    saved_place,
    stored_value,
)
from forge_emu.model import SavedPlace, StoredValue


@pytest.mark.parametrize(
    ("place", "saved"),
    [
        (KvsPlace("plain", "", "k"), (False, "k")),
        (KvsPlace("secret", "", "k"), (True, "k")),
        (KvsPlace("entity", "author", "k"), (False, "author/k")),
        # The throughput of an index's partition is counted under such a place.
        (KvsPlace("entity", "author", 'by-age/["a/b"]'), (False, 'author/by-age/["a/b"]')),
    ],
)
def test_places_are_saved_as_a_flag_and_a_text(place: KvsPlace, saved: SavedPlace) -> None:
    """And come back with their parts."""
    assert saved_place(place) == saved
    assert restored_place(saved) == place
    assert place.qualified_key == saved[1]


@given(st.booleans(), st.text(st.sampled_from("ab/"), max_size=6))
def test_whatever_was_saved_is_saved_again_as_it_was(secret: bool, key: str) -> None:
    """Even what no key may be, as in a state file that is damaged."""
    assert saved_place(restored_place((secret, key))) == (secret, key)


@pytest.mark.parametrize(
    ("secret", "key", "value"),
    [
        (0, "k", StoredValue("k", b"1", 1, 2, 3)),
        (1, "a/k", StoredValue("a/k", b"1", 1, 2, 3)),
        (0, "author/k", StoredValue("k", b"1", 1, 2, 3, "author")),
    ],
)
def test_a_row_is_a_value_that_knows_its_entity(secret: int, key: str, value: StoredValue) -> None:
    """Its key is the one that the app calls it by."""
    assert stored_value(secret, key, b"1", 1, 2, 3) == ((bool(secret), key), value)
    assert value.qualified_key == key
