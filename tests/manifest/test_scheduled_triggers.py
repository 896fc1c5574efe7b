"""`modules.scheduledTrigger`: intervals, targets, filters, and how many an app may have."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu.manifest.scheduled_triggers import schedule_number_problems
from forge_emu.model import SCHEDULE_INTERVALS, ScheduledTrigger
from forge_emu.settings import Settings
from tests.manifest.sample import MANIFEST, app_of, problems_of


def with_schedules(*entries: str) -> str:
    """The sound manifest with scheduled triggers, each a flow mapping."""
    text = "  scheduledTrigger:\n" + "".join(f"    - {entry}\n" for entry in entries)
    return MANIFEST.replace("  function:\n", f"{text}  function:\n", 1)


@pytest.mark.parametrize("interval", SCHEDULE_INTERVALS)
def test_every_interval_of_the_schema_is_read(interval: str) -> None:
    """With its place, for what is said of it later."""
    app = app_of(with_schedules(f"{{key: s, function: pusher, interval: {interval}}}"))

    assert app.scheduled_triggers == (
        ScheduledTrigger("s", "pusher", interval, 12, None, False, 7),
    )
    assert app.warnings == ()
    assert app.modules_using("pusher") == [
        "the trigger 'on-created'",
        "the scheduled trigger 's'",
    ]


def test_its_filter_is_read() -> None:
    """It has one property."""
    text = "{key: s, function: pusher, interval: day, filter: {appIsLicensed: true}}"

    assert app_of(with_schedules(text)).scheduled_triggers[0].licensed_only


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (
            "{key: s, function: pusher}",
            "12:7 modules.scheduledTrigger[0] has no 'interval'"
            " | It is one of fiveMinute, hour, day, week.",
        ),
        (
            "{key: s, function: pusher, interval: hourly}",
            "12:44 modules.scheduledTrigger[0].interval cannot be 'hourly' | Did you mean hour?",
        ),
        (
            "{key: s, function: pusher, interval: 5}",
            "12:44 modules.scheduledTrigger[0].interval must be text, found the number 5"
            ' | Quote it: "5".',
        ),
        (
            "{key: s, function: pushr, interval: day}",
            "12:26 scheduledTrigger references undefined function module with key 'pushr'"
            " | Did you mean pusher?",
        ),
        (
            "{key: s, interval: day}",
            "12:7 modules.scheduledTrigger[0] has no 'function'"
            " | Write `function: <key of a function>`.",
        ),
        (
            "{key: worker, function: pusher, interval: day}",
            "12:13 found duplicate module key 'worker'"
            " | It is first given in line 8; keys are unique among all modules.",
        ),
        (
            "{key: s, function: pusher, interval: day, cron: x}",
            "warning: 12:49 modules.scheduledTrigger[0].cron: a scheduled trigger has no property"
            " 'cron' | Its properties are: endpoint, filter, function, interval, key.",
        ),
        (
            "{key: s, function: pusher, interval: day, filter: {ignoreSelf: true}}",
            "warning: 12:58 modules.scheduledTrigger[0].filter.ignoreSelf: the filter of a"
            " scheduled trigger has no property 'ignoreSelf' | Its properties are: appIsLicensed.",
        ),
        (
            "nothing",
            "12:7 modules.scheduledTrigger[0] must be a mapping, found the text 'nothing'"
            " | Indent its properties below it, as `name: value`.",
        ),
    ],
)
def test_what_is_wrong_is_said_at_its_place(entry: str, said: str) -> None:
    """Once, with what to do."""
    found = problems_of(with_schedules(entry))
    told = [
        ("warning: " if p.severity == "warning" else "")
        + f"{p.line}:{p.column} {p.message}"
        + (f" | {p.hint}" if p.hint else "")
        for p in found
    ]

    assert told == [said]


def test_it_has_exactly_one_target() -> None:
    """Both are one too many."""
    text = with_schedules("{key: s, function: pusher, endpoint: e, interval: day}")

    assert [p.rule for p in problems_of(text)] == ["schedule-target"]


@pytest.mark.parametrize(
    ("intervals", "overrides", "found"),
    [
        (["hour"] * 5, {}, []),
        (["hour"] * 6, {}, ["limits.schedules.per_app"]),
        (["hour"] * 6, {"limits.schedules.per_app": None}, []),
        (["fiveMinute", "hour"], {}, []),
        (["fiveMinute"] * 3, {}, ["limits.schedules.five_minute_per_app"] * 2),
        (["fiveMinute"] * 2, {"limits.schedules.five_minute_per_app": 2}, []),
    ],
)
def test_an_app_has_a_few_at_most(
    intervals: list[str], overrides: dict[str, Any], found: list[str]
) -> None:
    """Each one too many is named with the setting that refuses it."""
    entries = [f"{{key: s{n}, function: pusher, interval: {x}}}" for n, x in enumerate(intervals)]
    problems = schedule_number_problems(
        app_of(with_schedules(*entries)), Settings("current", overrides)
    )

    assert [p.message.rpartition("(")[2].rstrip(")") for p in problems] == found
    assert all(p.line > 11 and p.severity == "error" and p.hint for p in problems)


def test_an_endpoint_is_read() -> None:
    """It has no function then."""
    text = with_schedules("{key: s, endpoint: e, interval: day}").replace(
        "  function:\n    - key",
        "  endpoint: [{key: e, remote: r, route: {path: /x}}]\n  function:\n    - key",
    )
    text = "remotes: [{key: r, baseUrl: 'https://example.com'}]\n" + text
    [module] = app_of(text).scheduled_triggers

    assert (module.function, module.endpoint) == ("", "e")
    assert problems_of(text.replace("endpoint: e,", "endpoint: f,"))[0].hint == (
        "Defined endpoints: e."
    )
