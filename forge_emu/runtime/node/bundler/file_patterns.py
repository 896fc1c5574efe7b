"""The files that a pattern names, as the glob of Forge's tools finds them (`glob` 13.0.7)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_MAGIC = re.compile(r"[*?\[\\]|[@+!]\(")
_RANGE = re.compile(r"(-?\d+)\.\.(-?\d+)|([A-Za-z])\.\.([A-Za-z])")
_MOST_CHOICES: Final = 1_000
_POSIX_CLASSES = {
    "[:alpha:]": "a-zA-Z", "[:digit:]": "0-9", "[:alnum:]": "a-zA-Z0-9",
    "[:upper:]": "A-Z", "[:lower:]": "a-z", "[:space:]": r"\s", "[:word:]": r"\w",
}  # fmt: skip
_GROUP_ENDS = {"@": "", "?": "?", "*": "*", "+": "+"}


def matching_files(root: Path, pattern: str) -> Iterator[str]:
    """The files below `root`, relative to it; links are none. One may come twice."""
    for choice in _choices(pattern):
        parts = [part for part in choice.split("/") if part not in {"", "."}]
        if parts and not choice.startswith("/") and not choice.endswith("/"):
            for found in _walk(root, parts):
                if found.is_file() and not found.is_symlink():
                    yield os.path.relpath(found, root).replace(os.sep, "/")


def _walk(folder: Path, parts: list[str]) -> Iterator[Path]:
    if not parts:
        yield folder
        return
    first, *rest = parts
    if first == "**":
        yield from _walk(folder, rest)
        for entry in _entries(folder):
            if not entry.name.startswith("."):
                if entry.is_dir() and not entry.is_symlink():
                    yield from _walk(entry, parts)
                elif not rest:
                    yield entry
    elif _MAGIC.search(first) is None:
        yield from _walk(folder / first, rest)
    else:
        try:
            fits = re.compile(_regex(first) + r"\Z", re.DOTALL)
        except re.error:
            # A range such as [z-a] fits nothing.
            return
        for entry in _entries(folder):
            # As in shells, a star matches no hidden file.
            hidden = entry.name.startswith(".") and not first.startswith(".")
            if not hidden and fits.match(entry.name):
                yield from _walk(entry, rest)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _choices(pattern: str) -> list[str]:
    """`a/{b,c}.txt` as `a/b.txt` and `a/c.txt`, `{1..3}` as `1`, `2` and `3`."""
    for start, end in _braces(pattern):
        inside = _split(pattern[start + 1 : end])
        if len(inside) == 1:
            inside = _range(inside[0])
        if inside:
            tails = _choices(pattern[end + 1 :])
            heads = [head for choice in inside for head in _choices(choice)]
            found = [pattern[:start] + head + tail for head in heads for tail in tails]
            return found[:_MOST_CHOICES]
    return [pattern]


def _braces(pattern: str) -> Iterator[tuple[int, int]]:
    for start in (found.start() for found in re.finditer(r"(?<!\\)\{", pattern)):
        depth = 0
        for at in range(start, len(pattern)):
            depth += {"{": 1, "}": -1}.get(pattern[at], 0)
            if depth == 0:
                yield start, at
                break


def _split(inside: str, at: str = ",") -> list[str]:
    """The choices of a brace or a group, without a look into those inside."""
    found, depth = [""], 0
    for character in inside:
        depth += {"{": 1, "(": 1, "}": -1, ")": -1}.get(character, 0)
        if character == at and depth == 0:
            found.append("")
        else:
            found[-1] += character
    return found


def _range(text: str) -> list[str]:
    found = _RANGE.fullmatch(text)
    if found is None:
        return []
    if found[1]:
        return [str(n) for n in _between(int(found[1]), int(found[2]))]
    return [chr(n) for n in _between(ord(found[3]), ord(found[4]))]


def _between(first: int, last: int) -> range:
    step = 1 if first <= last else -1
    return range(first, last + step, step)[:_MOST_CHOICES]


def _regex(part: str) -> str:
    """The regular expression of one part of a path."""
    if not part:
        return ""
    first, rest = part[0], part[1:]
    if rest.startswith("(") and first in "@?*+!" and (end := _group_end(rest)):
        inside = "|".join(_regex(choice) for choice in _split(rest[1:end], "|"))
        after = _regex(rest[end + 1 :])
        if first == "!":
            return rf"(?!(?:{inside}){after}\Z).*?{after}"
        return f"(?:{inside}){_GROUP_ENDS[first]}{after}"
    if first == "*":
        return ".*" + _regex(rest.lstrip("*"))
    if first == "?":
        return "." + _regex(rest)
    if first == "[" and (found := re.match(r"([!^]?)(\]?(?:\[:\w+:\]|[^\]])*)\]", rest)):
        inside = found[2].replace("\\", "\\\\")
        for name, characters in _POSIX_CLASSES.items():
            inside = inside.replace(name, characters)
        return f"[{'^' if found[1] else ''}{inside}]{_regex(rest[found.end() :])}"
    if first == "\\" and rest:
        return re.escape(rest[0]) + _regex(rest[1:])
    return re.escape(first) + _regex(rest)


def _group_end(rest: str) -> int | None:
    """Where the bracket that `rest` begins with is closed."""
    depth = 0
    for at, character in enumerate(rest):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return at
    return None
