"""`forge-emu limits`: values, where they come from, and what meets them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from rich.console import Console

from forge_emu import settings as s
from forge_emu.commands.limits import rule_rows
from forge_emu.commands.limits_active import ActiveLimits
from forge_emu.commands.limits_view import print_limits, print_rules
from forge_emu.model import LimitUsage
from forge_emu.settings import Settings
from forge_emu.settings.refusals import REFUSALS
from tests.conftest import AppDir, Call

PUSH = "limits.push.events_per_minute"


def rows(call: Call, *arguments: object) -> dict[str, dict[str, Any]]:
    """The rows of `--json` by name."""
    said = call("limits", *arguments, "--json")
    assert said.code == 0, said.err
    return {row["name"]: row for row in json.loads(said.out)["limits"]}


def test_every_setting_is_listed_with_what_meets_it(call: Call, app_dir: AppDir) -> None:
    """And none without a source or the word that it is a choice."""
    found = rows(call, "--app", app_dir({}))
    assert set(found) == {setting.name for setting in s.all_settings()}
    for row in found.values():
        assert row["hit_by"], row["name"]
        assert row["origin"] in ("platform", "emulator choice")
        assert (row["origin"] == "platform") == bool(row["date"])


def test_who_changed_what(call: Call, app_dir: AppDir) -> None:
    """Preset, file, command line, in that order of strength."""
    app = app_dir(
        {"forge-emu.yml": "preset: legacy\nlimits.push.payload_kb: 7\ndelivery.order: fifo\n"}
    )
    found = rows(call, "--app", app, "--set", "delivery.order=shuffle")
    assert (found[PUSH]["value"], found[PUSH]["origin"]) == (100, "preset legacy")
    assert found[PUSH]["platform_value"] == 500
    payload = found["limits.push.payload_kb"]
    assert (payload["value"], payload["origin"]) == (7, "forge-emu.yml")
    order = found["delivery.order"]
    assert (order["value"], order["origin"]) == ("shuffle", "--set")
    assert rows(call, "--app", app, "--limits", "off")[PUSH]["value"] is None


def test_a_part_of_a_name_filters(call: Call, app_dir: AppDir) -> None:
    """In any case of letters."""
    assert set(rows(call, "EVENTS_PER", "--app", app_dir({}))) == {
        PUSH,
        "limits.push.events_per_request",
    }


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("nothing-like-it",), "nothing-like-it"),
        (("--set", "limits.push.x=1"), "limits.push.x"),
        (("--set", "delivery.order"), "has no value"),
        (("--set", "delivery.order=backwards"), "shuffle, fifo"),
        (("--limits", "today"), "today"),
    ],
)
def test_wrong_input(call: Call, app_dir: AppDir, arguments: tuple[str, ...], words: str) -> None:
    """One message, exit code 2."""
    said = call("limits", "--app", app_dir({}), *arguments)
    assert said.code == 2
    assert words in said.err


def test_a_wrong_settings_file_is_told_by_line(call: Call, app_dir: AppDir) -> None:
    """As `run` tells it."""
    said = call("limits", "--app", app_dir({"forge-emu.yml": "limits:\n  kvz: 1\n"}))
    assert said.code == 2
    assert "forge-emu.yml:2:3" in said.err


def test_no_such_directory(call: Call) -> None:
    """Quoted."""
    assert "'/nowhere'" in call("limits", "--app", "/nowhere").err


@pytest.mark.parametrize("width", [80, 160])
def test_terminals(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines that fit, with the use of what is limited."""
    import io

    from rich.console import Console

    use = LimitUsage(PUSH, "events", 412, 500, "events/min", 3, 500)
    active = ActiveLimits(Settings("current", {PUSH: 500}), {PUSH: "--set"}, [use], running=True)
    out = io.StringIO()
    console = Console(file=out, force_terminal=True, width=width, color_system=None)
    print_limits(console, active.rows(""))
    text = out.getvalue()
    assert max(map(len, text.splitlines())) <= width
    assert "412 (peak 500)" in text
    assert "500 events/min" in text
    assert "RateLimitError" in text


def test_a_variable_is_no_limit(call: Call, app_dir: AppDir) -> None:
    """The commands that take one are named."""
    said = call("limits", "--app", app_dir({}), "--set", "env.BASE=5")
    assert said.code == 2
    assert "env.BASE is a variable" in said.err
    assert "forge-emu run" in said.err


def test_the_rules_that_refuse_are_listed_with_what_the_app_sees(call: Call) -> None:
    """As they are declared; a part of a name filters."""
    said = call("limits", "--rules", "--json")
    found = json.loads(said.out)["rules"]
    assert [(row["name"], row["seen"]) for row in found] == [(r.name, r.seen) for r in REFUSALS]
    assert all(row["refuses"] and row["source"] for row in found)
    table = call("limits", "kvs.KEY", "--rules").out
    assert [line.split()[0] for line in table.splitlines()] == ["name", "kvs.key", "kvs.key_policy"]
    assert "KEY_CONFLICT (409)" in table


def test_a_rule_that_there_is_not_is_named(call: Call) -> None:
    """With the way to all of them."""
    said = call("limits", "nothing", "--rules")
    assert said.code != 0
    assert "no rule has 'nothing' in its name" in said.err
    assert "--rules" in said.err


def test_on_a_narrow_terminal_a_rule_takes_some_lines() -> None:
    """Name and what the app sees, what it refuses, and the page with its date."""
    out = Console(width=60, force_terminal=True, color_system=None)
    with out.capture() as captured:
        print_rules(out, rule_rows("kvs.key_policy"))
    assert [line.strip() for line in captured.get().splitlines()] == [
        "kvs.key_policy  KEY_CONFLICT (409)",
        "refuses a `set` with FAIL_IF_EXISTS of a key that has a value",
        "2026-08-21 storage-reference/kvs-api/",
    ]
