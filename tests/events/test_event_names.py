"""The list of known events and their scopes."""

from __future__ import annotations

import pytest

from forge_emu.events import known_events, nearest_events, scopes_of, short_name


def test_the_list_holds_mapped_and_documented_events() -> None:
    """155 events have scopes in the platform's own map, 27 more are only documented, and the two of
    data security policies need no scope."""
    mapped = [event for event in known_events() if (found := scopes_of(event)) and found.classic]
    free = [event for event in known_events() if (found := scopes_of(event)) and not found.classic]

    assert len(mapped) == 155
    assert len(free) == 2
    assert len(known_events()) == 155 + 27 + 2


def test_scopes_of_an_issue_event() -> None:
    """An issue event needs the classic scope or all granular ones."""
    scopes = scopes_of("avi:jira:commented:issue")

    assert scopes is not None
    assert scopes.classic == ("read:jira-work",)
    assert "read:comment:jira" in scopes.granular


@pytest.mark.parametrize("event", ["avi:confluence:published:page", "avi:jira:no:such", ""])
def test_unknown_scopes_are_none(event: str) -> None:
    """Where no source names the scopes, nothing is made up."""
    assert scopes_of(event) is None


@pytest.mark.parametrize(
    ("event", "short"),
    [
        ("avi:jira:created:issue", "issue-created"),
        ("avi:jira:updated:field:context", "field-context-updated"),
        ("avi:confluence:created:custom_content", "custom-content-created"),
        ("avi:confluence:created:space:V2", "space-v2-created"),
        ("avi:forge:installed:app", "app-installed"),
    ],
)
def test_short_names_put_the_subject_first(event: str, short: str) -> None:
    """The short name is the subject and what happened to it, in lower case with dashes."""
    assert short_name(event) == short


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("avi:jira:issue:created", "avi:jira:created:issue"),
        ("avi:jira:Created:Issue", "avi:jira:created:issue"),
        ("avi:confluence:created:issue", "avi:jira:created:issue"),
        ("avi:confluence:created:space", "avi:confluence:created:space:V2"),
        ("avi:confluence:page:updated", "avi:confluence:updated:page"),
        ("jira:issue_created", "avi:jira:created:issue"),
        ("avi:jira:issueUpdated", "avi:jira:updated:issue"),
        ("avi:jira:create:issue", "avi:jira:created:issue"),
        ("avi:jira:commented:issues", "avi:jira:commented:issue"),
        ("comment_created", "avi:confluence:created:comment"),
        ("avi:bitbucket:pullrequest:created", "avi:bitbucket:created:pullrequest"),
        ("forge:installed", "avi:forge:installed:app"),
    ],
)
def test_the_nearest_names_have_the_one_that_was_meant(name: str, meant: str) -> None:
    """In another order, another case, of another product, or with other separators."""
    assert meant in nearest_events(name)


@pytest.mark.parametrize("name", ["", ":::", "xyzzy", "x" * 100_000])
def test_what_is_like_no_event_has_no_nearest(name: str) -> None:
    """Nothing is better than anything."""
    assert nearest_events(name) == []


def test_neighbouring_words_may_be_one() -> None:
    """The platform writes `issuelink` in one word."""
    assert nearest_events("avi:jira-issue-link:created")[0] == "avi:jira:created:issuelink"
