"""Runs made by hand, and the advice that they get."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from forge_emu.model import LimitUsage
from forge_emu.report.summary import Advice
from forge_emu.report.summary_builder import SummaryBuilder
from forge_emu.settings import Settings
from tests.timeline.stream import Stream

WRITES = "limits.kvs.write_units_per_minute"


def advice_of(
    play: Callable[[Stream], object], usage: Sequence[LimitUsage] = (), **overrides: Any
) -> dict[str, Advice]:
    """The findings by rule. `overrides` are settings, with two underscores for a dot."""
    settings = Settings("current", {k.replace("__", "."): v for k, v in overrides.items()})
    builder = SummaryBuilder(settings=settings)
    play(Stream(builder.add_record))
    return {a.rule: a for a in builder.summary(now=600_000, usage=usage).advice}
