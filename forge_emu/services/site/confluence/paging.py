"""Pages of results: cursors in version 2, `start` and `limit` in version 1."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable, Sequence
from typing import Final, TypeVar
from urllib.parse import urlencode

from forge_emu.model import Json
from forge_emu.services.site.call import Answer, SiteCall
from forge_emu.services.site.confluence.errors import error_v2
from forge_emu.site.confluence import entities as e
from forge_emu.site.confluence.views_v1 import page_of
from forge_emu.site.confluence.views_v2 import BASE

T = TypeVar("T")

_MOST: Final = 250
_USUAL: Final = 25
_SORTS: Final[dict[str, Callable[[e.Content], tuple[int, str]]]] = {
    "id": lambda x: (len(x.id), x.id),
    "title": lambda x: (0, x.title.lower()),
    "created-date": lambda x: (x.created, ""),
    "modified-date": lambda x: (x.version.created, ""),
}


def paged_v2(
    call: SiteCall, things: Sequence[T], view: Callable[[T], Json], extra: Json = None
) -> Answer:
    """One page of the things. Its `_links.next` and its header `Link` lead to the next one."""
    limit = max(1, min(call.int_param("limit", _USUAL), _MOST))
    start = _start(call)
    results = [view(each) for each in things[start : start + limit]]
    links: dict[str, Json] = {"base": BASE}
    header = f'<{BASE}>; rel="base"'
    if start + limit < len(things):
        kept = [(k, v) for k, values in call.query.items() for v in values if k != "cursor"]
        query = urlencode([*kept, ("cursor", _cursor(start + limit))])
        links["next"] = f"/wiki/{call.path}?{query}"
        header = f'<{links["next"]}>; rel="next", {header}'
    return Answer(
        body={"results": results, "_links": links}, headers={"link": header}, objects=len(results)
    )


def sorted_contents(call: SiteCall, contents: Iterable[e.Content]) -> list[e.Content]:
    """Contents in the order that `sort` asks for. Raises SiteError (400)."""
    given = call.param("sort") or "id"
    key = _SORTS.get(given.removeprefix("-"))
    if key is None:
        known = ", ".join(name for each in _SORTS for name in (each, f"-{each}"))
        raise error_v2(400, f"Provided value {{{given}}} for 'sort' is not one of: {known}")
    return sorted(contents, key=key, reverse=given.startswith("-"))


def paged_v1(call: SiteCall, things: Sequence[T], view: Callable[[T], Json]) -> Answer:
    """One page of the things, as version 1 shows it."""
    limit = max(0, min(call.int_param("limit", _USUAL), 1_000))
    start = call.int_param("start", 0)
    results = [view(each) for each in things[start : start + limit]]
    kept = [(k, v) for k, each in call.query.items() for v in each if k not in ("start", "limit")]
    path = f"/{call.path}" + (f"?{urlencode(kept)}" if kept else "")
    body = page_of(results, start, limit, len(things), path)
    return Answer(body=body, objects=len(results))


def _cursor(start: int) -> str:
    return base64.urlsafe_b64encode(f"from:{start}".encode()).decode()


def _start(call: SiteCall) -> int:
    given = call.param("cursor")
    if given is None:
        return 0
    try:
        text = base64.urlsafe_b64decode(given.encode()).decode()
    except (binascii.Error, UnicodeError, ValueError):
        text = ""
    number = text.removeprefix("from:")
    if not text.startswith("from:") or not number.isdecimal():
        raise error_v2(400, "The cursor is not one that this API has given")
    return int(number)
