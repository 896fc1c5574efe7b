"""Confluence's things as version 1 of its REST API shows them, with what is expanded.

https://developer.atlassian.com/cloud/confluence/rest/v1/ (2026-08-21)
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final, TypeAlias

from forge_emu.model import Json, iso8601
from forge_emu.site.confluence import entities as e
from forge_emu.site.confluence.bodies import FORMATS, body_in
from forge_emu.site.confluence.confluence_site import ConfluenceSite
from forge_emu.site.confluence.views_v2 import BASE, download_path, shown_id, web_path

Expand: TypeAlias = Collection[str]
"""What is expanded: `version`, `body.storage` and the like."""


def user_view(site: ConfluenceSite, account: str | None) -> dict[str, Json]:
    """A person."""
    if account is None:
        return {"type": "anonymous", "displayName": "Anonymous"}
    user = site.users.get(account)
    name = user.name if user else "Unknown user"
    return {
        "type": "known",
        "accountId": account,
        "accountType": user.type if user else "atlassian",
        "email": user.email if user else "",
        "publicName": name,
        "displayName": name,
        "profilePicture": {
            "path": f"/wiki/aa-avatar/{account}",
            "width": 48,
            "height": 48,
            "isDefault": False,
        },
        "isExternalCollaborator": False,
        "isGuest": False,
        "_links": {"self": f"{BASE}/rest/api/user?accountId={account}"},
    }


def version_view(site: ConfluenceSite, version: e.Version) -> dict[str, Json]:
    """A version."""
    return {
        "by": user_view(site, version.author),
        "when": iso8601(version.created),
        "number": version.number,
        "message": version.message,
        "minorEdit": version.minor,
    }


def content_view(site: ConfluenceSite, content: e.Content, expand: Expand = ()) -> dict[str, Json]:
    """A content; what is not expanded is named in `_expandable`."""
    view: dict[str, Json] = {
        "id": shown_id(content),
        "type": content.type,
        "status": content.status,
        "title": content.title,
        "macroRenderedOutput": {},
        "extensions": _extensions(content),
    }
    expandable: dict[str, Json] = {}
    for name, show in _PARTS.items():
        inner = {each[len(name) + 1 :] for each in expand if each.startswith(f"{name}.")}
        if name in expand or inner:
            view[name] = show(site, content, inner)
        else:
            expandable[name] = ""
    view["_expandable"] = expandable
    links: dict[str, Json] = {
        "self": f"{BASE}/rest/api/content/{shown_id(content)}",
        "webui": web_path(site, content),
        "tinyui": f"/x/{content.id}",
        "base": BASE,
        "context": "/wiki",
    }
    if content.type == "attachment":
        links["download"] = download_path(content)
    view["_links"] = links
    return view


def space_view(space: e.Space, expand: Expand = ()) -> dict[str, Json]:
    """A space."""
    view: dict[str, Json] = {
        "id": int(space.id) if space.id.isdecimal() else space.id,
        "key": space.key,
        "alias": space.key,
        "name": space.name,
        "type": space.type,
        "status": space.status,
        "_links": {"self": f"{BASE}/rest/api/space/{space.key}", "webui": f"/spaces/{space.key}"},
    }
    if any(each.startswith("description") for each in expand):
        view["description"] = {"plain": {"value": space.description, "representation": "plain"}}
    if "homepage" in expand:
        view["homepage"] = {"id": space.homepage, "type": "page"} if space.homepage else None
    return view


def label_view(label: e.Label) -> dict[str, Json]:
    """A label."""
    return {"prefix": label.prefix, "name": label.name, "id": label.id, "label": label.name}


def property_view(site: ConfluenceSite, found: e.Property) -> dict[str, Json]:
    """A property."""
    return {
        "id": found.id,
        "key": found.key,
        "value": found.value,
        "version": version_view(site, found.version),
    }


def page_of(results: list[Json], start: int, limit: int, total: int, path: str) -> dict[str, Json]:
    """A list of results as version 1 pages it; `path` is that of the request, below `/wiki`."""
    links: dict[str, Json] = {"self": f"{BASE}{path}", "base": BASE, "context": "/wiki"}
    if start + len(results) < total:
        mark = "&" if "?" in path else "?"
        links["next"] = f"{path}{mark}limit={limit}&start={start + limit}"
    return {
        "results": results, "start": start, "limit": limit, "size": len(results), "_links": links,
    }  # fmt: skip


def _extensions(content: e.Content) -> dict[str, Json]:
    if content.type == "comment":
        return {"location": "footer", **content.fields}
    return dict(content.fields) if content.type == "attachment" else {"position": "none"}


def _space(site: ConfluenceSite, content: e.Content, inner: Expand) -> Json:
    space = site.spaces.get(content.space)
    return space_view(space, inner) if space else None


def _history(site: ConfluenceSite, content: e.Content, inner: Expand) -> Json:
    view: dict[str, Json] = {
        "latest": True,
        "createdBy": user_view(site, content.author),
        "createdDate": iso8601(content.created),
        "ownedBy": user_view(site, content.owner or content.author),
    }
    if "lastUpdated" in inner:
        view["lastUpdated"] = version_view(site, content.version)
    return view


def _version(site: ConfluenceSite, content: e.Content, inner: Expand) -> Json:
    return version_view(site, content.version)


def _body(site: ConfluenceSite, content: e.Content, inner: Expand) -> Json:
    return {
        name: {
            "value": body_in(content.body, content.representation, name),
            "representation": name,
        }
        for name in FORMATS
        if name in inner
    }


def _ancestors(site: ConfluenceSite, content: e.Content, inner: Expand) -> Json:
    return [content_view(site, each) for each in site.ancestors(content)]


def _container(site: ConfluenceSite, content: e.Content, inner: Expand) -> Json:
    found = site.contents.get(content.container or "")
    return content_view(site, found, inner) if found else _space(site, content, inner)


def _metadata(site: ConfluenceSite, content: e.Content, inner: Expand) -> Json:
    view: dict[str, Json] = {}
    owner = f"content/{content.id}"
    if "labels" in inner:
        labels: list[Json] = [label_view(each) for each in site.labels_of(owner)]
        view["labels"] = page_of(labels, 0, 200, len(labels), f"/rest/api/{owner}/label")
    if any(each.startswith("properties") for each in inner):
        view["properties"] = {
            each.key: property_view(site, each)
            for each in site.properties.children(owner)
            if "properties" in inner or f"properties.{each.key}" in inner
        }
    return view


def _children(site: ConfluenceSite, content: e.Content, inner: Expand) -> Json:
    view: dict[str, Json] = {}
    for kind in ("page", "comment", "attachment"):
        below = {each[len(kind) + 1 :] for each in inner if each.startswith(f"{kind}.")}
        if kind in inner or below:
            found = children(site, content, kind)
            shown: list[Json] = [content_view(site, each, below) for each in found]
            path = f"/rest/api/content/{content.id}/child/{kind}"
            view[kind] = page_of(shown, 0, len(shown), len(shown), path)
    return view


def children(site: ConfluenceSite, content: e.Content, kind: str) -> list[e.Content]:
    """What lies right below a content: pages, comments or attachments that are not trashed."""
    found = site.contents.children(content.id)
    return [each for each in found if each.type == kind and each.status == "current"]


_PARTS: Final[dict[str, Callable[[ConfluenceSite, e.Content, Expand], Json]]] = {
    "space": _space,
    "history": _history,
    "version": _version,
    "body": _body,
    "ancestors": _ancestors,
    "container": _container,
    "metadata": _metadata,
    "children": _children,
    "descendants": _children,
}
