"""Limits per time: what they count, over which window, and for whom."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from forge_emu.model import HOUR, MINUTE, SECOND, Millis
from forge_emu.settings.registry import DeclarationError

Resource = Literal[
    "pushed_events",
    "store_calls",
    "invocations",
    "user_calls",
    "jira_points",
    "confluence_points",
]
"""What is counted: events that queues accept, calls of the key-value store, invocations, calls of
resolvers and web triggers, or the points of calls to a product."""

POINTS: Final[dict[str, Resource]] = {"jira": "jira_points", "confluence": "confluence_points"}
"""The points of each product, by the name that the packages have for it."""

Amount = Literal["one", "units", "bytes"]
"""What each of them adds: one, its read or write units, or the bytes of its values. A call to a
product adds its points."""

Scope = Literal["installation", "key", "index_partition"]
"""For whom the limit holds: all together, each key, or each partition of an entity's index."""

# fmt: off
READS: Final = ("get", "query", "query_entity", "batch_get")
"""The operations of the store that read."""
WRITES: Final = ("set", "delete", "batch_set", "batch_delete", "transact")
"""The operations of the store that write."""
STORE_OPERATIONS: Final = READS + WRITES

_OPERATIONS_OF: Final[dict[Scope, tuple[str, ...]]] = {
    "installation": STORE_OPERATIONS,
    "key": ("get", "set", "delete", "batch_get", "batch_set", "batch_delete", "transact"),
    "index_partition": ("query_entity",),
}
"""The operations that say which key, or which partition, they are about."""
# fmt: on

_PERIODS: Final = {"s": SECOND, "min": MINUTE, "h": HOUR}
_BYTES: Final = {"KB": 1_000, "MB": 1_000_000}


class Rate(msgspec.Struct, frozen=True, kw_only=True):
    """How a limit per time counts.

    `operations` are those of the store that count; other resources have none. `label` is what the
    live view and the summary call it. Each has a chart in the report with the heading
    `chart_label`, and `calls` are what fit into a minute there (`333 writes`).
    """

    window: Millis
    counts: Resource
    label: str
    chart_label: str
    operations: tuple[str, ...] = ()
    amount: Amount = "one"
    per: Scope = "installation"
    calls: str = "calls"

    def check(self, name: str, unit: str) -> None:
        """Raise DeclarationError if the rate of the setting `name` makes no sense."""
        if problem := self._problem(unit):
            raise DeclarationError(name, f"its rate {problem}")

    def _problem(self, unit: str) -> str | None:
        what, _, period = unit.partition("/")
        unknown = [each for each in self.operations if each not in _OPERATIONS_OF[self.per]]
        of_store = self.counts == "store_calls"
        if not (self.label and self.chart_label and self.calls):
            return "needs a `label`, a `chart_label` and `calls`"
        if _period(period) != self.window:
            return f"has a `window` of {self.window} ms, and its unit is {unit!r}"
        if self.amount == "bytes" and what not in _BYTES:
            return f"counts bytes, so that its unit is {' or '.join(_BYTES)} per time, not {unit!r}"
        if of_store is not bool(self.operations):
            return "needs `operations` if it counts calls of the store, and only then"
        if not of_store and (self.amount != "one" or self.per != "installation"):
            return f"cannot have an `amount` or `per`, because it counts {self.counts}"
        if unknown:
            return f"cannot count {', '.join(unknown)} per {self.per}"
        return None

    def bytes_per_unit(self, unit: str) -> int:
        """By what a counted amount is divided to be in `unit`; 1 unless bytes are counted."""
        return _BYTES[unit.partition("/")[0]] if self.amount == "bytes" else 1

    @property
    def is_long(self) -> bool:
        """Whether its window is over a minute. It is a fixed one then, from one full hour (UTC) to
        the next."""
        return self.window > MINUTE

    def counts_operation(self, operation: str) -> bool:
        """Whether an operation of the store counts, by its name in records."""
        return base_operation(operation) in self.operations

    def amount_of(self, units: int, size: int) -> int:
        """What a call of so many read or write units and bytes adds."""
        if self.amount == "one":
            return 1
        return units if self.amount == "units" else size

    @property
    def counts_every_call(self) -> bool:
        """Whether each call of the store counts alike, even one that cannot be read."""
        return self.amount == "one" and set(self.operations) == set(STORE_OPERATIONS)


def base_operation(operation: str) -> str:
    """`get` for the `get_secret` and `get_entity` of records."""
    return operation if operation in STORE_OPERATIONS else operation.rpartition("_")[0]


def is_per_time(unit: str) -> bool:
    """Whether a unit is one of a rate, such as `events/min`."""
    return _period(unit.partition("/")[2]) is not None


def _period(text: str) -> Millis | None:
    """`min` is a minute, `20 s` are twenty seconds."""
    number, _, unit = text.rpartition(" ")
    if unit not in _PERIODS or not (number or "1").isdigit():
        return None
    return int(number or "1") * _PERIODS[unit]
