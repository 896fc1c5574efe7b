"""The table of Jira's operations."""

from __future__ import annotations

from forge_emu.services.site.jira.table import JIRA_ROUTES


def test_every_operation_that_needs_a_scope_names_a_classic_and_a_granular_one() -> None:
    """So that an app of either kind is let through. Jira Software has granular ones alone."""
    for route in JIRA_ROUTES:
        if route.scopes:
            classic = any(scope.count(":") == 1 for scope in route.scopes)
            assert classic is not route.path.startswith("/rest/agile"), route.path
            assert any(scope.count(":") == 2 for scope in route.scopes), route.path


def test_what_changes_something_is_a_write() -> None:
    """Reads by POST are named one by one."""
    reads = (
        "search/jql",
        "bulkfetch",
        "search",
        "/list",
        "parse",
        "permissions/check",
        "permissions/project",
        "approximate-count",
        "expression/eval",
        "expression/evaluate",
    )
    for route in JIRA_ROUTES:
        if route.method != "GET" and not route.path.endswith(reads):
            assert route.is_write, route.path
