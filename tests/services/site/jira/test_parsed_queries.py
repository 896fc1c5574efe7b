"""The structure of queries."""

from __future__ import annotations

from typing import Any

from tests.services.site.jira_driver import JiraDriver, with_issues


def parsed(query: str, validation: str = "strict") -> dict[str, Any]:
    """What Jira answers for one query."""
    status, body = JiraDriver().send(
        "POST", f"jql/parse?validation={validation}", {"queries": [query]}
    )
    assert status == 200
    (found,) = body["queries"]
    return dict(found)


def test_a_structure() -> None:
    """Clauses, operands of each kind, and the order."""
    query = (
        "project = EMU AND (status in (Done, 'To Do') OR NOT assignee = currentUser()) "
        "AND labels is EMPTY ORDER BY created DESC, key"
    )

    assert parsed(query)["structure"] == {
        "where": {
            "operator": "and",
            "clauses": [
                {"field": {"name": "project"}, "operator": "=", "operand": {"value": "EMU"}},
                {
                    "operator": "or",
                    "clauses": [
                        {
                            "field": {"name": "status"},
                            "operator": "in",
                            "operand": {"values": [{"value": "Done"}, {"value": "To Do"}]},
                        },
                        {
                            "operator": "not",
                            "clauses": [
                                {
                                    "field": {"name": "assignee"},
                                    "operator": "=",
                                    "operand": {"function": "currentUser", "arguments": []},
                                }
                            ],
                        },
                    ],
                },
                {
                    "field": {"name": "labels"},
                    "operator": "is",
                    "operand": {"keyword": "empty"},
                },
            ],
        },
        "orderBy": {
            "fields": [
                {"field": {"name": "created"}, "direction": "desc"},
                {"field": {"name": "key"}, "direction": "asc"},
            ]
        },
    }


def test_what_is_wrong_is_said_of_each_query() -> None:
    """A query that cannot be read has no structure in any mode."""
    assert "structure" not in parsed("project =")
    assert parsed("project =", "none")["errors"]


def test_a_field_that_there_is_not() -> None:
    """An error, a warning or nothing, as is asked for."""
    query = "nosuchfield = 1"

    assert "nosuchfield" in parsed(query)["errors"][0]
    assert "nosuchfield" in parsed(query, "warn")["warnings"][0]
    assert parsed(query, "none").keys() == {"query", "structure"}


def test_requests_that_are_refused() -> None:
    """No query, an unknown mode; a part that the site does not know is 501."""
    jira = JiraDriver()

    assert jira.send("POST", "jql/parse", {"queries": []})[0] == 400
    assert jira.send("POST", "jql/parse?validation=x", {"queries": ["key = A-1"]})[0] == 400
    assert jira.send("POST", "jql/parse", {"queries": ["status was Done"]})[0] == 501


def test_values_complete_a_query() -> None:
    """Those of a field that hold what was typed, with how they are shown."""
    jira = with_issues(1)
    assert jira.send("PUT", "issue/EMU-1", {"fields": {"labels": ["alpha", "beta"]}})[0] == 204

    def suggested(query: str) -> list[tuple[str, str]]:
        body = jira.send("GET", f"jql/autocompletedata/suggestions?{query}")[1]
        return [(each["value"], each["displayName"]) for each in body["results"]]

    assert suggested("fieldName=labels") == [("alpha", "alpha"), ("beta", "beta")]
    assert suggested("fieldName=status&fieldValue=pro") == [("In Progress", "In Progress")]
    assert suggested("fieldName=project") == [("EMU", "Emulated project (EMU)")]
    assert suggested("fieldName=assignee&fieldValue=jonas")[0][1] == "Jonas Lind"
    assert suggested("fieldName=nosuch") == []
