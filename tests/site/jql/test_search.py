"""JQL: what a query finds, and what is said of one that is wrong."""

from __future__ import annotations

import pytest
from msgspec import structs

from forge_emu.site.dates import DAY
from forge_emu.site.jira import entities as e
from forge_emu.site.jira.adf import document_of
from forge_emu.site.jira.defaults import ASSIGNEE, REPORTER
from forge_emu.site.jql.parse import JqlError, JqlNotEmulated, parse_jql
from forge_emu.site.jql.search import Search
from forge_emu.site.site import Site

NOW = 1_767_225_600_000 + 10 * DAY + 36_000_000  # 2026-01-11T10:00:00Z, a Sunday


def filled() -> Site:
    """Four issues of two projects."""
    site = Site()
    jira = site.jira
    jira.projects.put(e.Project("10001", "OPS", "Operations"))
    first = e.Issue(
        id="1", key="EMU-1", project="10000", issuetype="10001", status="10001",
        summary="Export stops halfway", creator=REPORTER, reporter=REPORTER, assignee=None,
        created=NOW - 9 * DAY, updated=NOW - 3_600_000, priority="1",
        fields={"labels": ["a", "b"], "customfield_10001": 3},
    )  # fmt: skip
    jira.issues.put(first)
    jira.issues.put(
        structs.replace(
            first,
            id="2",
            key="EMU-2",
            status="10003",
            assignee=ASSIGNEE,
            priority="3",
            summary="Import is slow",
            created=NOW - 2 * DAY,
            resolution="10000",
            fields={"description": document_of("The export too"), "duedate": "2026-01-20"},
        )
    )
    jira.issues.put(
        structs.replace(
            first,
            id="3",
            key="EMU-10",
            issuetype="10002",
            status="10002",
            priority="5",
            assignee=REPORTER,
            summary="Write",
            created=NOW - 3_600_000,
            fields={"labels": ["b"], "parent": "1"},
        )
    )
    jira.issues.put(
        structs.replace(first, id="4", key="OPS-1", project="10001", summary="Move", fields={})
    )
    jira.comments.put(e.Comment("1", "4", REPORTER, document_of("done now"), NOW, NOW))
    return site


def keys(jql: str) -> list[str]:
    """The keys that a query finds, in its order."""
    found = Search(filled().jira, REPORTER, NOW).find(parse_jql(jql))
    return [issue.key for issue in found]


