"""Collections: ids that go on, parents, second names, changes."""

from __future__ import annotations

import msgspec

from forge_emu.site.collection import Collection, Place, id_order


class Thing(msgspec.Struct, frozen=True, array_like=True):
    id: str
    name: str
    box: str = "a"


def things(changes: list[Place] | None = None) -> Collection[Thing]:
    """An empty collection that tells `changes` of every change."""
    marked = [] if changes is None else changes
    return Collection(
        "thing", Thing, marked.append, id_of=lambda x: x.id, parent_of=lambda x: x.box,
        alias_of=lambda x: x.name,
    )  # fmt: skip


def test_ids_go_on_from_the_highest() -> None:
    """Also from one that somebody else gave, and after it is gone."""
    found = things()
    assert found.new_id() == "10000"

    found.put(Thing("10007", "x"))
    found.remove("10007")

    assert found.new_id() == "10008"


def test_things_are_found_by_id_second_name_and_parent() -> None:
    """A thing that takes another's place leaves no trace of it."""
    found = things()
    found.put(Thing("2", "two"))
    found.put(Thing("10", "ten"))
    found.put(Thing("2", "deux", "b"))

    assert (found.find("ten"), found.find("two")) == (Thing("10", "ten"), None)
    assert found.find("deux") == found.get("2")
    assert ([x.id for x in found.children("a")], found.count_children("b")) == (["10"], 1)


def test_an_id_that_many_name_is_one_text() -> None:
    """That of the thing itself; one that nothing has stays what it is."""
    found = things()
    kept = found.put(Thing("10007", "x"))
    given = "".join(("100", "07"))

    assert given is not kept.id
    assert found.own_id(given) is kept.id
    assert found.own_id("8") == "8"


def test_the_order_is_that_of_the_numbers() -> None:
    """Texts come behind them."""
    assert sorted(["b", "10", "9"], key=id_order) == ["9", "10", "b"]


def test_every_change_is_told() -> None:
    """A removal of what is not there is none."""
    changes: list[Place] = []
    found = things(changes)
    found.put(Thing("1", "x"))
    found.remove("1")
    found.remove("1")

    assert changes == [("thing", "1"), ("thing", "1")]
