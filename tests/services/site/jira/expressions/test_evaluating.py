"""Evaluations: contexts, pages of a query, and what goes wrong."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu.model import Json
from tests.services.site.jira_driver import JiraDriver, with_issues

ISSUE = {"issue": {"key": "EMU-1"}}


def asked(expression: Json, context: Json = ISSUE, how: str = "evaluate") -> tuple[int, Any]:
    """The answer of a site with one issue."""
    body = {"expression": expression, "context": context}
    return with_issues(1).send("POST", f"expression/{how}", body)


@pytest.mark.parametrize("how", ["evaluate", "eval"])
def test_both_ways_and_versions_answer(how: str) -> None:
    """A value alone, where no query was asked for."""
    jira, body = with_issues(1), {"expression": "issue.key == 'EMU-1'", "context": ISSUE}
    for version in (2, 3):
        path = f"/rest/api/{version}/expression/{how}"
        assert jira.send("POST", path, body) == (200, {"value": True})
    assert jira.events == []


def test_a_query_comes_in_pages_with_a_token() -> None:
    """Until the last one."""
    jira, keys, token = with_issues(3), [], None
    for _ in range(2):
        jql = {"query": "project = EMU ORDER BY key", "maxResults": 2, "nextPageToken": token}
        body = {"expression": "issues.map(i => i.key)", "context": {"issues": {"jql": jql}}}
        answer = jira.send("POST", "expression/evaluate", body)[1]
        keys.append(answer["value"])
        token = answer["meta"]["issues"]["jql"]["nextPageToken"]

    assert keys == [["EMU-1", "EMU-2"], ["EMU-3"]]
    assert answer["meta"]["issues"]["jql"] == {"isLast": True, "nextPageToken": None}


def test_the_older_way_has_pages_by_number() -> None:
    """With the count of all."""
    jql = {"query": "project = EMU ORDER BY key", "startAt": 1, "maxResults": 1}
    body = {"expression": "issues.map(i => i.id)", "context": {"issues": {"jql": jql}}}
    answer = with_issues(3).send("POST", "expression/eval", body)[1]

    assert answer["value"] == [10_002]
    assert answer["meta"]["issues"]["jql"] == {
        "startAt": 1, "maxResults": 1, "count": 1, "totalCount": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("new Issue('EMU-1')", "'new' is not evaluated in expressions here (line 1, column 1)"),
        ("issue.key &&\n issue.changelogs", "changelogs of Issue (line 2, column 7)"),
        ("issue.created.plusDays(3)", "plusDays of Date (line 1, column 14)"),
        ("issue.created > issue.updated", "> of Date (line 1, column 1)"),
        ("`at ${issue.created}`", "the text form of Date (line 1, column 7)"),
        ("JSON.stringify(issue)", "stringify of JSON (line 1, column 5)"),
        ("[...issue.labels]", "spreading ('...') is not part of expressions here"),
    ],
)
def test_what_is_not_built_is_501_with_its_position(expression: str, words: str) -> None:
    """No `try` of the expression hides it."""
    status, answer = asked(expression)

    assert status == 501
    assert words in answer["message"]
    hidden = "try { return issue.changelogs } catch (e) { return 1 }"
    assert asked(hidden)[0] == 501


@pytest.mark.parametrize(
    "context", [{"custom": [{"type": "json"}]}, {"serviceDesk": 1}, {"customerRequest": 1}]
)
def test_contexts_that_are_not_built_are_501(context: Json) -> None:
    """They are named."""
    status, answer = asked("1", context)

    assert status == 501
    assert next(iter(context)) in answer["message"]


@pytest.mark.parametrize(
    ("expression", "context", "words"),
    [
        ("issue.nope", ISSUE, "Evaluation failed: \"issue.nope\" - 'nope' is not defined"),
        ("project.key", ISSUE, "project is not defined"),
        ("issue.key(", ISSUE, "Parsing failed: line 1, column 11"),
        ("issue === 1", ISSUE, "'===' and '!==' are not part of Jira expressions"),
        ("", ISSUE, "The expression is required."),
        (5, ISSUE, "The expression is required."),
        ("1", [1], "The context must be an object."),
        ("1", {"issue": {}}, "The issue in the context needs an id or a key."),
        ("1", {"issue": "EMU-1"}, "The issue in the context needs an id or a key."),
        ("1", {"issues": {}}, "The issues in the context need a jql."),
        ("1", {"issues": {"jql": {"query": "nope = 1"}}}, "Field 'nope' does not exist"),
        ("issue.summary.nope()", ISSUE, "'nope' is not defined on a String"),
        ("issue.properties.get(issue) + issue", ISSUE, "Can't use +"),
    ],
)
def test_mistakes_are_refused(expression: Json, context: Json, words: str) -> None:
    """With 400 and the reason."""
    status, answer = asked(expression, context)

    assert status == 400
    assert words in answer["errorMessages"][0]


def test_an_evaluation_has_an_end() -> None:
    """After so many steps."""
    nine = "[1,2,3,4,5,6,7,8,9]"
    inner = f"{nine}.map(d => {nine}.map(e => 1))"
    status, answer = asked(f"{nine}.map(a => {nine}.map(b => {nine}.map(c => {inner})))")

    assert status == 400
    assert "more than 10,000 steps" in answer["errorMessages"][0]


@pytest.mark.parametrize(
    "context",
    [{"issue": {"key": "NO-1"}}, {"project": {"id": 5}}, {"sprint": 9}, {"board": 9}],
)
def test_what_is_not_there_is_404(context: Json) -> None:
    """Whatever the expression says."""
    status, answer = asked("1", context)

    assert (status, "not exist" in answer["errorMessages"][0]) == (404, True)


def test_the_complexity_is_not_told() -> None:
    """501 rather than a number that is none."""
    body = {"expression": "1"}

    assert with_issues(0).send("POST", "expression/evaluate?expand=meta.complexity", body)[0] == 501


def test_it_needs_a_scope() -> None:
    """401 without."""
    assert JiraDriver(()).send("POST", "expression/evaluate", {"expression": "1"})[0] == 401
