"""Numbers and limits as advice says them."""

from __future__ import annotations

from math import floor, log10
from typing import Final

from forge_emu import settings as s
from forge_emu.model import Unanswered

_CALLS_NAMED: Final = 3


def limit_text(name: str) -> str:
    """A limit's name with what it counts; a rule without a setting by its name alone."""
    setting = s.find_setting(name)
    if setting is None:
        return f"`{name}`"
    doc = setting.doc.partition("; ")[0].rstrip(".")
    return f"`{name}` ({doc[0].lower()}{doc[1:]})"


def plural(n: int, one: str, many: str | None = None) -> str:
    """`1 event`, `2 events`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def were(n: int) -> str:
    """The verb behind a count of things."""
    return "was" if n == 1 else "were"


def times(n: int) -> str:
    """`Once`, or `12 times`."""
    return "Once" if n == 1 else f"{n:,} times"


def size(n: int) -> str:
    """`512 bytes`, `3.9 KB`, `1.2 MB`; a KB is 1,000 bytes."""
    if n < 1_000:
        return plural(n, "byte")
    return f"{n / 1_000:,.1f} KB" if n < 1_000_000 else f"{n / 1_000_000:,.1f} MB"


def usd_text(usd: float) -> str:
    """`$12.50`, `$0.00251`: under a dollar with three digits that say something."""
    if usd >= 1:
        return f"${usd:,.2f}"
    digits = 2 - floor(log10(usd)) if usd > 0 else 0
    return f"${usd:.{digits}f}".rstrip("0").rstrip(".") if digits else "$0"


def one_line(name: str, message: str) -> str:
    """An error on one line of at most 160 characters."""
    text = " ".join(f"{name}: {message}".split())
    return text if len(text) <= 160 else text[:159] + "…"


def unanswered_text(unanswered: Unanswered) -> str:
    """What a handler did not wait for: the number of requests, and the first calls with places."""
    named = [
        f"{call.call} {call.target}".rstrip()
        + (f" ×{call.requests}" if call.requests > 1 else "")
        + (f" ({call.place})" if call.place else "")
        for call in unanswered.calls[:_CALLS_NAMED]
    ]
    more = [] if len(unanswered.calls) <= _CALLS_NAMED else ["…"]
    return f"{plural(unanswered.requests, 'request')} not awaited: {', '.join([*named, *more])}"
