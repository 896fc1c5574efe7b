"""`forge-emu events`: the list, one event, and names that are none."""

from __future__ import annotations

import json

import pytest

from forge_emu.events import all_templates, known_events
from forge_emu.events.event_info import PRODUCTS, event_info, event_infos
from tests.conftest import Call


def test_every_event_has_a_page() -> None:
    """Ready ones first; every event of a product that is known."""
    listed = event_infos()
    assert {p.event for p in listed} == known_events()
    ready = [p.ready for p in listed]
    assert ready == sorted(ready, reverse=True)
    assert sum(ready) == len(all_templates())
    assert {p.product for p in listed} == set(PRODUCTS)


def test_the_command_on_a_page_names_the_event() -> None:
    """Whatever the list calls an event, it is found again by that name."""
    for listed in event_infos():
        assert event_info(listed.name).event == listed.event


def test_a_page_shows_the_payload(call: Call) -> None:
    """JSON with payload, scopes, source and command."""
    found = json.loads(call("events", "issue-created", "--json").out)
    assert found["payload"]["issue"]["key"] == "EMU-1"
    assert found["scopes"] == ["read:jira-work"]
    assert found["source"].startswith("https://developer.atlassian.com/")
    assert found["command"] == "forge-emu trigger issue-created"


def test_a_page_is_readable(call: Call) -> None:
    """The same in words, plain where nobody looks."""
    said = call("events", "avi:confluence:created:page")
    assert "forge-emu trigger page-created" in said.out
    assert '"eventType": "avi:confluence:created:page"' in said.out
    assert "\x1b" not in said.out


def test_the_list_is_filtered(call: Call) -> None:
    """By product, and by what is ready."""
    found = json.loads(call("events", "--product", "compass", "--json").out)
    assert [p["product"] for p in found] == ["compass"] * 3
    found = json.loads(call("events", "--ready", "--json").out)
    assert len(found) == len(all_templates())


def test_the_list_is_whole_in_a_pipe(call: Call) -> None:
    """One line for each, nothing cut, no blanks at the end."""
    lines = call("events", "--product", "jira").out.splitlines()
    assert len(lines) == 1 + len(event_infos("jira"))
    assert not any("…" in line or line != line.rstrip() for line in lines)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("events", "issue-craeted"), "issue-created"),
        (("events", "user-created"), "avi:jira:created:user"),
        (("events", "avi:x:y:z"), "no source describes"),
        (("events", ""), "no event"),
        (("events", "issue-created", "--product", "jira"), "leave out NAME"),
        (("events", "--product", "trello"), "trello"),
    ],
)
def test_wrong_names_are_told(call: Call, arguments: tuple[str, ...], words: str) -> None:
    """With what was meant, and exit code 2."""
    said = call(*arguments)
    assert said.code == 2
    assert words in said.err
    assert not said.out
