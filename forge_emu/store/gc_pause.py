"""Lets the garbage collector search less often, or not at all while much is built that stays."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_THRESHOLDS: Final = (50_000, 20, 100)
"""New objects between two searches among the young, and how many of those between two of the older.
Python's are 700, 10 and 10: a tenth of a run's time, for little that is found."""


def collect_seldom() -> None:
    """For a process of forge-emu's own: memory that a search would free is freed later."""
    gc.set_threshold(*_THRESHOLDS)


@contextmanager
def gc_paused(*, freeze: bool = False) -> Iterator[None]:
    """Pause the garbage collector while many objects are made that stay.

    Reading a million events takes a third of the time so. With `freeze` they are not searched
    later either.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
        if freeze:
            gc.freeze()
    finally:
        if was_on:
            gc.enable()
