"""Links between issues."""

from __future__ import annotations

from tests.services.site.jira_driver import with_issues


def test_a_link_is_made_shown_and_deleted() -> None:
    """Both ends have it; each change is told."""
    jira = with_issues(2)
    body = {
        "type": {"name": "Blocks"},
        "inwardIssue": {"key": "EMU-1"},
        "outwardIssue": {"key": "EMU-2"},
    }

    assert jira.send("POST", "issueLink", body)[0] == 201
    (link,) = jira.send("GET", "issue/EMU-1?fields=issuelinks")[1]["fields"]["issuelinks"]
    assert link["outwardIssue"]["key"] == "EMU-2"
    path = f"issueLink/{link['id']}"
    assert jira.send("GET", path)[1]["inwardIssue"]["key"] == "EMU-1"
    assert jira.send("DELETE", path)[0] == 204
    assert jira.send("GET", path)[0] == 404
    assert [name for name, _ in jira.events] == [
        "avi:jira:created:issuelink",
        "avi:jira:deleted:issuelink",
    ]


def test_a_link_needs_its_type_and_both_ends() -> None:
    """404 for what is not there."""
    jira = with_issues(1)
    body = {
        "type": {"name": "Blocks"},
        "inwardIssue": {"key": "EMU-1"},
        "outwardIssue": {"key": "X-1"},
    }

    assert jira.send("POST", "issueLink", body)[0] == 404
    assert jira.send("POST", "issueLink", {**body, "type": {"name": "no"}})[0] == 404


REMOTE = {"globalId": "system=1&id=2", "object": {"title": "T", "url": "https://e.com/2"}}


def test_a_remote_link_is_made_once_for_each_global_id() -> None:
    """The second time it is replaced."""
    jira = with_issues(1)
    status, made = jira.send("POST", "issue/EMU-1/remotelink", REMOTE)
    again = {**REMOTE, "object": {"title": "U", "url": "https://e.com/2"}}
    path = f"issue/EMU-1/remotelink/{made['id']}"

    assert status == 201
    assert jira.send("POST", "issue/EMU-1/remotelink", again) == (200, made)
    assert jira.send("GET", path)[1]["object"]["title"] == "U"
    assert jira.send("PUT", path, REMOTE)[0] == 204
    (found,) = jira.send("GET", "issue/EMU-1/remotelink")[1]
    assert (found["globalId"], found["object"]["title"]) == ("system=1&id=2", "T")
    query = "remotelink?globalId=system%3D1%26id%3D2"
    assert jira.send("GET", f"issue/EMU-1/{query}")[1]["id"] == made["id"]
    assert jira.send("DELETE", f"issue/EMU-1/{query}")[0] == 204
    assert jira.send("GET", path)[0] == 404
    assert jira.events == []


def test_links_without_a_global_id_are_each_their_own() -> None:
    """They go with their issue."""
    jira = with_issues(1)
    for _ in range(2):
        jira.send("POST", "issue/EMU-1/remotelink", {"object": REMOTE["object"]})
    first, second = jira.send("GET", "issue/EMU-1/remotelink")[1]

    assert jira.send("DELETE", f"issue/EMU-1/remotelink/{first['id']}")[0] == 204
    assert jira.send("DELETE", "issue/EMU-1")[0] == 204
    assert jira.site.jira.remote_links.get(str(second["id"])) is None


def test_a_remote_link_needs_a_title_and_an_address() -> None:
    """With a text for each."""
    jira = with_issues(1)
    status, body = jira.send("POST", "issue/EMU-1/remotelink", {"object": {"title": "T"}})

    assert (status, list(body["errors"])) == (400, ["url"])
    assert jira.send("DELETE", "issue/EMU-1/remotelink")[0] == 400
    assert jira.send("GET", "issue/EMU-1/remotelink?globalId=x")[0] == 404
