"""`POST /rest/api/3/expression/evaluate` and `/eval`: an expression over things of the site.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-jira-expressions/
"""

from __future__ import annotations

from typing import Final

from forge_emu import expressions as x
from forge_emu.model import Json
from forge_emu.services.site.call import Answer, NotEmulated, SiteCall
from forge_emu.services.site.jira.errors import bad_request, no_issue, not_found
from forge_emu.services.site.jira.expressions.things import Things
from forge_emu.services.site.jira.finding import api_version
from forge_emu.services.site.jira.search import (
    found_issues,
    page_token,
    parsed_query,
    start_of_page,
)
from forge_emu.services.site.paging import cut
from forge_emu.services.site.routes import Route
from forge_emu.site.values import text_of

MOST_STEPS: Final = 10_000
"""https://developer.atlassian.com/cloud/jira/platform/jira-expressions/ (2026-05-18)"""
MOST_ISSUES: Final = 1_000
"""Issues of one page of a query: the page's number of beans in an answer."""
_MOST_REGEXP_STEPS: Final = 1_000_000
_MOST_WHOLE: Final = 2**53
_SCOPES: Final = ("read:jira-work", "read:jira-expressions:jira")
_UNBUILT: Final = ("serviceDesk", "customerRequest", "custom")


def evaluate(call: SiteCall) -> Answer:
    """`evaluate`: pages of a query have a token."""
    return _evaluated(call, by_token=True)


def eval_(call: SiteCall) -> Answer:
    """`eval`: pages of a query have numbers."""
    return _evaluated(call, by_token=False)


EXPRESSION_ROUTES: Final = (
    Route("POST", "/rest/api/{version}/expression/evaluate", evaluate, _SCOPES),
    Route("POST", "/rest/api/{version}/expression/eval", eval_, _SCOPES),
)


def _evaluated(call: SiteCall, *, by_token: bool) -> Answer:
    body = call.object()
    text, context = body.get("expression"), body.get("context") or {}
    if not isinstance(text, str) or not text.strip():
        raise bad_request("The expression is required.")
    if not isinstance(context, dict):
        raise bad_request("The context must be an object.")
    if "meta.complexity" in call.params("expand"):
        raise NotEmulated("meta.complexity of an expression")
    parsed = _parsed(text)
    variables, meta = _variables(call, context, by_token=by_token)
    try:
        value = x.evaluate_with(parsed, variables, MOST_STEPS, _MOST_REGEXP_STEPS)
    except x.NotBuiltError as missing:
        raise NotEmulated(f"{missing.message} ({_place(text, missing.offset)})") from None
    except x.EvaluationError as error:
        raise bad_request(f'Evaluation failed: "{error.location}" - {error.message}') from None
    answer: dict[str, Json] = {"value": _shown(value)}
    return Answer(body={**answer, "meta": meta} if meta else answer)


def _parsed(text: str) -> x.Expression:
    try:
        return x.parse_expression(text)
    except x.ExpressionSyntaxError as error:
        place = _place(text, error.offset)
        if error.unbuilt:
            message = error.message.replace("event filters", "expressions")
            raise NotEmulated(f"{message} ({place})") from None
        raise bad_request(f"Parsing failed: {place}: {error.message}") from None


def _place(text: str, offset: int) -> str:
    before = text[:offset]
    return f"line {before.count(chr(10)) + 1}, column {offset - before.rfind(chr(10))}"


def _variables(
    call: SiteCall, context: dict[str, Json], *, by_token: bool
) -> tuple[dict[str, x.Value], dict[str, Json]]:
    """The variables of a context, and what is told of the page of its query."""
    for name in _UNBUILT:
        if name in context:
            raise NotEmulated(f"{name} in the context of an expression")
    site, things = call.site.jira, Things(call.site.jira, api_version(call))
    found: dict[str, x.Value] = {"user": things.user(call.account)}
    found["JSON"] = x.Thing("JSON", "", {}, lambda: "JSON", None)
    if "issue" in context:
        issue = site.issues.find(_name(context["issue"], "issue"))
        if issue is None:
            raise no_issue()
        found["issue"] = things.issue(issue)
    if "project" in context:
        found["project"] = things.project(site.projects.find(_name(context["project"], "project")))
        if found["project"] is None:
            raise not_found("The project in the context does not exist.")
    if "sprint" in context:
        found["sprint"] = things.sprint(site.sprints.get(text_of(context["sprint"]) or ""))
        if found["sprint"] is None:
            raise not_found("The sprint in the context does not exist.")
    if "board" in context:
        board = site.boards.get(text_of(context["board"]) or "")
        if board is None:
            raise not_found("The board in the context does not exist.")
        found["board"] = things.board(board)
    if "issues" not in context:
        return found, {}
    found["issues"], meta = _issues(call, things, context["issues"], by_token=by_token)
    return found, {"issues": {"jql": meta}}


def _name(value: Json, what: str) -> str:
    """A key or an id: the key wins where both are there."""
    given = value if isinstance(value, dict) else {}
    name = text_of(given.get("key")) or text_of(given.get("id"))
    if name is None:
        raise bad_request(f"The {what} in the context needs an id or a key.")
    return name


def _issues(
    call: SiteCall, things: Things, given: Json, *, by_token: bool
) -> tuple[list[x.Value], dict[str, Json]]:
    asked = given.get("jql") if isinstance(given, dict) else None
    if not isinstance(asked, dict):
        raise bad_request("The issues in the context need a jql.")
    found = found_issues(call, parsed_query(text_of(asked.get("query")) or ""))
    size = min(max(_number(asked.get("maxResults"), MOST_ISSUES), 0), MOST_ISSUES)
    token = asked.get("nextPageToken")
    start = start_of_page(token) if by_token else _number(asked.get("startAt"), 0)
    page = cut(found, start, size)
    end = start + len(page)
    meta: dict[str, Json] = {
        "startAt": start, "maxResults": size, "count": len(page), "totalCount": len(found),
    }  # fmt: skip
    if by_token:
        meta = {"isLast": end >= len(found)}
        meta["nextPageToken"] = None if meta["isLast"] else page_token(end)
    return [things.issue(each) for each in page], meta


def _number(value: Json, otherwise: int) -> int:
    is_number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return int(value) if is_number else otherwise


def _shown(value: x.Value) -> Json:
    """A value as JSON; a function as some text, which the page does not describe."""
    if isinstance(value, x.Thing):
        return value.shown()
    if isinstance(value, list):
        return [_shown(each) for each in value]
    if isinstance(value, dict):
        return {key: _shown(each) for key, each in value.items()}
    if isinstance(value, int) and abs(value) > _MOST_WHOLE:
        return float(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return "function" if isinstance(value, x.Function) else "RegExp"
