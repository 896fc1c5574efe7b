"""The state of objects is read, and put back into the same objects."""

from __future__ import annotations

import itertools
import random
from array import array
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from forge_emu.emulator.snapshots.object_state import NotState, ObjectState


class Slotted:
    """An object with slots, one of which may be empty."""

    __slots__ = ("a", "b")
    a: Any
    b: Any


@dataclass
class Thing:
    """An object with attributes."""

    content: Any
    more: dict[str, Any] = field(default_factory=dict)


# Only objects of forge-emu are read: these stand for some.
Slotted.__module__ = Thing.__module__ = "forge_emu.tests"


def test_containers_get_their_content_back_and_stay_the_same_objects() -> None:
    """Order included, however often they are restored."""
    every: dict[str, Any] = {
        "list": [1, [2]],
        "dict": {"b": 1, "a": {"c": 2}},
        "ordered": OrderedDict([("b", 1), ("a", 2)]),
        "counter": Counter("aab"),
        "default": defaultdict(list, {"x": [1]}),
        "deque": deque([1, 2], maxlen=2),
        "set": {1, 2},
        "bytes": bytearray(b"ab"),
        "array": array("d", [1.5]),
        "tuple": ([1],),
    }
    state = ObjectState(every, NotState())
    before, same = repr(every), {name: id(each) for name, each in every.items()}
    for _ in range(2):
        every["list"][1].append(3)
        every["list"].clear()
        every["dict"]["a"]["c"] = 9
        every["dict"]["z"] = every["dict"].pop("b")
        every["ordered"].move_to_end("b")
        every["counter"]["a"] += 5
        every["default"]["y"].append(1)
        every["deque"].append(3)
        every["set"].add(3)
        every["bytes"] += b"c"
        every["array"].append(2.5)
        every["tuple"][0].append(2)
        every["new"] = 1
        assert repr(every) != before
        state.restore()
        assert repr(every) == before
        assert {name: id(each) for name, each in every.items()} == same


def test_attributes_and_slots_get_their_values_back() -> None:
    """Those that were added are gone; a cycle does no harm."""
    slotted = Slotted()
    slotted.a = [1]
    thing = Thing(slotted)
    thing.more["self"] = thing
    state = ObjectState(thing, NotState())
    slotted.a.append(2)
    slotted.a = None
    thing.content = None
    thing.extra = 1  # type: ignore[attr-defined]
    state.restore()
    assert thing.content is slotted
    assert slotted.a == [1]
    assert not hasattr(thing, "extra")


def test_chance_goes_on_as_before() -> None:
    """Also where only a method of its source is known."""
    source = random.Random(1)
    held = Thing({"draw": source.random, "partly": partial(source.randrange, 100)})
    state = ObjectState(held, NotState())
    first = source.random(), source.random()
    state.restore()
    assert (source.random(), source.random()) == first


def test_what_functions_have_taken_in_gets_its_state_back() -> None:
    """Variables that they change themselves, too."""

    def counting() -> Callable[[], int]:
        count, seen = 0, []

        def step() -> int:
            nonlocal count
            count += 1
            seen.append(count)
            return len(seen)

        return step

    step = counting()
    step()
    state = ObjectState([step], NotState())
    assert (step(), step()) == (2, 3)
    state.restore()
    assert step() == 2


def test_what_is_no_state_is_left_alone_and_not_entered() -> None:
    """An attribute of a class, or all of a module."""
    thing = Thing([1], {"x": 1})
    state = ObjectState(thing, NotState({Thing: frozenset({"content"})}))
    thing.content.append(2)
    kept = thing.content
    thing.more["x"] = 2
    state.restore()
    assert thing.content is kept
    assert (kept, thing.more) == ([1, 2], {"x": 1})
    whole = ObjectState([thing], NotState(modules=("forge_emu.tests",)))
    thing.more["x"] = 3
    whole.restore()
    assert thing.more == {"x": 3}


def test_an_object_that_cannot_be_read_is_named() -> None:
    """A snapshot that misses something would be worse than none."""
    with pytest.raises(TypeError, match=r"does not know how to read .*count"):
        ObjectState([itertools.count()], NotState())
