"""Which of an app's sources its handlers import: scripts beside them are no part of it. Pure."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

Sources = Mapping[str, str]
"""Path relative to the app (`src/index.js`) to the file's text."""

_ENDINGS: Final = ("", ".ts", ".tsx", ".js", ".jsx", ".mjs", ".cjs", ".mts", ".cts")
_IMPORT: Final = re.compile(
    r"""\b(?:from|import|require)\s*\(?\s*["'`]([^"'`\n]+)["'`]""",
)


def imported_sources(sources: Sources, entries: Iterable[str]) -> Sources:
    """The files that `entries` import, directly or through others, and all that is Python.

    All of `sources` where that is not certain: an entry is missing, or a name may be an alias.
    """
    waiting = [entry for entry in entries if not entry.endswith(".py")]
    found: dict[str, str] = {}
    while waiting:
        file = waiting.pop()
        if file in found:
            continue
        if file not in sources:
            return sources
        found[file] = sources[file]
        for name in _IMPORT.findall(sources[file]):
            if _may_be_alias(name, sources):
                return sources
            waiting += _files_of(name, file, sources)
    return {file: text for file, text in sources.items() if file in found or file.endswith(".py")}


def _may_be_alias(name: str, sources: Sources) -> bool:
    """Whether a name without `./` may mean a file of the app."""
    if name.startswith((".", "/")):
        return False
    path = name.partition("/")[2]
    return name.startswith(("#", "~", "@/", "$")) or any(
        _stem(file) == name or (path and f"/{_stem(file)}".endswith(f"/{path}")) for file in sources
    )


def _files_of(name: str, importer: str, sources: Sources) -> Iterator[str]:
    if not name.startswith((".", "/")):
        return
    base = "" if name.startswith("/") else posixpath.dirname(importer)
    path = posixpath.normpath(posixpath.join(base, name.lstrip("/")))
    # TypeScript writes the ending of what it compiles to.
    for stem in (path, re.sub(r"\.[cm]?jsx?$", "", path), f"{path}/index"):
        for ending in _ENDINGS:
            if stem + ending in sources:
                yield stem + ending
                return


def _stem(file: str) -> str:
    return posixpath.splitext(file)[0]
