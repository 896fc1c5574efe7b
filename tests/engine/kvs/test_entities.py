"""Custom entities are read as the manifest declares them, and anew when it is reloaded."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import structs

from forge_emu.engine.kvs.entities import KEY, Index, entities_of
from tests.engine.kvs_drivers.entity_driver import (
    EMPLOYEE,
    STORAGE,
    Staff,
)
from tests.engine.world import app


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


def test_a_reload_takes_over_what_the_manifest_declares(staff: Staff) -> None:
    """Values whose attribute has another type now are in no index of it."""
    changed = {**EMPLOYEE, "attributes": {**EMPLOYEE["attributes"], "age": {"type": "string"}}}  # type: ignore[dict-item]
    new = structs.replace(app(), storage={"entities": [changed]})
    staff.world.engine.reload_app(new, 2, staff.world.now)
    staff.set("e", age="old")

    assert staff.keys("by-age") == ["e"]
    assert len(staff.keys()) == 5
