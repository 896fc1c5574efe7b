"""Python's collector of cycles, kept from searching what is known to be there to stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def building_up(*, to_stay: bool = False) -> Iterator[None]:
    """While very much is made that stays, do not search it for garbage again and again.

    Reading a million events takes a third of the time so. What is there `to_stay` is not searched
    later either.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
        if to_stay:
            gc.freeze()
    finally:
        if was_on:
            gc.enable()
