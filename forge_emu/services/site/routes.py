"""Which handler answers which method and path."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias
from urllib.parse import unquote

from forge_emu.services.site.call import Answer, SiteCall
from forge_emu.settings import Setting

Handler: TypeAlias = Callable[[SiteCall], Answer]
Cost: TypeAlias = Literal["core", "identity", "write"]
"""What a call is in the table of points: reads of content, of people and permissions, or writes."""


@dataclass(frozen=True)
class Route:
    """One operation of a product.

    `path` has names in braces, each for one part; `{version}` stands for 2, 3 or latest. One of
    `scopes` has to be in the manifest. `issue` is the name in the path of the issue that the
    operation writes to, `burst` its own limit per second, where it has one. `reads_json` is
    False for an operation whose body is no JSON.
    """

    method: str
    path: str
    handle: Handler
    scopes: tuple[str, ...] = ()
    cost: Cost = "core"
    issue: str | None = None
    burst: Setting[int | None] | None = None
    reads_json: bool = True

    @property
    def is_write(self) -> bool:
        """Whether it changes something."""
        return self.cost == "write"


class Routes:
    """The routes of a product. The first that fits answers: those without names come first.

    Requests may begin with `prefix`, and may leave it out; the paths of routes do without.
    """

    def __init__(self, routes: Iterable[Route], prefix: str = "") -> None:
        self.all = tuple(routes)
        self._prefix = prefix.strip("/")
        self._by_length: dict[tuple[str, int], list[tuple[list[str], Route]]] = {}
        for route in sorted(self.all, key=lambda route: route.path.count("{")):
            parts = route.path.strip("/").split("/")
            self._by_length.setdefault((route.method, len(parts)), []).append((parts, route))

    def find(self, method: str, path: str) -> tuple[Route, Mapping[str, str]] | None:
        """The route of a request, and what the names in its path stand for."""
        given = self.without_prefix(path).split("/")
        for parts, route in self._by_length.get((method, len(given)), ()):
            if (names := _match(parts, given)) is not None:
                return route, names
        return None

    def without_prefix(self, path: str) -> str:
        """The path without the product's prefix, and without slashes at its ends."""
        path = path.strip("/")
        return path.removeprefix(f"{self._prefix}/") if self._prefix else path


def _match(parts: list[str], given: list[str]) -> dict[str, str] | None:
    names: dict[str, str] = {}
    for part, text in zip(parts, given, strict=True):
        if part[:1] == "{":
            if not text or (part == "{version}" and text not in ("2", "3", "latest")):
                return None
            names[part[1:-1]] = unquote(text)
        elif part != text:
            return None
    return names
