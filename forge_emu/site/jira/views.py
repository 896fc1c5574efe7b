"""Jira's things, but for issues, as its REST API shows them."""

from __future__ import annotations

from typing import Final

from forge_emu.model import Json
from forge_emu.site.dates import jira_time
from forge_emu.site.jira import entities as e
from forge_emu.site.jira.adf import shown
from forge_emu.site.jira.defaults import CATEGORIES
from forge_emu.site.jira.jira_site import JiraSite

BASE: Final = "https://emu.atlassian.net"
"""The address of the site, as payloads of events have it."""

_SIZES: Final = {
    "48x48": "",
    "24x24": "?size=small",
    "16x16": "?size=xsmall",
    "32x32": "?size=medium",
}


def self_url(path: str, version: str = "3") -> str:
    """The address of a thing, such as `issue/10001`."""
    return f"{BASE}/rest/api/{version}/{path}"


def avatar_urls(path: str) -> dict[str, str]:
    """The four sizes of a picture."""
    address = f"{BASE}/rest/api/2/universal_avatar/view/type/{path}"
    return {name: address + size for name, size in _SIZES.items()}


def user_view(site: JiraSite, account: str | None, *, details: bool = False) -> Json:
    """A person; None for nobody."""
    if account is None:
        return None
    user = site.users.get(account)
    view: dict[str, Json] = {
        "self": self_url(f"user?accountId={account}"),
        "accountId": account,
        "avatarUrls": avatar_urls("user/avatar/10500"),
        "displayName": user.name if user else "Former user",
        "active": user.active if user else False,
        "timeZone": "Etc/UTC",
        "accountType": user.type if user else "atlassian",
    }
    if user and user.email:
        view["emailAddress"] = user.email
    if details:
        none = {"size": 0, "items": []}
        view |= {"locale": "en_US", "groups": none, "applicationRoles": none}
    return view


def project_view(site: JiraSite, project: e.Project, *, details: bool = False) -> dict[str, Json]:
    """A project: as issues have it, or with its issue types, parts and lead."""
    view: dict[str, Json] = {
        "self": self_url(f"project/{project.id}"),
        "id": project.id,
        "key": project.key,
        "name": project.name,
        "projectTypeKey": project.type_key,
        "simplified": project.simplified,
        "avatarUrls": avatar_urls("project/avatar/10400"),
    }
    if details:
        view |= {
            "expand": "description,lead,issueTypes,url,projectKeys,permissions,insight",
            "description": project.description,
            "lead": user_view(site, project.lead),
            "issueTypes": [issue_type_view(each) for each in site.issue_types],
            "components": [
                part_view(each, "component") for each in site.components.children(project.id)
            ],
            "versions": [part_view(each, "version") for each in site.versions.children(project.id)],
            "assigneeType": "UNASSIGNED",
            "roles": {},
            "style": "next-gen" if project.simplified else "classic",
            "isPrivate": False,
            "archived": project.archived,
            "properties": {},
            "entityId": f"00000000-0000-4000-8000-{project.id:>012}",
            "uuid": f"00000000-0000-4000-8000-{project.id:>012}",
        }
    return view


def issue_type_view(issue_type: e.IssueType) -> dict[str, Json]:
    """An issue type."""
    icon = f"{BASE}/rest/api/2/universal_avatar/view/type/issuetype/avatar/{issue_type.avatar}"
    return {
        "self": self_url(f"issuetype/{issue_type.id}"),
        "id": issue_type.id,
        "description": issue_type.description,
        "iconUrl": f"{icon}?size=medium",
        "name": issue_type.name,
        "subtask": issue_type.level < 0,
        "avatarId": issue_type.avatar,
        "hierarchyLevel": issue_type.level,
    }


def category_view(key: str) -> dict[str, Json]:
    """A status category."""
    number, color, name = CATEGORIES.get(key, CATEGORIES["undefined"])
    return {
        "self": self_url(f"statuscategory/{number}"),
        "id": number,
        "key": key if key in CATEGORIES else "undefined",
        "colorName": color,
        "name": name,
    }


def status_view(status: e.Status) -> dict[str, Json]:
    """A status with its category."""
    return {
        "self": self_url(f"status/{status.id}"),
        "description": status.description,
        "iconUrl": f"{BASE}/images/icons/statuses/generic.png",
        "name": status.name,
        "id": status.id,
        "statusCategory": category_view(status.category),
    }


def named_view(thing: e.NamedThing, kind: str) -> dict[str, Json]:
    """A priority or a resolution."""
    view: dict[str, Json] = {
        "self": self_url(f"{kind}/{thing.id}"),
        "id": thing.id,
        "name": thing.name,
        "description": thing.description,
    }
    if kind == "priority":
        view["iconUrl"] = f"{BASE}/images/icons/priorities/{thing.name.lower()}.svg"
    return view


def part_view(part: e.ProjectPart, kind: str) -> dict[str, Json]:
    """A version or a component of a project."""
    project = int(part.project) if kind == "version" and part.project.isdecimal() else part.project
    own = {"self": self_url(f"{kind}/{part.id}"), "id": part.id, "name": part.name}
    extra = (
        {"archived": False, "released": False, "projectId": project} if kind == "version" else {}
    )
    return {**own, **extra, **part.fields}


def comment_view(site: JiraSite, comment: e.Comment, version: str) -> dict[str, Json]:
    """A comment of an issue."""
    view: dict[str, Json] = {
        "self": self_url(f"issue/{comment.issue}/comment/{comment.id}", version),
        "id": comment.id,
        "author": user_view(site, comment.author),
        "body": shown(comment.body, version),
        "updateAuthor": user_view(site, comment.update_author or comment.author),
        "created": jira_time(comment.created),
        "updated": jira_time(comment.updated),
        "jsdPublic": comment.public,
    }
    if comment.visibility is not None:
        view["visibility"] = comment.visibility
    if comment.parent is not None:
        view["parentId"] = comment.parent
    return view


def worklog_view(site: JiraSite, worklog: e.Worklog, version: str) -> dict[str, Json]:
    """Time logged on an issue."""
    view: dict[str, Json] = {
        "self": self_url(f"issue/{worklog.issue}/worklog/{worklog.id}", version),
        "author": user_view(site, worklog.author),
        "updateAuthor": user_view(site, worklog.update_author or worklog.author),
        "created": jira_time(worklog.created),
        "updated": jira_time(worklog.updated),
        "started": jira_time(worklog.started),
        "timeSpent": duration_text(worklog.seconds),
        "timeSpentSeconds": worklog.seconds,
        "id": worklog.id,
        "issueId": worklog.issue,
    }
    if worklog.comment is not None:
        view["comment"] = shown(worklog.comment, version)
    return view


def history_view(site: JiraSite, history: e.History) -> dict[str, Json]:
    """One edit, as changelogs have it."""
    return {
        "id": history.id,
        "author": user_view(site, history.author),
        "created": jira_time(history.created),
        "items": [
            {
                "field": item.field,
                "fieldtype": item.field_type,
                "fieldId": item.field_id,
                "from": item.from_id,
                "fromString": item.from_text,
                "to": item.to_id,
                "toString": item.to_text,
            }
            for item in history.items
        ],
    }


def duration_text(seconds: int) -> str:
    """Jira's form of a working time: `1w 2d 3h 4m`, of five days of eight hours."""
    minutes, words = seconds // 60, []
    for unit, size in (("w", 2_400), ("d", 480), ("h", 60), ("m", 1)):
        count, minutes = divmod(minutes, size)
        if count:
            words.append(f"{count}{unit}")
    return " ".join(words) or "0m"
