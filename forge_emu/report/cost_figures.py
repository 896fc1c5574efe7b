"""The cost of a run as data."""

from __future__ import annotations

import msgspec
from msgspec import UnsetType


class CostFigure(msgspec.Struct, frozen=True):
    """What is billed of one kind."""

    amount: float
    """How much there was, in `unit`."""
    unit: str
    """`GB-s` or `GB`."""
    usd: float
    """Its price in US dollars, as if nothing were free."""
    retries_usd: float
    """What of it is for attempts that were made again. It would be saved if each first attempt had
    succeeded."""
    free_per_month: float
    """What costs nothing each month, in `unit`. It is not taken off."""


class CostFigures(msgspec.Struct, frozen=True):
    """An estimate of what Forge bills for what happened, before the free monthly allowance."""

    usd: float
    """All of it, in US dollars."""
    retries_usd: float
    """What of it is for attempts that were made again."""
    computing_ms: float
    """What was added to each invocation for its computing, in milliseconds. 0 in real time."""
    parts: dict[str, CostFigure]
    """`compute`, `kvs_reads`, `kvs_writes` and `logs`, as far as there were any."""


def billed_usd(cost: CostFigures | UnsetType, *, of_retries: bool = False) -> float:
    """The cost in US dollars; 0 where nothing is billed."""
    if not isinstance(cost, CostFigures):
        return 0.0
    return cost.retries_usd if of_retries else cost.usd
