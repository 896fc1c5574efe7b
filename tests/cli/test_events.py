"""`forge-emu events`: the list, one event, and names that are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from forge_emu.events import all_templates, known_events
from forge_emu.events.event_info import PRODUCTS, event_info, event_infos
from tests.conftest import Call

MANIFEST = """
app:
  id: ari:cloud:ecosystem::app/6f1d2c3b-58a4-4e07-9b61-c2d4a8e07f35
  runtime: {name: nodejs22.x}
permissions: {scopes: [read:jira-work]}
modules:
  trigger:
    - {key: heard, function: run, events: [avi:jira:commented:issue]}
  function:
    - {key: run, handler: index.run}
"""


def write_app(folder: Path) -> Path:
    """An app that hears of comments in Jira."""
    (folder / "src").mkdir()
    (folder / "src/index.js").write_text("export const run = () => {};\n")
    (folder / "manifest.yml").write_text(MANIFEST)
    return folder


def test_every_event_has_a_page() -> None:
    """All are ready, and of a product that is known."""
    listed = event_infos()
    assert {p.event for p in listed} == known_events()
    assert all(p.ready for p in listed)
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


def test_the_events_of_the_app_come_first(call: Call, tmp_path: Path) -> None:
    """With their triggers; of the rest, products and how many events each has."""
    app = write_app(tmp_path)
    said = call("events", "--app", str(app))
    lines = said.out.splitlines()
    assert lines[1].split()[:4] == ["issue-commented", "jira", "avi:jira:commented:issue", "heard"]
    assert len(lines) == 2 + 1 + 1 + len(PRODUCTS)
    assert "this app listens to 1 of 184 events" in said.err
    found = json.loads(call("events", "--json", "--app", str(app)).out)
    assert [page["triggers"] for page in found[:2]] == [["heard"], []]


def test_all_events_are_a_line_each(call: Call, tmp_path: Path) -> None:
    """Product by product, after those of the app."""
    lines = call("events", "--all", "--app", str(write_app(tmp_path))).out.splitlines()
    assert len(lines) == 1 + len(known_events())
    products = [line.split()[1] for line in lines[2:]]
    assert list(dict.fromkeys(products)) == list(PRODUCTS)


def test_an_app_with_mistakes_has_no_events_of_its_own(call: Call, tmp_path: Path) -> None:
    """`check` says what is wrong; the list is still there."""
    app = write_app(tmp_path)
    (app / "manifest.yml").write_text("modules: [")
    said = call("events", "--app", str(app))
    assert (said.code, len(said.out.splitlines())) == (0, 1 + len(PRODUCTS))


def test_a_name_means_the_event_that_the_app_listens_to(call: Call, tmp_path: Path) -> None:
    """Where several have it."""
    said = call("events", "comment-created", "--app", str(write_app(tmp_path)))
    assert said.out.startswith("event    avi:jira:commented:issue\n")
    assert "triggers heard\n" in said.out


def test_fields_that_no_page_describes_are_told(call: Call) -> None:
    """They are an emulator choice."""
    assert "emulator choice" in call("events", "issue-property-set").out
    assert "emulator choice" not in call("events", "issue-created").out


def test_the_list_is_filtered(call: Call) -> None:
    """By product; all are ready."""
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
        (("events", "user-created"), "jira-user-created"),
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


def test_events_that_other_apps_publish(call: Call, tmp_path: Path) -> None:
    """Those that the app listens to are in its list; each has a page by its full name."""
    name = "avi:cloud:ecosystem::event/d9022ad7-c220-4836-b1d1-7f9f2c633d3a/order-placed"
    (write_app(tmp_path) / "manifest.yml").write_text(
        MANIFEST.replace("avi:jira:commented:issue", f"'{name}'")
    )
    listed = json.loads(call("events", "--app", str(tmp_path), "--json").out)
    page = json.loads(call("events", name, "--app", str(tmp_path), "--json").out)

    assert (listed[0]["event"], listed[0]["triggers"]) == (name, ["heard"])
    assert (page["payload"]["eventType"], page["product"]) == (name, "app-events")
    assert page["source"].endswith("events-reference/app-events/")
    assert page["command"] == f"forge-emu trigger {name}"