@pytest.mark.parametrize(
    ("jql", "found"),
    [
        ("project = EMU", "EMU-1 EMU-2 EMU-10"),
        ("project = 10001", "OPS-1"),
        ('project in ("Operations", EMU)', "EMU-1 EMU-2 EMU-10 OPS-1"),
        ("project != EMU", "OPS-1"),
        ("key = EMU-2", "EMU-2"),
        ("issuekey in (EMU-10, OPS-1)", "EMU-10 OPS-1"),
        ("id = 3", "EMU-10"),
        ("key > EMU-1 AND project = EMU", "EMU-2 EMU-10"),
        ("issuetype = Task", "EMU-10"),
        ("type not in (Bug)", "EMU-10"),
        ('status = "In Progress"', "EMU-10"),
        ("status in (Done, 10001) and project = EMU", "EMU-1 EMU-2"),
        ("statusCategory = Done", "EMU-2"),
        ("statusCategory != Done", "EMU-1 EMU-10 OPS-1"),
        ("assignee = currentUser()", "EMU-10"),
        (f'assignee = "{ASSIGNEE}"', "EMU-2"),
        ("assignee is EMPTY", "EMU-1 OPS-1"),
        ("assignee != null", "EMU-2 EMU-10"),
        ("assignee in (currentUser(), EMPTY)", "EMU-1 EMU-10 OPS-1"),
        ("reporter = 'Mia Berg' and id = 1", "EMU-1"),
        ("labels = a", "EMU-1"),
        ("labels in (b)", "EMU-1 EMU-10"),
        ("labels is not empty", "EMU-1 EMU-10"),
        ("labels != a", "EMU-10"),
        ("resolution = Unresolved", "EMU-1 EMU-10 OPS-1"),
        ("resolution is EMPTY", "EMU-1 EMU-10 OPS-1"),
        ("priority = Highest", "EMU-1 OPS-1"),
        ("summary ~ export", "EMU-1"),
        ('summary ~ "halfway stops"', "EMU-1"),
        ('summary ~ "\\"stops halfway\\""', "EMU-1"),
        ("summary ~ exp", ""),
        ("summary ~ 'exp*'", "EMU-1"),
        ("summary !~ export and project = EMU", "EMU-2 EMU-10"),
        ("text ~ export", "EMU-1 EMU-2"),
        ("comment ~ done", "OPS-1"),
        ("created >= -3d", "EMU-2 EMU-10"),
        ("created < -1w", "EMU-1 OPS-1"),
        ("created > startOfDay()", "EMU-10"),
        ("created >= startOfDay(-2d) AND created < startOfDay(-1)", "EMU-2"),
        ('created >= "2026-01-09" and created <= "2026/01/09 12:00"', "EMU-2"),
        ("created <= endOfMonth(-1M)", ""),
        ("updated >= startOfWeek()", "EMU-1 EMU-2 EMU-10 OPS-1"),
        ("updated > startOfYear() and duedate <= '2026-01-20'", "EMU-2"),
        ("due is not empty", "EMU-2"),
        ("parent = EMU-1", "EMU-10"),
        ("cf[10001] = 3", "EMU-1"),
        ("cf[10001] > 3", ""),
        ("NOT project = EMU", "OPS-1"),
        ("labels = a OR assignee = currentUser() AND project = OPS", "EMU-1"),
        ("(labels = a OR labels = b) AND status = 10002", "EMU-10"),
        ("project = EMU && !(labels = b) || key = OPS-1", "EMU-2 OPS-1"),
    ],
)
def test_a_query_finds(jql: str, found: str) -> None:
    """The issues that fit, and no others."""
    assert keys(f"{jql} ORDER BY id") == found.split()


@pytest.mark.parametrize(
    ("order", "found"),
    [
        ("", "EMU-10 EMU-2 EMU-1"),
        ("ORDER BY key", "EMU-1 EMU-2 EMU-10"),
        ("order by key desc", "EMU-10 EMU-2 EMU-1"),
        ("ORDER BY created ASC", "EMU-1 EMU-2 EMU-10"),
        ("ORDER BY priority DESC", "EMU-10 EMU-2 EMU-1"),
        ("ORDER BY summary", "EMU-1 EMU-2 EMU-10"),
        ("ORDER BY status, key DESC", "EMU-2 EMU-10 EMU-1"),
        ("ORDER BY assignee", "EMU-2 EMU-10 EMU-1"),
        ("ORDER BY due, key", "EMU-2 EMU-1 EMU-10"),
        ("ORDER BY Rank ASC", "EMU-1 EMU-2 EMU-10"),
        ("ORDER BY parent, key DESC", "EMU-10 EMU-2 EMU-1"),
        ("ORDER BY statusCategory DESC", "EMU-2 EMU-10 EMU-1"),
    ],
)
def test_a_query_has_an_order(order: str, found: str) -> None:
    """Newest first without one; keys go by their numbers."""
    assert keys(f"project = EMU {order}") == found.split()


def test_statuses_that_every_site_has_may_be_asked_for() -> None:
    """No workflow of this site uses them."""
    assert keys("status IN (Closed, Resolved)") == []
    assert keys("status NOT IN (Closed, resolved)") == keys("status IS NOT EMPTY")


