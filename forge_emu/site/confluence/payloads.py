"""Payloads of the product events that changes of Confluence make.

https://developer.atlassian.com/platform/forge/events-reference/confluence/ (2026-08-06)
"""

from __future__ import annotations

from forge_emu.model import Json, iso8601
from forge_emu.site.confluence import entities as e
from forge_emu.site.confluence.confluence_site import ConfluenceSite


def content_payload(
    site: ConfluenceSite,
    event: str,
    content: e.Content,
    account: str | None,
    *,
    by_app: bool,
    now_ms: int,
) -> dict[str, Json]:
    """The payload of an event about a content. `by_app` says that the app itself is the cause."""
    payload: dict[str, Json] = {"eventType": event}
    if account is not None:
        payload["atlassianId"] = account
    payload["eventCreatedDate"] = iso8601(now_ms)
    payload["suppressNotifications"] = False
    payload["selfGenerated"] = by_app
    name = "attachment" if content.type == "attachment" else "content"
    payload[name] = content_in_payload(site, content)
    return payload


def space_payload(
    event: str, space: e.Space, account: str | None, *, by_app: bool, now_ms: int
) -> dict[str, Json]:
    """The payload of an event about a space."""
    payload: dict[str, Json] = {"eventType": event}
    if account is not None:
        payload["atlassianId"] = account
    return {
        **payload,
        "eventCreatedDate": iso8601(now_ms),
        "selfGenerated": by_app,
        "space": space_in_payload(space),
    }


def label_payload(
    site: ConfluenceSite,
    event: str,
    label: e.Label,
    content: e.Content,
    account: str | None,
    *,
    by_app: bool,
    now_ms: int,
) -> dict[str, Json]:
    """The payload of an event about a label of a content."""
    labels: Json = [label_in_payload(each) for each in site.labels_of(f"content/{content.id}")]
    payload: dict[str, Json] = {"eventType": event}
    if account is not None:
        payload["atlassianId"] = account
    return {
        **payload,
        "eventCreatedDate": iso8601(now_ms),
        "selfGenerated": by_app,
        "label": label_in_payload(label),
        "content": {**content_in_payload(site, content), "labels": labels},
    }


def label_in_payload(label: e.Label) -> dict[str, Json]:
    """A label."""
    return {"id": label.id, "name": label.name, "prefix": label.prefix}


def content_in_payload(site: ConfluenceSite, content: e.Content) -> dict[str, Json]:
    """A content, with its space, history and version."""
    space = site.spaces.get(content.space)
    shown: dict[str, Json] = {
        "id": content.id,
        "type": content.type,
        "status": content.status,
        "title": content.title,
        "space": space_in_payload(space) if space else None,
        "history": {
            "latest": True,
            "createdBy": _user(content.author),
            "ownedBy": _user(content.owner or content.author),
            "createdDate": iso8601(content.created),
        },
        "version": {
            "by": _user(content.version.author),
            "when": iso8601(content.version.created),
            "number": content.version.number,
        },
    }
    if content.type in ("comment", "attachment"):
        shown["extensions"] = dict(content.fields)
    if content.type == "comment":
        shown["ancestors"] = [{"id": content.parent}] if content.parent else []
    container = site.contents.get(content.container or "")
    if container is not None:
        shown["container"] = content_in_payload(site, container)
    return shown


def space_in_payload(space: e.Space) -> dict[str, Json]:
    """A space; its id is a number there."""
    return {
        "id": int(space.id) if space.id.isdecimal() else space.id,
        "key": space.key,
        "alias": space.key,
        "name": space.name,
        "type": space.type,
        "icon": {
            "path": "/images/logo/default-space-logo-256.png",
            "width": 48,
            "height": 48,
            "isDefault": True,
        },
        "status": space.status,
    }


def _user(account: str | None) -> Json:
    """A user: payloads have the account id wherever a name would be."""
    if account is None:
        return {"type": "anonymous"}
    return {
        "type": "known",
        "username": account,
        "accountId": account,
        "accountType": "atlassian",
        "email": account,
        "publicName": account,
        "profilePicture": {
            "path": f"/wiki/aa-avatar/{account}",
            "width": 48,
            "height": 48,
            "isDefault": False,
        },
        "displayName": account,
        "isExternalCollaborator": False,
    }
