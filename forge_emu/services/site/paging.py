"""Pages of a list, as products cut them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from forge_emu.model import Json
from forge_emu.services.site.call import SiteCall

T = TypeVar("T")


def page_bounds(call: SiteCall, default: int, most: int) -> tuple[int, int]:
    """`startAt` and `maxResults` of a request."""
    return call.int_param("startAt", 0), min(max(call.int_param("maxResults", default), 1), most)


def cut(things: Sequence[T], start: int, size: int) -> Sequence[T]:
    """The things of a page."""
    return things[start : start + size]


def page_bean(things: Sequence[Json], start: int, size: int, **extra: Any) -> dict[str, Json]:
    """A page with `values`, as newer resources have it."""
    page = cut(things, start, size)
    return {
        "maxResults": size,
        "startAt": start,
        "total": len(things),
        "isLast": start + len(page) >= len(things),
        "values": list(page),
        **extra,
    }
