"""The command that repeats a run."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Final

REPLACED_OPTIONS: Final = ("--seed", "--seeds", "--compare", "--jobs")
"""Options that are not for one run, or that its seed and value replace. Each takes a value."""


def repeat_command(argv: Sequence[str], *, seed: int, change: tuple[str, str] | None = None) -> str:
    """`argv`, the arguments of `simulate`, with one seed and, of a sweep, one value.

    Quoted for a POSIX shell.
    """
    retained: list[str] = []
    skip = False
    for word in argv:
        if skip:
            skip = False
            continue
        name, equals, _ = word.partition("=")
        if name in REPLACED_OPTIONS:
            skip = not equals
        else:
            retained.append(word)
    more = ["--seed", str(seed)]
    if change is not None:
        more += ["--set", f"{change[0]}={change[1]}"]
    end = retained.index("--") if "--" in retained else len(retained)
    return shlex.join(["forge-emu", "simulate", *retained[:end], *more, *retained[end:]])
