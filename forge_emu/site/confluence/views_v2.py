"""Confluence's things as version 2 of its REST API shows them.

https://developer.atlassian.com/cloud/confluence/rest/v2/ (2026-08-21)
"""

from __future__ import annotations

from typing import Final
from urllib.parse import quote_plus

from forge_emu.model import Json, iso8601
from forge_emu.site.confluence import entities as e
from forge_emu.site.confluence.bodies import body_in
from forge_emu.site.confluence.confluence_site import ConfluenceSite

BASE: Final = "https://emu.atlassian.net/wiki"
"""The address of the site's Confluence."""


def version_view(version: e.Version) -> dict[str, Json]:
    """A version."""
    return {
        "number": version.number,
        "message": version.message,
        "minorEdit": version.minor,
        "authorId": version.author,
        "createdAt": iso8601(version.created),
    }


def body_view(text: str, representation: str, wanted: str | None) -> dict[str, Json]:
    """The body in the format that was asked for; an empty object where none was."""
    if not wanted:
        return {}
    value = body_in(text, representation, wanted)
    return {wanted: {"representation": wanted, "value": value}}


def content_view(
    site: ConfluenceSite, content: e.Content, body_format: str | None = None
) -> dict[str, Json]:
    """A page, a blog post, a comment or an attachment."""
    view: dict[str, Json] = {
        "id": shown_id(content),
        "status": content.status,
        "title": content.title,
        "version": version_view(content.version),
        **_OF_TYPE.get(content.type, _page_part)(site, content),
    }
    if content.type != "attachment":
        view["body"] = body_view(content.body, content.representation, body_format)
    webui = web_path(site, content)
    links: dict[str, Json] = {"webui": webui}
    if content.type in ("page", "blogpost"):
        links["editui"] = f"/pages/resumedraft.action?draftId={content.id}"
        links["tinyui"] = f"/x/{content.id}"
    if content.type == "attachment":
        links["download"] = download_path(content)
    view["_links"] = links
    return view


def space_view(space: e.Space, description_format: str | None = None) -> dict[str, Json]:
    """A space."""
    description: Json = None
    if description_format:
        value = {"representation": description_format, "value": space.description}
        description = {description_format: value}
    return {
        "id": space.id,
        "key": space.key,
        "name": space.name,
        "type": space.type,
        "status": space.status,
        "authorId": space.author,
        "spaceOwnerId": space.author,
        "currentActiveAlias": space.key,
        "createdAt": iso8601(space.created),
        "homepageId": space.homepage,
        "description": description,
        "icon": None,
        "_links": {"webui": f"/spaces/{space.key}"},
    }


def property_view(found: e.Property) -> dict[str, Json]:
    """A property."""
    return {
        "id": found.id,
        "key": found.key,
        "value": found.value,
        "version": version_view(found.version),
    }


def label_view(label: e.Label) -> dict[str, Json]:
    """A label."""
    return {"id": label.id, "name": label.name, "prefix": label.prefix}


def old_version_view(
    found: e.OldVersion, kind: str, body_format: str | None = None
) -> dict[str, Json]:
    """An earlier version of a content."""
    name = {"page": "page", "blogpost": "blogpost", "comment": "comment"}.get(kind, "attachment")
    content: Json = {
        "id": found.content,
        "title": found.title,
        "body": body_view(found.body, found.representation, body_format),
    }
    return {**version_view(found.version), name: content}


def shown_id(content: e.Content) -> str:
    """The id as the API writes it: those of attachments begin with `att`."""
    return f"att{content.id}" if content.type == "attachment" else content.id


def web_path(site: ConfluenceSite, content: e.Content) -> str:
    """Where people find the content, below the site's address."""
    if content.type in ("comment", "attachment"):
        container = site.contents.get(content.container or "")
        above = web_path(site, container) if container else "/"
        name = "focusedCommentId" if content.type == "comment" else "preview"
        return f"{above}?{name}={content.id}"
    space = site.spaces.get(content.space)
    kind = "blog" if content.type == "blogpost" else "pages"
    title = quote_plus(content.title)
    return f"/spaces/{space.key if space else content.space}/{kind}/{content.id}/{title}"


def download_path(content: e.Content) -> str:
    """Where the file of an attachment would be."""
    return f"/download/attachments/{content.container}/{quote_plus(content.title)}?version=1"


def _page_part(site: ConfluenceSite, content: e.Content) -> dict[str, Json]:
    part: dict[str, Json] = {
        "spaceId": content.space,
        "authorId": content.author,
        "createdAt": iso8601(content.created),
    }
    if content.type != "blogpost":
        part |= {
            "parentId": content.parent,
            "parentType": "page" if content.parent else None,
            "position": 0,
            "ownerId": content.owner,
            "lastOwnerId": None,
        }
    return part


def _comment_part(site: ConfluenceSite, content: e.Content) -> dict[str, Json]:
    container = site.contents.get(content.container or "")
    name = "blogPostId" if container and container.type == "blogpost" else "pageId"
    part: dict[str, Json] = {name: content.container, "parentCommentId": content.parent}
    if content.fields.get("location") == "inline":
        part["resolutionStatus"] = content.fields.get("resolutionStatus", "open")
        part["properties"] = content.fields.get("properties", {})
    return part


def _attachment_part(site: ConfluenceSite, content: e.Content) -> dict[str, Json]:
    container = site.contents.get(content.container or "")
    name = "blogPostId" if container and container.type == "blogpost" else "pageId"
    fields = content.fields
    return {
        name: content.container,
        "createdAt": iso8601(content.created),
        "mediaType": fields.get("mediaType", "application/octet-stream"),
        "mediaTypeDescription": fields.get("mediaTypeDescription", ""),
        "comment": fields.get("comment", ""),
        "fileId": fields.get("fileId", content.id),
        "fileSize": fields.get("fileSize", 0),
        "webuiLink": web_path(site, content),
        "downloadLink": download_path(content),
    }


_OF_TYPE: Final = {"comment": _comment_part, "attachment": _attachment_part}
