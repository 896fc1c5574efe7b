"""Calls the site's Jira Software as an app does, without an app."""

from __future__ import annotations

from typing import Any

from forge_emu.events import EventFactory, find_template
from tests.services.platforms import EPOCH
from tests.services.site.jira_driver import SCOPES, JiraDriver, with_issues

SOFTWARE_SCOPES = (
    *SCOPES, "read:board-scope:jira-software", "read:board-scope.admin:jira-software",
    "write:board-scope:jira-software", "read:sprint:jira-software", "write:sprint:jira-software",
    "delete:sprint:jira-software", "read:issue-details:jira",
)  # fmt: skip
API = "/rest/agile/1.0"
DATES = {"startDate": "2026-02-02T08:00:00.000Z", "endDate": "2026-02-16T08:00:00.000Z"}


def with_software(issues: int = 0) -> JiraDriver:
    """A site with the issues EMU-1 and on, called with every scope."""
    return with_issues(issues, scopes=SOFTWARE_SCOPES)


def send_event(jira: JiraDriver, name: str, number: int = 1) -> None:
    """Tell the site of the `number`-th event of a template."""
    event = EventFactory(find_template(name)).build_event(number, EPOCH, lambda: "e")
    jira.site.absorb_event(event.name, event.payload, EPOCH)


def new_sprint(jira: JiraDriver, name: str = "Next", state: str = "future") -> Any:
    """The id of a sprint on board 1, which an app has made and brought into `state`."""
    body = {"name": name, "originBoardId": 1, **DATES}
    status, sprint = jira.send("POST", f"{API}/sprint", body)
    assert status == 201
    for step in {"future": (), "active": ("active",), "closed": ("active", "closed")}[state]:
        assert jira.send("POST", f"{API}/sprint/{sprint['id']}", {"state": step})[0] == 200
    return sprint["id"]
