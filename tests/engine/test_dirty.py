"""Changed items are collected once each, in order, and only where somebody saves them."""

from __future__ import annotations

from forge_emu.engine.dirty import DirtySet


def enabled() -> DirtySet[str]:
    """A set whose items somebody saves."""
    dirty: DirtySet[str] = DirtySet()
    dirty.enabled = True
    return dirty


def test_nothing_is_collected_where_nobody_saves() -> None:
    """What changed before stays unknown, when somebody begins to."""
    dirty: DirtySet[str] = DirtySet()
    dirty.mark("early")
    dirty.enabled = True
    dirty.mark("late")
    assert dirty.drain() == ["late"]


def test_an_item_comes_once_where_it_first_changed() -> None:
    """However often it changes after that."""
    dirty = enabled()
    for item in ("b", "a", "b", "c", "a"):
        dirty.mark(item)
    assert dirty.drain() == ["b", "a", "c"]


def test_a_drained_item_can_change_again() -> None:
    """Draining forgets what it answers."""
    dirty = enabled()
    dirty.mark("a")
    assert dirty.drain() == ["a"]
    assert dirty.drain() == []
    dirty.mark("a")
    assert dirty.drain() == ["a"]
