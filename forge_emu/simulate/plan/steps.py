"""What a simulation does and when: steps, and the short form `issue-created:1000@5m`."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

import msgspec

from forge_emu.arrivals import (
    AT_ONCE,
    LONGEST_SPREAD,
    MAX_EVENTS,
    Pace,
    at_rate,
    read_count,
    spread_over,
)
from forge_emu.durations import read_duration
from forge_emu.emulator.pending_batches import PlannedOrder
from forge_emu.emulator.user_json.numbered import numbered
from forge_emu.errors import UserError
from forge_emu.model import Instant, Json, Millis, RecordedEvents

_SHORT = re.compile(r"(?P<event>[^:@](?:.*?[^:@])??)(?::(?P<count>\d[\d_.,]*k?))?(?:@(?P<at>.*))?")


ORDER_KINDS: Final = ("invoke", "push", "schedule", "web", "site")
"""The steps of a scenario that are no event."""

LoadData = Callable[[str, str | None], Json | RecordedEvents]
"""From a file's name, and the event of lines that say none, to the payload or the payloads in it.
Raises UserError."""


class StepPlace(NamedTuple):
    """Where a scenario says it: a file, a line and a column."""

    file: str
    line: int
    column: int


class Step(msgspec.Struct, frozen=True):
    """`count` product events of one kind from `at` on. `sets` are changes of payload paths, `data`
    is merged over the payload; `key`, `from_status` and `to_status` are as in an order.

    `recorded` are payloads instead, each sent once, at their own spacing unless there is a pace.
    """

    event: str
    count: int = 1
    at: Instant = 0
    pace: Pace = AT_ONCE
    sets: tuple[tuple[str, str], ...] = ()
    data: Json = None
    key: str | None = None
    from_status: str | None = None
    to_status: str | None = None
    recorded: RecordedEvents = ()

    @property
    def title(self) -> str:
        """What messages call it."""
        return self.event or "a file of payloads"


class OrderStep(msgspec.Struct, frozen=True):
    """`count` orders that are no product events, from `at` on: calls, pushes, a run of a schedule.

    `{n}` in the texts of `order` is the number of each. `place` is where the name stands that the
    app has to have.
    """

    order: PlannedOrder
    title: str
    place: StepPlace
    count: int = 1
    at: Instant = 0
    pace: Pace = AT_ONCE


def numbered_order(order: PlannedOrder, number: int) -> PlannedOrder:
    """The order with its number in its texts. Raises msgspec.ValidationError where a number would
    take the place of an object that has to be one."""
    text = numbered(msgspec.json.encode(order), number)
    return msgspec.json.decode(text, type=type(order))


AnyStep: TypeAlias = Step | OrderStep


class StepOptions(msgspec.Struct, frozen=True):
    """The options of the command line that hold for every event it names."""

    count: int | None = None
    rate_per_second: float | None = None
    spread: Millis | None = None
    sets: tuple[tuple[str, str], ...] = ()
    data: Json = None

    def read_step(self, text: str, where: str) -> Step:
        """The step that `issue-created:1000@5m` describes. Raises UserError."""
        event, own_count, at = read_short_form(text, where)
        kind, _, name = event.partition(":")
        if kind in ORDER_KINDS:
            hint = f"In a simulation it is a step of a scenario: `- {kind}: {name or '...'}`."
            raise UserError(f"{where}: {text!r} is no event", hint)
        if own_count is not None and self.count is not None:
            raise UserError(
                f"{where}: {text!r} says how many, and --count {self.count} too", "Keep one."
            )
        count = own_count or self.count or 1
        return Step(event, count, at, self._pace(count), self.sets, self.data)

    def recorded_step(self, recorded: RecordedEvents) -> Step:
        """The step that sends payloads once each. Raises UserError."""
        if self.count is not None:
            message = "--count is not for a file of payloads, each sent once"
            raise UserError(message, "Leave it out.")
        count = len(recorded)
        return Step("", count, 0, self._pace(count), self.sets, recorded=recorded)

    def _pace(self, count: int) -> Pace:
        if self.rate_per_second is not None:
            return at_rate(self.rate_per_second)
        return AT_ONCE if self.spread is None else spread_over(self.spread, count)


def read_short_form(text: str, where: str) -> tuple[str, int | None, Instant]:
    """Event, count and start of `issue-created:1000@5m`. Raises UserError."""
    match = _SHORT.fullmatch(text.strip())
    if match is None:
        raise UserError(f"{where}: {text!r} names no event", "Write issue-created:1000@5m.")
    count = read_count(match["count"]) if match["count"] else None
    if match["count"] and (count is None or not 1 <= count <= MAX_EVENTS):
        raise UserError(
            f"{where}: {match['count']} in {text!r} is no count",
            f"From 1 to {MAX_EVENTS:,}, such as 1000, 1_000 or 1k.",
        )
    at = 0
    if match["at"] is not None:
        read = read_duration(match["at"])
        if read is None or read > LONGEST_SPREAD:
            raise UserError(
                f"{where}: '@{match['at']}' in {text!r} is no time", "Write issue-created:1000@5m."
            )
        at = read
    return match["event"], count, at
