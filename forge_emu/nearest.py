"""Which of the names that exist one that does not was meant to be, and how a hint says so."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import Final

CUTOFF: Final = 0.6
"""How alike two names have to be, from 0 to 1."""

_LONGEST: Final = 100
"""Characters that are compared: the cost grows with the square of the length."""


def nearest(word: str, known: Iterable[str], *, most: int = 3, cutoff: float = CUTOFF) -> list[str]:
    """Up to `most` of the names `known` that `word` looks like, the nearest first. Case does not
    matter."""
    folded = {name.lower(): name for name in sorted(known)}
    found = difflib.get_close_matches(word[:_LONGEST].lower(), folded, n=most, cutoff=cutoff)
    return [folded[name] for name in found]


def did_you_mean(near: Sequence[str]) -> str | None:
    """`Did you mean a or b?`; None where nothing is near."""
    return f"Did you mean {' or '.join(near)}?" if near else None


def nearest_hint(
    word: str,
    known: Iterable[str],
    otherwise: str | None = None,
    *,
    most: int = 3,
    cutoff: float = CUTOFF,
) -> str | None:
    """`Did you mean …?` for a name that does not exist, or `otherwise` where none is near."""
    return did_you_mean(nearest(word, known, most=most, cutoff=cutoff)) or otherwise
