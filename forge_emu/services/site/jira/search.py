"""Searches by JQL, with pages of both kinds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from forge_emu.model import Json
from forge_emu.services.site.call import NO_BODY, Answer, NotEmulated, SiteCall, SiteError
from forge_emu.services.site.jira.errors import bad_request
from forge_emu.services.site.jira.finding import api_version
from forge_emu.services.site.jira.issues import texts
from forge_emu.services.site.paging import cut
from forge_emu.site.jira import entities as e
from forge_emu.site.jira.issue_view import issue_view, wanted_fields
from forge_emu.site.jql.parse import JqlError, JqlNotEmulated, Query, parse_jql
from forge_emu.site.jql.search import Search

MOST_RESULTS: Final = 5_000
"""Issues of a page; with more fields than id and key fewer, which is no documented number."""

_UNBOUNDED: Final = (
    "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
)
_GONE: Final = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full "
    "migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)


def search_jql(call: SiteCall) -> Answer:
    """`GET` and `POST /rest/api/3/search/jql`: ids alone unless fields are asked for.

    https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-issue-search/
    """
    asked = _asked(call)
    query = parsed_query(str(asked.get("jql") or ""))
    if query.where is None:
        raise bad_request(_UNBOUNDED)
    found = found_issues(call, query)
    size = min(max(_number(asked.get("maxResults"), 50), 1), MOST_RESULTS)
    start = start_of_page(asked.get("nextPageToken"))
    page = cut(found, start, size)
    body: dict[str, Json] = {"issues": _views(call, page, asked, "id"), "isLast": True}
    if start + len(page) < len(found):
        body |= {"isLast": False, "nextPageToken": page_token(start + len(page))}
    return Answer(body=body, objects=len(page))


def count(call: SiteCall) -> Answer:
    """`POST /rest/api/3/search/approximate-count`."""
    query = parsed_query(str(call.object().get("jql") or ""))
    if query.where is None:
        raise bad_request(_UNBOUNDED)
    return Answer(body={"count": len(found_issues(call, query))})


def old_search(call: SiteCall) -> Answer:
    """`/rest/api/3/search`, which Jira Cloud has removed (CHANGE-2046).

    `jira.old_search` may bring it back, with `startAt` and `total`.
    """
    if not call.old_search_works:
        raise SiteError(410, {"errorMessages": [_GONE], "errors": {}})
    asked = _asked(call)
    found = found_issues(call, parsed_query(str(asked.get("jql") or "")))
    start, size = _number(asked.get("startAt"), 0), _number(asked.get("maxResults"), 50)
    size = min(max(size, 0), 100)
    page = cut(found, start, size)
    body = {
        "expand": "schema,names",
        "startAt": start,
        "maxResults": size,
        "total": len(found),
        "issues": _views(call, page, asked, "*navigable"),
    }
    return Answer(body=body, objects=len(page))


def _asked(call: SiteCall) -> dict[str, Json]:
    """The parameters of a search, from the body or the query."""
    if call.method == "POST":
        return call.object() if call.body is not NO_BODY else {}
    asked: dict[str, Json] = {name: values[0] for name, values in call.query.items()}
    for name in ("fields", "expand", "properties"):
        if name in asked:
            asked[name] = call.params(name)
    return asked


def parsed_query(jql: str) -> Query:
    """The query that a request has. Raises SiteError (400) and NotEmulated."""
    try:
        return parse_jql(jql)
    except JqlError as error:
        raise bad_request(str(error)) from None
    except JqlNotEmulated as error:
        raise NotEmulated(str(error)) from None


def found_issues(call: SiteCall, query: Query) -> list[e.Issue]:
    """The issues that a query finds. Raises SiteError (400) and NotEmulated."""
    try:
        return Search(call.site.jira, call.account, call.now_ms).find(query)
    except JqlError as error:
        raise bad_request(str(error)) from None
    except JqlNotEmulated as error:
        raise NotEmulated(str(error)) from None


def _views(
    call: SiteCall, page: Sequence[e.Issue], asked: dict[str, Json], default: str
) -> list[Json]:
    fields = texts(asked, "fields")
    version, site = api_version(call), call.site.jira
    wanted = wanted_fields(fields, default)
    expand, properties = texts(asked, "expand"), texts(asked, "properties")
    views = [issue_view(site, each, version, wanted, expand, properties) for each in page]
    if not fields and default == "id":
        return [{"id": view["id"]} for view in views]
    return list(views)


def _number(value: Json, otherwise: int) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return int(value) if isinstance(value, str) and value.isdecimal() else otherwise


def page_token(start: int) -> str:
    """The token of a page: opaque to apps, and the same in every run."""
    return f"emu.{start:x}"


def start_of_page(token: Json) -> int:
    """Where the page of a token starts. Raises SiteError (400)."""
    if token is None or token == "":
        return 0
    prefix, _, number = str(token).partition(".")
    try:
        if prefix != "emu":
            raise ValueError(token)
        return int(number, 16)
    except ValueError:
        raise bad_request("The provided next page token is invalid or expired.") from None
