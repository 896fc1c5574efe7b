"""Comments."""

from __future__ import annotations

from forge_emu.site.jira.adf import document_of
from forge_emu.site.jira.defaults import ASSIGNEE
from tests.services.site.jira_driver import with_issues


def test_a_comment_is_written_edited_and_deleted() -> None:
    """Each of which is told: the first two by the same name."""
    jira = with_issues(1)
    status, made = jira.send("POST", "issue/EMU-1/comment", {"body": document_of("a")})
    path = f"issue/EMU-1/comment/{made['id']}"

    assert status == 201
    assert jira.send("PUT", path, {"body": document_of("b")}, user=ASSIGNEE)[0] == 200
    found = jira.send("GET", path)[1]
    assert found["body"] == document_of("b")
    assert found["updateAuthor"]["accountId"] == ASSIGNEE
    assert jira.send("DELETE", path)[0] == 204
    assert jira.send("GET", path)[0] == 404
    assert [name for name, _ in jira.events] == [
        "avi:jira:commented:issue",
        "avi:jira:commented:issue",
        "avi:jira:deleted:comment",
    ]


def test_comments_are_listed_in_pages() -> None:
    """Oldest first, or newest first."""
    jira = with_issues(1)
    for text in "abc":
        jira.send("POST", "/rest/api/2/issue/EMU-1/comment", {"body": text})

    page = jira.send("GET", "/rest/api/2/issue/EMU-1/comment?startAt=1&maxResults=1")[1]
    newest = jira.send("GET", "/rest/api/2/issue/EMU-1/comment?orderBy=-created")[1]

    assert ([x["body"] for x in page["comments"]], page["total"]) == (["b"], 3)
    assert newest["comments"][0]["body"] == "c"


def test_a_comment_without_a_text_is_refused() -> None:
    """And a text where a document belongs."""
    jira = with_issues(1)
    for body in ({}, {"body": document_of(" ")}):
        assert jira.send("POST", "issue/EMU-1/comment", body)[1]["errors"] == {
            "comment": "Comment body can not be empty!"
        }
    assert jira.send("POST", "issue/EMU-1/comment", {"body": "text"})[0] == 400
    assert jira.events == []
