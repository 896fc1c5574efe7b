"""Permissions and groups: everybody has all of the former, which is an emulator choice.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-permissions/,
https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-groups/
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from forge_emu.model import Json
from forge_emu.services.site.call import Answer, SiteCall
from forge_emu.services.site.jira.errors import bad_request, not_found
from forge_emu.services.site.jira.issues import texts
from forge_emu.services.site.paging import cut, page_bean, page_bounds
from forge_emu.services.site.routes import Route
from forge_emu.site.jira.defaults import GROUPS, Group
from forge_emu.site.jira.views import self_url, user_view

_PROJECT: Final = (
    "ADD_COMMENTS", "ADMINISTER_PROJECTS", "ASSIGNABLE_USER", "ASSIGN_ISSUES", "BROWSE_PROJECTS",
    "CLOSE_ISSUES", "CREATE_ATTACHMENTS", "CREATE_ISSUES", "DELETE_ALL_ATTACHMENTS",
    "DELETE_ALL_COMMENTS", "DELETE_ALL_WORKLOGS", "DELETE_ISSUES", "DELETE_OWN_ATTACHMENTS",
    "DELETE_OWN_COMMENTS", "DELETE_OWN_WORKLOGS", "EDIT_ALL_COMMENTS", "EDIT_ALL_WORKLOGS",
    "EDIT_ISSUES", "EDIT_OWN_COMMENTS", "EDIT_OWN_WORKLOGS", "LINK_ISSUES", "MANAGE_WATCHERS",
    "MODIFY_REPORTER", "MOVE_ISSUES", "RESOLVE_ISSUES", "SCHEDULE_ISSUES", "SET_ISSUE_SECURITY",
    "TRANSITION_ISSUES", "VIEW_VOTERS_AND_WATCHERS", "WORK_ON_ISSUES",
)  # fmt: skip
_GLOBAL: Final = (
    "ADMINISTER", "BULK_CHANGE", "CREATE_PROJECT", "CREATE_SHARED_OBJECTS",
    "MANAGE_GROUP_FILTER_SUBSCRIPTIONS", "SYSTEM_ADMIN", "USER_PICKER",
)  # fmt: skip
_READ: Final = ("read:jira-work", "read:permission:jira")
_READ_GROUP: Final = ("read:jira-user", "manage:jira-configuration", "read:group:jira")


def list_permissions(call: SiteCall) -> Answer:
    """`GET /rest/api/3/permissions`."""
    del call
    return Answer(body={"permissions": _views()}, objects=len(_PROJECT) + len(_GLOBAL))


def my_permissions(call: SiteCall) -> Answer:
    """`GET /rest/api/3/mypermissions?permissions=`."""
    asked = call.params("permissions")
    _check_names(asked)
    found = {
        key: {**view, "id": str(number), "havePermission": True}
        for number, (key, view) in enumerate(_views().items())
        if not asked or key in asked
    }
    return Answer(body={"permissions": found}, objects=len(found))


def check_permissions(call: SiteCall) -> Answer:
    """`POST /rest/api/3/permissions/check`: of a user, in projects and for issues."""
    body, site = call.object(), call.site.jira
    account = body.get("accountId")
    if isinstance(account, str) and account not in site.users:
        raise bad_request("Account ID is invalid.")
    wanted = texts(body, "globalPermissions")
    _check_names(wanted)
    found: list[Json] = []
    given = body.get("projectPermissions")
    for part in given if isinstance(given, list) else ():
        found += _checked_projects(call, part if isinstance(part, dict) else {})
    answer: dict[str, Json] = {"projectPermissions": found, "globalPermissions": list(wanted)}
    return Answer(body=answer, objects=len(found) + len(wanted))


def permitted_projects(call: SiteCall) -> Answer:
    """`POST /rest/api/3/permissions/project`: the projects in which the caller has them."""
    asked = texts(call.object(), "permissions")
    if not asked:
        raise bad_request("permissions must not be empty")
    _check_names(asked)
    found: list[Json] = [{"id": int(x.id), "key": x.key} for x in call.site.jira.projects]
    return Answer(body={"projects": found}, objects=len(found))


def _checked_projects(call: SiteCall, part: dict[str, Any]) -> list[Json]:
    site, names = call.site.jira, texts(part, "permissions")
    _check_names(names)
    issues = [int(id) for id in texts(part, "issues") if id in site.issues]
    projects = [int(id) for id in texts(part, "projects") if id in site.projects]
    return [{"permission": name, "issues": issues, "projects": projects} for name in names]


def _check_names(names: Sequence[str]) -> None:
    for name in names:
        if name not in _PROJECT and name not in _GLOBAL:
            raise bad_request(f"Unrecognized permission: {name}")


def _views() -> dict[str, dict[str, Json]]:
    return {
        key: {
            "key": key,
            "name": key.replace("_", " ").capitalize(),
            "type": "GLOBAL" if key in _GLOBAL else "PROJECT",
            "description": "",
        }
        for key in sorted((*_PROJECT, *_GLOBAL))
    }


def get_group(call: SiteCall) -> Answer:
    """`GET /rest/api/3/group?groupname=` or `groupId=`: with its members where expanded."""
    group = _group(call)
    members = [user_view(call.site.jira, each) for each in _members(call, group)]
    shown = members[:50] if "users" in ",".join(call.params("expand")) else []
    body: dict[str, Json] = {
        "name": group.name,
        "groupId": group.id,
        "self": self_url(f"group?groupId={group.id}"),
        "users": {
            "size": len(members),
            "items": shown,
            "max-results": 50,
            "start-index": 0,
            "end-index": 0,
        },
        "expand": "users",
    }
    return Answer(body=body, objects=1 + len(shown))


def group_members(call: SiteCall) -> Answer:
    """`GET /rest/api/3/group/member?groupname=` or `groupId=`."""
    found = [user_view(call.site.jira, each) for each in _members(call, _group(call))]
    start, size = page_bounds(call, 50, 50)
    body = page_bean(found, start, size, self=self_url("group/member"))
    return Answer(body=body, objects=len(cut(found, start, size)))


def pick_groups(call: SiteCall) -> Answer:
    """`GET /rest/api/3/groups/picker?query=`."""
    word = (call.param("query") or "").lower()
    found: list[Json] = [
        {"name": each.name, "groupId": each.id, "html": each.name, "labels": []}
        for each in GROUPS
        if word in each.name
    ]
    header = f"Showing {len(found)} of {len(found)} matching groups"
    body = {"header": header, "total": len(found), "groups": found}
    return Answer(body=body, objects=len(found))


def bulk_groups(call: SiteCall) -> Answer:
    """`GET /rest/api/3/group/bulk?groupId=&groupName=`."""
    ids, names = call.params("groupId"), call.params("groupName")
    found = [
        {"name": each.name, "groupId": each.id}
        for each in GROUPS
        if not (ids or names) or each.id in ids or each.name in names
    ]
    start, size = page_bounds(call, 50, 50)
    return Answer(body=page_bean(found, start, size), objects=len(cut(found, start, size)))


def groups_of_user(call: SiteCall) -> Answer:
    """`GET /rest/api/3/user/groups?accountId=`."""
    account = call.param("accountId") or ""
    if account not in call.site.jira.users:
        raise not_found("Specified user does not exist or you do not have required permissions")
    found: list[Json] = [
        {"name": each.name, "groupId": each.id, "self": self_url(f"group?groupId={each.id}")}
        for each in GROUPS
        if account in _members(call, each)
    ]
    return Answer(body=found, objects=len(found))


def _group(call: SiteCall) -> Group:
    names = (call.param("groupname"), call.param("groupId"))
    for each in GROUPS:
        if each.name == names[0] or each.id == names[1]:
            return each
    raise not_found(f"The group named '{names[0] or names[1]}' does not exist.")


def _members(call: SiteCall, group: Group) -> list[str]:
    people = [x.account for x in call.site.jira.users if x.type == "atlassian" and x.active]
    return [each for each in people if not group.members or each in group.members]


ROUTES: Final = (
    Route("GET", "/rest/api/{version}/permissions", list_permissions, _READ, "identity"),
    Route("GET", "/rest/api/{version}/mypermissions", my_permissions, _READ, "identity"),
    Route("POST", "/rest/api/{version}/permissions/check", check_permissions, _READ, "identity"),
    Route("POST", "/rest/api/{version}/permissions/project", permitted_projects, _READ, "identity"),
    Route("GET", "/rest/api/{version}/group", get_group, _READ_GROUP, "identity"),
    Route("GET", "/rest/api/{version}/group/member", group_members, _READ_GROUP, "identity"),
    Route("GET", "/rest/api/{version}/groups/picker", pick_groups, _READ_GROUP, "identity"),
    Route("GET", "/rest/api/{version}/group/bulk", bulk_groups, _READ_GROUP, "identity"),
    Route("GET", "/rest/api/{version}/user/groups", groups_of_user, _READ_GROUP, "identity"),
)
"""Operations on permissions and groups."""
