"""Limits of products on calls that the site answers."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu.errors import Fault
from forge_emu.services.site.answering import reply
from tests.services.platforms import ScriptedPlatform, request
from tests.services.site.confluence_driver import ConfluenceDriver
from tests.services.site.jira_driver import APP, JiraDriver, with_issues

POINTS = "limits.jira.points_per_hour"
EDIT = {"fields": {"summary": "x"}}


def test_a_refused_call_changes_nothing() -> None:
    """It gets 429 and its headers, makes no event, and is on record with its limit."""
    jira = with_issues(1, **{"limits.jira.issue_writes_per_2_seconds": 1})
    jira.send("PUT", "issue/EMU-1", EDIT)
    status, body = jira.send("PUT", "issue/10001", {"fields": {"summary": "y"}})
    told = {
        name: value
        for name, value in jira.headers.items()
        if "ate" in name or name == "Retry-After"
    }

    assert (status, body["errors"]) == (429, {})
    assert told == {
        "Retry-After": "2",
        "X-RateLimit-Limit": "1",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": "2026-01-01T00:00:02Z",
        "RateLimit-Reason": "jira-per-issue-on-write",
        "RateLimit-Policy": '"global-app-quota";q=65000;w=3600',
        "RateLimit": '"global-app-quota";t=3600',
    }
    assert len(jira.events) == 1
    assert jira.answered[1].limit == "limits.jira.issue_writes_per_2_seconds"
    assert jira.answered[1].retry_after_ms == 2_000
    assert jira.send("GET", "issue/EMU-1?fields=summary")[1]["fields"]["summary"] == "x"


@pytest.mark.parametrize(
    ("method", "path", "body", "points"),
    [
        ("GET", "issue/EMU-1", None, 2),
        ("GET", "issue/NO-1", None, 1),
        ("PUT", "issue/EMU-1", EDIT, 1),
        ("GET", "search/jql?jql=project=EMU", None, 4),
        ("POST", "search/jql", {"jql": "project = EMU"}, 4),
        ("GET", "myself", None, 3),
    ],
)
def test_points(method: str, path: str, body: object, points: int) -> None:
    """One for the call; for each thing that is read one more, for each user two."""
    jira = with_issues(3)
    jira.send(method, path, body)

    assert jira.answered[0].points == points
    assert jira.platform.product_rates.meters[0].window.total(0) == points


def test_an_issue_has_one_limit_by_key_and_id() -> None:
    """And every operation that writes to it counts."""
    jira = with_issues(1, **{"limits.jira.issue_writes_per_2_seconds": 2})
    paths = ["issue/EMU-1/properties/a", "issue/10001/properties/b", "issue/emu-1/properties/c"]

    assert [jira.send("PUT", path, 1)[0] for path in paths] == [201, 201, 429]


def test_confluence_refuses_in_its_own_words() -> None:
    """The points alone: it publishes no calls per second."""
    confluence = ConfluenceDriver()
    confluence.platform.product_rates.add_points("confluence", 65_000, 0)
    status, body = confluence.send("GET", "spaces")

    assert (status, body["statusCode"]) == (429, 429)
    assert confluence.headers["RateLimit-Reason"] == "confluence-quota-global-based"
    assert confluence.headers["Retry-After"] == "3600"


def test_without_limits_nothing_is_refused() -> None:
    """`--limits off`."""
    overrides: dict[str, Any] = dict.fromkeys(("limits.jira.get_per_second", POINTS))
    jira = JiraDriver(**overrides)

    assert {jira.send("GET", "serverInfo")[0] for _ in range(300)} == {200}


def test_an_injected_429_is_no_use_of_a_limit() -> None:
    """It has the header of the fault, and no points."""
    platform = ScriptedPlatform(fault=Fault(429, {"message": "slow"}, headers={"Retry-After": "5"}))
    answer = reply(platform, request("/rest/api/3/serverInfo", None, APP, method="GET"), 0)

    assert answer is not None
    assert (answer.status, answer.headers["Retry-After"]) == (429, "5")
    assert platform.product_rates.meters[0].window.total(0) == 0


def test_a_call_without_its_scope_costs_nothing() -> None:
    """The gateway refuses it before the product, Confluence's as Jira's."""
    confluence = ConfluenceDriver(scopes=("read:confluence-user",))

    assert confluence.send("GET", "pages") == (
        401,
        {"code": 401, "message": "Unauthorized; scope does not match"},
    )
    assert confluence.headers["x-failure-category"] == "FAILURE_CLIENT_SCOPE_CHECK"
    assert confluence.platform.product_rates.usage(0) == []
