"""The Custom Entity Store accepts values by the types of their attributes."""

from __future__ import annotations

import pytest

from forge_emu.model import Json
from tests.engine.kvs_drivers.entity_driver import (
    Staff,
    refused,
)


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
