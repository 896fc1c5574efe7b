"""Faults the user asks for: their rules, each drawn from a random stream of its own."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import msgspec

from forge_emu.durations import read_duration
from forge_emu.errors import UserError
from forge_emu.latency import parse_latency
from forge_emu.model import Instant
from forge_emu.nearest import nearest_hint
from forge_emu.settings import SettingValue
from forge_emu.settings.faults import FAULTS, fault_forms

RandomStreams = Callable[[str], Callable[[], float]]
"""A name to numbers from 0 up to 1 that belong to that name alone."""


class FaultRule(msgspec.Struct, frozen=True):
    """One `--fault`: it hits a `share` of the cases, or multiplies a latency by `factor`.

    It is in force from `start` up to, but not including, `end`.
    """

    text: str
    kind: str
    share: float = 0.0
    factor: float = 1.0
    start: Instant = 0
    end: Instant | None = None

    def in_force(self, now: Instant) -> bool:
        """Whether `now` lies in its window."""
        return self.start <= now and (self.end is None or now < self.end)


def parse_fault(text: str, where: str) -> FaultRule:
    """The rule that `text` describes; `where` says where it stands. Raises UserError."""
    body, at, window = text.strip().partition("@")
    what, equals, value = (part.strip() for part in body.partition("="))
    kind = FAULTS.find(what)
    if kind is None:
        near = nearest_hint(what, FAULTS.names, most=1, cutoff=0.5)
        hint = f"{near} {fault_forms()}" if near else fault_forms()
        raise UserError(f"{where}: there is no fault {what!r} in {text!r}", hint)
    if not equals:
        raise UserError(f"{where}: {text!r} does not say how much", fault_forms())
    start, end = _window(window, text, where) if at else (0, None)
    if kind.multiplies is not None:
        return FaultRule(text.strip(), what, 0.0, _factor(value, text, where), start, end)
    return FaultRule(text.strip(), what, _share(value, text, where), 1.0, start, end)


def _share(value: str, text: str, where: str) -> float:
    match = re.fullmatch(r"(\d{1,3}(?:\.\d{1,9})?)\s*%", value)
    share = float(match[1]) / 100 if match else -1.0
    if not 0 <= share <= 1:
        raise UserError(
            f"{where}: {value!r} in {text!r} is no share from 0% to 100%", fault_forms()
        )
    return share


def _factor(value: str, text: str, where: str) -> float:
    match = re.fullmatch(r"[x×]\s*(\d{1,6}(?:\.\d{1,6})?)", value)
    if match is None:
        raise UserError(f"{where}: {value!r} in {text!r} is no factor such as x10", fault_forms())
    return float(match[1])


def _window(window: str, text: str, where: str) -> tuple[Instant, Instant | None]:
    start, dots, end = window.partition("..")
    bounds = [read_duration(part) if part.strip() else None for part in (start, end)]
    empty = not start.strip() and not end.strip()
    unread = any(b is None and p.strip() for b, p in zip(bounds, (start, end), strict=True))
    if not dots or empty or unread:
        raise UserError(f"{where}: '@{window}' in {text!r} is no window of time", fault_forms())
    first, last = bounds[0] or 0, bounds[1]
    if last is not None and last <= first:
        raise UserError(f"{where}: '@{window}' in {text!r} ends before it begins", fault_forms())
    return first, last


def merge_fault_rules(
    defaults: Sequence[FaultRule], overrides: Sequence[FaultRule]
) -> tuple[FaultRule, ...]:
    """The rules of both; a default is left out where `overrides` has one of its kind."""
    replaced = {rule.kind for rule in overrides}
    return (*(rule for rule in defaults if rule.kind not in replaced), *overrides)


def idle_fault_warnings(
    rules: Sequence[FaultRule], settings: Mapping[str, SettingValue]
) -> list[str]:
    """Warnings about rules that change nothing: a latency times ten is still none."""
    said = []
    for rule in rules:
        kind = FAULTS.find(rule.kind)
        latency = kind.multiplies.name if kind and kind.multiplies else None
        if latency and not parse_latency(str(settings[latency])).high:
            said.append(
                f"the fault {rule.text} has no effect, because {latency} is 0: give it a "
                f"model, such as --set {latency}=20ms, or all of them with --latency typical"
            )
    return said


class FaultRules:
    """Draws faults.

    Every rule has its own stream, so that adding one changes neither what the others hit nor any
    other random number of the run.
    """

    def __init__(self, rules: Sequence[FaultRule], stream: RandomStreams) -> None:
        self.rules = tuple(rules)
        self._streams_by_kind: dict[str, list[tuple[FaultRule, Callable[[], float]]]] = {}
        for rule in rules:
            of_kind = self._streams_by_kind.setdefault(rule.kind, [])
            of_kind.append((rule, stream(f"fault/{rule.kind}/{len(of_kind)}")))

    def draw_fault(self, kind: str, now: Instant) -> FaultRule | None:
        """The rule that hits at `now`, if one does."""
        hit = [
            rule
            for rule, draw in self._streams_by_kind.get(kind, ())
            if rule.in_force(now) and draw() < rule.share
        ]
        return hit[0] if hit else None

    def rules_in_force(self, kind: str, now: Instant) -> list[FaultRule]:
        """The rules of a kind whose window `now` lies in."""
        return [rule for rule, _ in self._streams_by_kind.get(kind, ()) if rule.in_force(now)]
