"""Where everything that is declared has to be found. Each function answers what is missing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from docs import generate
from forge_emu import settings as s
from forge_emu.cli import completions
from forge_emu.commands.limits import limit_rows
from forge_emu.engine.faults.rules import idle_fault_warnings, parse_fault
from forge_emu.records import KvsRefused, PushRefused
from forge_emu.report.summary_builder import SummaryBuilder
from forge_emu.settings import RateSetting, Setting, Settings
from forge_emu.settings.faults import FaultKind, fault_forms
from forge_emu.settings.rate import POINTS
from forge_emu.settings.refusals import RefusalRule
from forge_emu.simulate.plan.conditions import parse_condition
from tests.conftest import ROOT
from tests.settings.rate_driver import MANY, RateDriver
from tests.timeline.stream import Stream


def written_documentation() -> str:
    """README and every page of docs/."""
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    return "".join(page.read_text("utf-8") for page in pages)


def generated_documentation() -> str:
    """The tables that `make docs` would write now."""
    return generate.settings_tables() + generate.rules_table() + generate.faults_table()


def lacks_setting(setting: Setting[Any], documentation: str) -> list[str]:
    """Where a setting is missing, whatever it is."""
    rows = {row.name: row for row in limit_rows(Settings(), {})}
    row = rows.get(setting.name)
    found = {
        "`forge-emu limits`": row is not None and row.hit_by == setting.met_by,
        "--set": s.parse_setting(setting.name, _as_written(setting), "--set") == setting.default,
        "completion of --set": f"{setting.name}=" in _offered(completions.setting_names, setting),
        "documentation": f"`{setting.name}`" in documentation,
    }
    if setting.refuses:
        found |= _of_refusals(setting.name)
        may_pass = isinstance(setting, RateSetting) or setting.may_pass
        found["advice"] = _is_called_final(setting.name) is not may_pass
    return [place for place, is_there in found.items() if not is_there]


def lacks_rate(setting: RateSetting, folder: Path) -> list[str]:
    """Where a limit per time is missing: from the engine that enforces it to the report."""
    driver = RateDriver(setting, folder)
    before = driver.usage
    driver.run_into_limit()
    summary, usage, series = driver.summary, driver.usage, driver.series
    of_installation = setting.rate.per == "installation"
    found = {
        "the engine": driver.refusals >= MANY,
        "usage": usage is not None and (usage.unit, usage.limit) == (setting.unit, driver.limit),
        "label in usage": usage is not None and usage.label == setting.rate.label,
        "hits in usage": usage is not None and usage.hits == driver.refusals,
        "peak in usage": usage is not None and 0 < usage.peak <= driver.limit,
        "the table of limits": usage in summary.limits,
        # What never refused anything has no row, if it holds for each key.
        "usage before": (before is not None)
        == (of_installation and setting.rate.counts not in ("user_calls", *POINTS.values())),
        "use over time": series is not None,
        "capacity": (driver.capacity is not None) == of_installation,
    }
    if series is not None:
        found["hits over time"] = sum(series.hits) == driver.refusals
        found["peak over time"] = usage is not None and max(series.peaks) == usage.peak
        found["label over time"] = series.label == setting.rate.chart_label
        found["calls over time"] = series.calls == setting.rate.calls
    if setting.refuses:
        found["advice"] = _is_called_a_rate(setting, summary.advice)
    driver.world.restart()
    after = driver.usage
    found["usage after a restart"] = (
        usage is not None
        and after is not None
        and (after.hits, after.peak, after.used) == (usage.hits, usage.peak, usage.used)
    )
    return [place for place, is_there in found.items() if not is_there]


def lacks_rule(rule: RefusalRule, documentation: str) -> list[str]:
    """Where a rule that refuses is missing."""
    found = {
        **_of_refusals(rule.name),
        "advice": _is_called_final(rule.name) is not (rule.may_pass or rule.asked_for),
        "documentation": f"`{rule.name}`" in documentation,
    }
    return [place for place, is_there in found.items() if not is_there]


def lacks_fault(kind: FaultKind, documentation: str) -> list[str]:
    """Where a kind of fault is missing."""
    text = f"{kind.name}={kind.example}"
    rule = parse_fault(text, "--fault")
    figure = f"faults.{kind.name}"
    settings = Settings(overrides={} if kind.multiplies is None else {kind.multiplies.name: "0"})
    found = {
        "--fault": rule.kind == kind.name and (rule.factor != 1) is (kind.multiplies is not None),
        "hints of --fault": text in fault_forms(),
        "completion of --fault": text in _offered(completions.faults, kind),
        "warnings of faults without effect": bool(idle_fault_warnings([rule], settings))
        is (kind.multiplies is not None),
        "--fail-on": parse_condition(f"{figure}>0").figure.name == figure,
        "completion of --fail-on": figure in _offered(completions.conditions, kind, "faults."),
        "documentation": f"`{text}`" in documentation and f"`{figure}`" in documentation,
    }
    return [place for place, is_there in found.items() if not is_there]


def _of_refusals(name: str) -> dict[str, bool]:
    """The figure of what refuses, under its name and without `limits.`"""
    short = name.removeprefix("limits.")
    figures = {parse_condition(f"refused.{each}>0").figure.name for each in (name, short)}
    offered = [item.value for item in completions.conditions(*_NOWHERE, "refused.")]
    return {
        "--fail-on": figures == {f"refused.{name}"},
        "completion of --fail-on": f"refused.{short}" in offered,
    }


def _is_called_final(limit: str) -> bool:
    """Whether the advice says that what a limit or rule refused is refused again."""
    builder = SummaryBuilder()
    stream = Stream(builder.add_record)
    if limit.startswith(("limits.push.", "push.", "async_events.")):
        stream.record(
            0,
            PushRefused(
                queue="q", events=1, error="E", limit=limit, status=400, message="",
                invocation_id="i",
            ),
        )  # fmt: skip
    else:
        stream.record(
            0,
            KvsRefused(
                operation="set", key="k", code="C", status=400, limit=limit, invocation_id="i"
            ),
        )
    advice = builder.summary(now=1).advice
    return any(
        found.detail.get("limit") == limit and "refused again" in found.message for found in advice
    )


def _is_called_a_rate(setting: RateSetting, advice: list[Any]) -> bool:
    """Whether the advice speaks of a limit as of one that lets more through later."""
    rules = {"pushed_events": "push_rate", "store_calls": "kvs_rate"}
    rule = rules.get(setting.rate.counts, "product_rate")
    found = [each for each in advice if each.detail.get("limit") == setting.name]
    return [each.rule for each in found] == [rule] and "refused again" not in found[0].message


def _as_written(setting: Setting[Any]) -> str:
    default = setting.default
    return str(default).lower() if isinstance(default, bool) or default is None else str(default)


_NOWHERE = (click.Context(click.Command("x")), click.Option(["--x"]))


def _offered(complete: Any, declared: Any, prefix: str = "") -> list[str]:
    """What a shell is offered after all of a name but its last letter."""
    items = complete(*_NOWHERE, prefix + declared.name[:-1])
    return [item.value for item in items]
