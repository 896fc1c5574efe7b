"""Python's collector of cycles, kept from searching what is known to be there to stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def building_up() -> Iterator[None]:
    """While very much is made that stays, do not search it for garbage again and again.

    Reading a million events takes a third of the time so.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
