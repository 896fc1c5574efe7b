"""Searches: pages, fields, refusals."""

from __future__ import annotations

from urllib.parse import quote

from tests.services.site.jira_driver import with_issues


def test_a_search_gives_ids_unless_fields_are_asked_for() -> None:
    """By GET and by POST alike."""
    jira = with_issues(2)
    jql = "project = EMU ORDER BY key"

    assert jira.send("POST", "search/jql", {"jql": jql})[1] == {
        "issues": [{"id": "10001"}, {"id": "10002"}],
        "isLast": True,
    }
    found = jira.send("GET", f"search/jql?jql={quote(jql)}&fields=summary&maxResults=1")[1]
    assert found["issues"][0]["fields"] == {"summary": "Export of report 1 stops halfway"}


def test_pages_follow_by_their_token() -> None:
    """Until the last one, which has none."""
    jira = with_issues(5)
    body = {"jql": "project = EMU ORDER BY key", "maxResults": 2}
    seen, token = [], None
    while True:
        page = jira.send("POST", "search/jql", {**body, "nextPageToken": token})[1]
        seen += [each["id"] for each in page["issues"]]
        token = page.get("nextPageToken")
        assert page["isLast"] is (token is None)
        if token is None:
            break

    assert seen == ["10001", "10002", "10003", "10004", "10005"]
    assert jira.send("POST", "search/jql", {**body, "nextPageToken": "x"})[0] == 400


def test_a_query_that_jira_refuses_is_refused() -> None:
    """With its text; a query without a restriction as well."""
    jira = with_issues(1)

    refused = {
        "foo = 1": "Field 'foo' does not exist",
        "order by key": "Unbounded",
        "project": "Expecting",
        "project = X": "does not exist for the field",
    }
    for jql, text in refused.items():
        status, body = jira.send("POST", "search/jql", {"jql": jql})
        assert status == 400
        assert text in body["errorMessages"][0]


def test_what_the_site_does_not_know_of_jql_is_said() -> None:
    """With 501 and the mock to write."""
    status, body = with_issues(1).send("POST", "search/jql", {"jql": "watcher = 5"})

    assert status == 501
    assert "the field 'watcher' of JQL" in body["message"]
    assert "mocks:" in body["message"]


def test_the_old_search_is_gone_unless_it_is_wanted_back() -> None:
    """Then it has pages by number."""
    assert with_issues(1).send("GET", "search?jql=project=EMU")[0] == 410

    found = with_issues(3, **{"jira.old_search": "on"}).send(
        "POST", "search", {"jql": "project = EMU order by key", "startAt": 1, "maxResults": 1}
    )[1]
    assert (found["total"], [each["key"] for each in found["issues"]]) == (3, ["EMU-2"])


def test_a_count_is_that_of_the_issues() -> None:
    """Without them."""
    assert with_issues(3).send(
        "POST", "search/approximate-count", {"jql": "key in (EMU-1, EMU-3)"}
    ) == (200, {"count": 2})
