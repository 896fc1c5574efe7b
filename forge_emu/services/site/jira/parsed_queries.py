"""The structure of queries and what is wrong with them, and the values that complete them.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-jql/
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from forge_emu.model import Json
from forge_emu.services.site.call import Answer, NotEmulated, SiteCall
from forge_emu.services.site.jira.errors import bad_request
from forge_emu.services.site.jira.issues import texts
from forge_emu.services.site.routes import Route
from forge_emu.site.jira import entities as e
from forge_emu.site.jira.jira_site import JiraSite
from forge_emu.site.jql import parse as p
from forge_emu.site.jql.search import Search

_VALIDATIONS: Final = ("strict", "warn", "none")


def suggest_values(call: SiteCall) -> Answer:
    """`GET /rest/api/3/jql/autocompletedata/suggestions?fieldName=&fieldValue=`.

    Of a field whose values are not listed here there is none.
    """
    begun = (call.param("fieldValue") or "").lower()
    known = _values_of((call.param("fieldName") or "").lower(), call.site.jira)
    found: list[Json] = [
        {"value": value, "displayName": shown}
        for value, shown in known
        if begun in shown.lower() or begun in value.lower()
    ]
    return Answer(body={"results": found}, objects=len(found))


def _values_of(field: str, site: JiraSite) -> list[tuple[str, str]]:
    """The values of a field, each with how it is shown."""
    if field == "labels":
        words = {w for issue in site.issues for w in issue.fields.get("labels") or ()}
        return [(word, word) for word in sorted(words)]
    if field == "project":
        return [(each.key, f"{each.name} ({each.key})") for each in site.projects]
    if field in ("assignee", "reporter", "creator", "watcher", "voter"):
        return [(each.account, each.name) for each in site.users]
    if field == "sprint":
        return [(each.id, each.name) for each in site.sprints]
    named: dict[str, Iterable[e.NamedThing | e.Status | e.IssueType | e.ProjectPart]] = {
        "status": site.statuses,
        "issuetype": site.issue_types,
        "priority": site.priorities,
        "resolution": site.resolutions,
        "component": site.components,
        "fixversion": site.versions,
        "affectedversion": site.versions,
    }
    names = dict.fromkeys(each.name for each in named.get(field, ()))
    return [(name, name) for name in names]


def parse_queries(call: SiteCall) -> Answer:
    """`POST /rest/api/3/jql/parse`: each query with its `structure`, or with its `errors`."""
    queries = texts(call.object(), "queries")
    validation = call.param("validation") or "strict"
    if not queries:
        raise bad_request("queries must not be empty")
    if validation not in _VALIDATIONS:
        raise bad_request(f"The validation mode {validation} is not one of strict, warn, none.")
    found: list[Json] = [_parsed(call, query, validation) for query in queries]
    return Answer(body={"queries": found}, objects=len(found))


def _parsed(call: SiteCall, text: str, validation: str) -> Json:
    answer: dict[str, Json] = {"query": text}
    try:
        query = p.parse_jql(text)
        answer["structure"] = _structure(query)
        if validation != "none":
            Search(call.site.jira, call.account, call.now_ms).find(query)
    except p.JqlError as error:
        if validation == "warn" and "structure" in answer:
            return {**answer, "warnings": [str(error)]}
        return {"query": text, "errors": [str(error)]}
    except p.JqlNotEmulated as error:
        raise NotEmulated(str(error)) from None
    return answer


def _structure(query: p.Query) -> Json:
    structure: dict[str, Json] = {}
    if query.where is not None:
        structure["where"] = _clause(query.where)
    if query.order:
        structure["orderBy"] = {
            "fields": [
                {"field": {"name": each.field}, "direction": "desc" if each.descending else "asc"}
                for each in query.order
            ]
        }
    return structure


def _clause(node: p.Expression) -> Json:
    match node:
        case p.Both():
            return {"operator": "and", "clauses": [_clause(part) for part in node.parts]}
        case p.Either():
            return {"operator": "or", "clauses": [_clause(part) for part in node.parts]}
        case p.Negation():
            return {"operator": "not", "clauses": [_clause(node.part)]}
        case p.Clause():
            return {
                "field": {"name": node.field},
                "operator": node.operator,
                "operand": _operand(node),
            }


def _operand(clause: p.Clause) -> Json:
    shown = [_one_operand(each) for each in clause.operands]
    if clause.operator in ("in", "not in") and not isinstance(clause.operands[0], p.Function):
        return {"values": shown}
    return shown[0]


def _one_operand(operand: p.Operand) -> Json:
    if isinstance(operand, p.Function):
        return {"function": operand.name, "arguments": list(operand.arguments)}
    return {"keyword": "empty"} if operand.empty else {"value": operand.text}


ROUTES: Final = (
    Route(
        "POST", "/rest/api/{version}/jql/parse", parse_queries, ("read:jira-work", "read:jql:jira")
    ),
    Route(
        "GET",
        "/rest/api/{version}/jql/autocompletedata/suggestions",
        suggest_values,
        ("read:jira-work", "read:jql:jira"),
    ),
)
"""Operations on the text of queries."""
