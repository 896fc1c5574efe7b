"""Product events that the app's own writes cause, and that its own triggers get again."""

from __future__ import annotations

from collections import Counter, OrderedDict
from typing import Any

import msgspec
from msgspec import UNSET

from forge_emu.model import Instant
from forge_emu.records import (
    InvocationStarted,
    ProductEventFiltered,
    ProductEventSent,
    RequestAnswered,
)
from forge_emu.report.collectors.collector import Collector

_MOST_INVOCATIONS = 10_000
_MOST_PLACES = 200


class OwnEvents(msgspec.Struct):
    """What became of one event name that a function's own writes caused."""

    caused: int = 0
    """Events that an invocation of the function caused while it handled one of the same name."""
    stopped: int = 0
    """Of these, the ones that the cyclic limit kept from being delivered."""
    triggers: Counter[str] = msgspec.field(default_factory=Counter)
    """The triggers that call the function, by their keys."""
    places: Counter[str] = msgspec.field(default_factory=Counter)
    """The lines that wrote, as `file:line`."""


class OwnEventsCollector(Collector):
    """Counts loops by function and name of the event. Bounded."""

    def __init__(self) -> None:
        self.handlers = {
            InvocationStarted: self._on_started,
            RequestAnswered: self._on_answered,
            ProductEventSent: self._on_sent,
            ProductEventFiltered: self._on_filtered,
        }
        self.loops: dict[tuple[str, str], OwnEvents] = {}
        # The last invocations of triggers: function, trigger, and the event that each handles.
        self._runs: OrderedDict[str, tuple[str, str, str]] = OrderedDict()
        self._names: OrderedDict[str, str] = OrderedDict()
        self._caused: OrderedDict[str, OwnEvents] = OrderedDict()

    def _on_started(self, body: InvocationStarted, at: Instant) -> None:
        del at
        name = self._names.get(str(body.product_event_id))
        if name is not None:
            self._runs[body.invocation_id] = (body.function, body.module_key, name)
            _forget_oldest(self._runs)

    def _on_answered(self, body: RequestAnswered, at: Instant) -> None:
        del at
        run = self._runs.get(body.invocation_id or "")
        if run is None or body.events is UNSET or body.place is UNSET:
            return
        function, trigger, name = run
        if name in body.events:
            places = self._loop_of(function, trigger, name).places
            if body.place in places or len(places) < _MOST_PLACES:
                places[body.place] += 1

    def _on_sent(self, body: ProductEventSent, at: Instant) -> None:
        del at
        self._names[body.product_event_id] = body.name
        _forget_oldest(self._names)
        run = self._runs.get(body.caused_by or "")
        if run is not None and run[2] == body.name:
            loop = self._loop_of(*run)
            loop.caused += 1
            self._caused[body.product_event_id] = loop
            _forget_oldest(self._caused)

    def _on_filtered(self, body: ProductEventFiltered, at: Instant) -> None:
        del at
        loop = self._caused.get(body.product_event_id)
        if loop is None:
            return
        if body.reason == "cyclic_limit":
            loop.stopped += 1
        elif body.reason == "ignore_self":
            # It never came back.
            loop.caused -= 1

    def _loop_of(self, function: str, trigger: str, name: str) -> OwnEvents:
        loop = self.loops.setdefault((function, name), OwnEvents())
        loop.triggers[trigger] += 1
        return loop


def _forget_oldest(known: OrderedDict[str, Any]) -> None:
    if len(known) > _MOST_INVOCATIONS:
        known.popitem(last=False)
