"""Project roles: every project has the two of a new site, which is an emulator choice.

https://developer.atlassian.com/cloud/jira/platform/rest/v3/api-group-project-roles/ (2026-08-22)
"""

from __future__ import annotations

from typing import Final

from forge_emu.model import Json
from forge_emu.services.site.call import Answer, SiteCall
from forge_emu.services.site.jira.errors import not_found
from forge_emu.services.site.jira.finding import find_project
from forge_emu.services.site.routes import Route
from forge_emu.site.jira.defaults import ROLES, Role
from forge_emu.site.jira.views import self_url


def list_roles(call: SiteCall) -> Answer:
    """`GET /rest/api/3/role`."""
    found: list[Json] = [_view(call, role, f"role/{role.id}") for role in ROLES]
    return Answer(body=found, objects=len(found))


def get_role(call: SiteCall) -> Answer:
    """`GET /rest/api/3/role/{id}`."""
    role = _role(call)
    return Answer(body=_view(call, role, f"role/{role.id}"))


def project_roles(call: SiteCall) -> Answer:
    """`GET /rest/api/3/project/{projectIdOrKey}/role`: names with addresses."""
    project = find_project(call)
    body: dict[str, Json] = {r.name: self_url(f"project/{project.id}/role/{r.id}") for r in ROLES}
    return Answer(body=body, objects=len(ROLES))


def project_role(call: SiteCall) -> Answer:
    """`GET /rest/api/3/project/{projectIdOrKey}/role/{id}`: with who has it."""
    project, role = find_project(call), _role(call)
    return Answer(body=_view(call, role, f"project/{project.id}/role/{role.id}"))


def role_details(call: SiteCall) -> Answer:
    """`GET /rest/api/3/project/{projectIdOrKey}/roledetails`: without who has them."""
    project = find_project(call)
    found: list[Json] = [
        {
            **_named(role, f"project/{project.id}/role/{role.id}"),
            "admin": role.is_admin,
            "default": not role.is_admin,
            "roleConfigurable": True,
            "translatedName": role.name,
        }
        for role in ROLES
    ]
    return Answer(body=found, objects=len(found))


def _role(call: SiteCall) -> Role:
    id = call.names["role"]
    for role in ROLES:
        if role.id == id:
            return role
    raise not_found(f"Can not retrieve a project role with id {id}")


def _named(role: Role, path: str) -> dict[str, Json]:
    return {
        "self": self_url(path),
        "name": role.name,
        "id": int(role.id),
        "description": role.description,
    }


def _view(call: SiteCall, role: Role, path: str) -> Json:
    people = [x for x in call.site.jira.users if x.type == "atlassian" and x.active]
    actors: list[Json] = [
        {
            "id": 10_000 + number,
            "displayName": person.name,
            "type": "atlassian-user-role-actor",
            "actorUser": {"accountId": person.account},
        }
        for number, person in enumerate(people)
        if not role.members or person.account in role.members
    ]
    return {**_named(role, path), "actors": actors}


_READ: Final = ("read:jira-work", "manage:jira-configuration", "read:project-role:jira")
_PROJECT: Final = "/rest/api/{version}/project/{project}"

ROUTES: Final = (
    Route("GET", "/rest/api/{version}/role", list_roles, _READ, "identity"),
    Route("GET", "/rest/api/{version}/role/{role}", get_role, _READ, "identity"),
    Route("GET", f"{_PROJECT}/role", project_roles, _READ, "identity"),
    Route("GET", f"{_PROJECT}/role/{{role}}", project_role, _READ, "identity"),
    Route("GET", f"{_PROJECT}/roledetails", role_details, _READ, "identity"),
)
"""Operations on project roles."""