@pytest.mark.parametrize(
    ("jql", "text"),
    [
        ("foo = 1", "Field 'foo' does not exist or you do not have permission to view it."),
        ("project = X", "The value 'X' does not exist for the field 'project'."),
        ("status = Nope", "The value 'Nope' does not exist for the field 'status'."),
        ("key = EMU-9", "An issue with key 'EMU-9' does not exist for field 'key'."),
        ("created > soon", "Date value 'soon' for field 'created' is invalid."),
        ("summary = x", "The operator '=' is not supported by the 'summary' field."),
        ("labels > x", "The operator '>' is not supported by the 'labels' field."),
        ("project EMU", "Expecting operator but got 'EMU'"),
        ("project =", "before the end of the query"),
        ("project = EMU)", "')' is not expected here. (line 1, character 14)"),
        ("project = EMU order by foo", "Field 'foo' does not exist"),
    ],
)
def test_a_wrong_query_is_refused(jql: str, text: str) -> None:
    """By the clause that is wrong."""
    with pytest.raises(JqlError) as refused:
        keys(jql)

    assert text in str(refused.value)


@pytest.mark.parametrize(
    ("jql", "text"),
    [
        ("status was Done", "the operator WAS of JQL"),
        ("status was not in (Done, Closed) before -1d", "the operator WAS of JQL"),
        ("status changed from Open to Done ORDER BY key", "the operator CHANGED of JQL"),
        ("status changed during (-2d, -1d) by currentUser()", "the operator CHANGED of JQL"),
        ("status changed", "the operator CHANGED of JQL"),
        ("watcher = 3", "the field 'watcher' of JQL"),
        ("assignee in membersOf(x)", "the function membersOf() of JQL"),
        ("created > lastLogin()", "the function lastLogin() of JQL"),
    ],
)
def test_what_is_not_emulated_is_named(jql: str, text: str) -> None:
    """Rather than answered wrongly."""
    with pytest.raises(JqlNotEmulated) as missing:
        keys(jql)

    assert str(missing.value) == text


@pytest.mark.parametrize(
    ("jql", "found"),
    [
        ("sprint = 7", ["EMU-1"]),
        ("sprint = 'Second one'", ["EMU-2"]),
        ("cf[10020] in (7, 8) ORDER BY key", ["EMU-1", "EMU-2"]),
        ("sprint in openSprints()", ["EMU-2"]),
        ("sprint in closedSprints()", ["EMU-1"]),
        ("sprint in futureSprints()", []),
        ("sprint not in openSprints()", ["EMU-1"]),
        ("sprint IS EMPTY AND project = OPS", ["OPS-1"]),
        ("key in (EMU-1, EMU-2, OPS-1) ORDER BY sprint", ["EMU-1", "EMU-2", "OPS-1"]),
        ("key in (EMU-1, EMU-2) ORDER BY sprint DESC", ["EMU-2", "EMU-1"]),
    ],
)
def test_issues_are_found_by_their_sprint(jql: str, found: list[str]) -> None:
    """By id, name or state."""
    site = filled()
    jira = site.jira
    jira.sprints.put(e.Sprint("7", "1", "First", "closed"))
    jira.sprints.put(e.Sprint("8", "1", "Second one", "active"))
    for key, id in (("EMU-1", "7"), ("EMU-2", "8")):
        issue = jira.issues.find(key)
        assert issue is not None
        jira.issues.put(structs.replace(issue, fields={"customfield_10020": [id]}))
    query = Search(jira, REPORTER, NOW).find(parse_jql(jql))

    assert [issue.key for issue in query] == found


def test_a_sprint_that_is_not_there_is_refused() -> None:
    """And so is a state where a name belongs."""
    for jql in ("sprint = 5", "sprint = active"):
        with pytest.raises(JqlError, match="does not exist for the field 'sprint'"):
            keys(jql)


def test_votes_and_watchers_are_counted() -> None:
    """A query asks for their number, and sorts by it."""
    site = filled()
    site.jira.votes.put(e.Watchers("2", (REPORTER,)))
    site.jira.watchers.put(e.Watchers("3", (REPORTER, ASSIGNEE)))

    def found(jql: str) -> list[str]:
        issues = Search(site.jira, REPORTER, NOW).find(parse_jql(jql))
        return [issue.key for issue in issues]

    assert found("votes > 0") == ["EMU-2"]
    assert found("watchers = 2") == ["EMU-10"]
    assert found("project = EMU ORDER BY watchers DESC, key") == ["EMU-10", "EMU-1", "EMU-2"]
