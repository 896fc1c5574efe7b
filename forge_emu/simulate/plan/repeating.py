"""The one line that repeats a run."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Final

REPLACED: Final = ("--seed", "--seeds", "--compare")
"""Options that the seed and the value of one run replace. Each takes a value."""


def repeat_line(words: Sequence[str], *, seed: int, change: tuple[str, str] | None = None) -> str:
    """`words`, the arguments of `simulate`, with one seed and, of a sweep, one value.

    Quoted for a POSIX shell.
    """
    kept: list[str] = []
    skip = False
    for word in words:
        if skip:
            skip = False
            continue
        name, equals, _ = word.partition("=")
        if name in REPLACED:
            skip = not equals
        else:
            kept.append(word)
    more = ["--seed", str(seed)]
    if change is not None:
        more += ["--set", f"{change[0]}={change[1]}"]
    end = kept.index("--") if "--" in kept else len(kept)
    return shlex.join(["forge-emu", "simulate", *kept[:end], *more, *kept[end:]])
