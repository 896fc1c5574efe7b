"""The command that repeats a run."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Final

REPLACED_OPTIONS: Final = ("--seed", "--seeds", "--compare", "--jobs", "--shard", "--shard-file")
"""Options that are not for one run, or that its seed and value replace. Each takes a value."""

OUTPUT_OPTIONS: Final = ("--junit", "--report", "--with-payloads", "--json", "--watch")
"""Options for what is printed and written of all runs."""

_SINGLE_SHARD: Final = ("--jobs", "--shard", "--shard-file", *OUTPUT_OPTIONS)
_FLAGS: Final = ("--with-payloads", "--json", "--watch")
"""Options that take no value."""


def repeat_command(argv: Sequence[str], *, seed: int, change: tuple[str, str] | None = None) -> str:
    """`argv`, the arguments of `simulate`, with one seed and, of a sweep, one value.

    Quoted for a POSIX shell.
    """
    more = ["--seed", str(seed)]
    if change is not None:
        more += ["--set", f"{change[0]}={change[1]}"]
    retained = without_options(argv, (*REPLACED_OPTIONS, *OUTPUT_OPTIONS))
    return shlex.join(["forge-emu", "simulate", *with_options(retained, more)])


def shared_arguments(argv: Sequence[str]) -> tuple[str, ...]:
    """The arguments that all shards of a simulation share."""
    return without_options(argv, _SINGLE_SHARD)


def without_options(argv: Sequence[str], names: Sequence[str]) -> tuple[str, ...]:
    """`argv` without some options and their values."""
    retained: list[str] = []
    skip = False
    for n, word in enumerate(argv):
        if skip:
            skip = False
            continue
        name, equals, _ = word.partition("=")
        if word == "--":
            return (*retained, *argv[n:])
        if name in names:
            skip = not equals and name not in _FLAGS
        else:
            retained.append(word)
    return tuple(retained)


def with_options(argv: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    """`argv` with more options at its end, before a `--`."""
    end = argv.index("--") if "--" in argv else len(argv)
    return (*argv[:end], *more, *argv[end:])
