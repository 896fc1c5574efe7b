"""Every operation of Confluence that the site answers.

Scopes: the classic and the granular ones that the documentation of each operation names.
https://developer.atlassian.com/cloud/confluence/scopes-for-oauth-2-3LO-and-forge-apps/ (2026-08-21)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from forge_emu.services.site.confluence import belongings_v2 as b2
from forge_emu.services.site.confluence import contents_v1 as c1
from forge_emu.services.site.confluence import contents_v2 as c2
from forge_emu.services.site.confluence import other_properties
from forge_emu.services.site.confluence import searching_v1 as s1
from forge_emu.services.site.routes import Route

_V2: Final = "/api/v2"
_V1: Final = "/rest/api"
_READ_ALL: Final = ("read:confluence-content.all",)
_READ: Final = (*_READ_ALL, "read:confluence-content.summary")
_WRITE: Final = ("write:confluence-content",)
_SPACE: Final = ("read:confluence-space.summary", "read:space:confluence")
_USER: Final = ("read:confluence-user", "read:user:confluence", "read:content-details:confluence")
_GROUP: Final = ("read:confluence-groups", "read:group:confluence")
_READ_ANY: Final = (
    *_READ, "read:content:confluence", "read:content-details:confluence", "read:page:confluence",
    "read:blogpost:confluence", "read:comment:confluence", "read:attachment:confluence",
)  # fmt: skip
_WRITE_ANY: Final = (
    *_WRITE, "write:content:confluence", "write:page:confluence", "write:blogpost:confluence",
    "write:comment:confluence",
)  # fmt: skip
_DELETE_ANY: Final = (
    *_WRITE, "delete:content:confluence", "delete:page:confluence", "delete:blogpost:confluence",
    "delete:comment:confluence", "delete:attachment:confluence",
)  # fmt: skip


def _granular(verb: str, kind: str) -> str:
    return f"{verb}:{kind}:confluence"


def _main_routes() -> Iterator[Route]:
    """Pages and blog posts."""
    for kind, base in (("page", f"{_V2}/pages"), ("blogpost", f"{_V2}/blogposts")):
        read, write = (*_READ, _granular("read", kind)), (*_WRITE, _granular("write", kind))
        delete = (*_WRITE, _granular("delete", kind))
        yield Route("GET", base, c2.list_contents, read)
        yield Route("POST", base, c2.create_content, write, "write")
        yield Route("GET", f"{base}/{{id}}", c2.get_content, read)
        yield Route("PUT", f"{base}/{{id}}", c2.update_content, write, "write")
        yield Route("DELETE", f"{base}/{{id}}", c2.delete_content, delete, "write")
        name = base.rpartition("/")[2]
        yield Route("GET", f"{_V2}/spaces/{{id}}/{name}", c2.list_in_space, read)
        yield Route("GET", f"{_V2}/labels/{{id}}/{name}", c2.list_with_label, read)
    page, read = f"{_V2}/pages/{{id}}", (*_READ, "read:page:confluence")
    yield Route(
        "PUT", f"{page}/title", c2.update_title, (*_WRITE, "write:page:confluence"), "write"
    )
    hierarchy = (*read, "read:hierarchical-content:confluence")
    yield Route("GET", f"{page}/children", c2.list_children, hierarchy)
    yield Route("GET", f"{page}/direct-children", c2.list_children, hierarchy)
    yield Route("GET", f"{page}/descendants", c2.list_descendants, hierarchy)
    above = (*_READ, "read:content.metadata:confluence")
    yield Route("GET", f"{page}/ancestors", c2.list_ancestors, above)


def _belonging_routes() -> Iterator[Route]:
    """What belongs to content: versions, labels, comments, attachments, properties."""
    kinds = (
        ("page", "pages"), ("blogpost", "blogposts"), ("comment", "footer-comments"),
        ("comment", "inline-comments"), ("attachment", "attachments"),
    )  # fmt: skip
    for kind, name in kinds:
        base, read = f"{_V2}/{name}/{{id}}", (*_READ, _granular("read", kind))
        yield Route("GET", f"{base}/versions", c2.list_versions, read)
        yield Route("GET", f"{base}/versions/{{number}}", c2.get_version, read)
        yield Route("GET", f"{base}/labels", c2.list_labels, (*read, "read:label:confluence"))
        if kind != "comment":
            comments = (*_READ, "read:comment:confluence")
            yield Route("GET", f"{base}/footer-comments", b2.list_comments_of, comments)
            yield Route("GET", f"{base}/inline-comments", b2.list_comments_of, comments)
        if kind in ("page", "blogpost"):
            files = (*_READ, "read:attachment:confluence")
            yield Route("GET", f"{base}/attachments", b2.list_attachments_of, files)
    for kind, name in (*kinds[:2], kinds[-1], ("comment", "comments")):
        props = f"{_V2}/{name}/{{id}}/properties"
        yield from _property_routes(
            props,
            (*_READ, "read:confluence-props", _granular("read", kind)),
            (*_WRITE, "write:confluence-props", _granular("write", kind)),
        )
    yield from _property_routes(
        f"{_V2}/spaces/{{id}}/properties",
        (*_SPACE, "read:confluence-props"),
        ("write:confluence-space", "write:confluence-props", "write:space:confluence"),
    )


def _property_routes(base: str, read: tuple[str, ...], write: tuple[str, ...]) -> Iterator[Route]:
    yield Route("GET", base, b2.list_properties, read)
    yield Route("POST", base, b2.create_property, write, "write")
    yield Route("GET", f"{base}/{{property}}", b2.get_property, read)
    yield Route("PUT", f"{base}/{{property}}", b2.update_property, write, "write")
    yield Route("DELETE", f"{base}/{{property}}", b2.delete_property, write, "write")


def _comment_routes() -> Iterator[Route]:
    read, write = (*_READ, "read:comment:confluence"), (*_WRITE, "write:comment:confluence")
    delete = (*_WRITE, "delete:comment:confluence")
    for name in ("footer-comments", "inline-comments"):
        base = f"{_V2}/{name}"
        yield Route("GET", base, b2.list_comments, read)
        yield Route("POST", base, b2.create_comment, write, "write")
        yield Route("GET", f"{base}/{{id}}", b2.get_comment, read)
        yield Route("PUT", f"{base}/{{id}}", b2.update_comment, write, "write")
        yield Route("DELETE", f"{base}/{{id}}", b2.delete_comment, delete, "write")
        yield Route("GET", f"{base}/{{id}}/children", b2.list_replies, read)


def _other_v2_routes() -> Iterator[Route]:
    files = (*_READ, "read:attachment:confluence")
    yield Route("GET", f"{_V2}/attachments", b2.list_attachments, files)
    yield Route("GET", f"{_V2}/attachments/{{id}}", b2.get_attachment, files)
    remove = (*_WRITE, "delete:attachment:confluence")
    yield Route("DELETE", f"{_V2}/attachments/{{id}}", b2.delete_attachment, remove, "write")
    yield Route("GET", f"{_V2}/spaces", b2.list_spaces, _SPACE)
    yield Route("GET", f"{_V2}/spaces/{{id}}", b2.get_space, _SPACE)
    labels = (*_SPACE, "read:label:confluence")
    yield Route("GET", f"{_V2}/spaces/{{id}}/labels", b2.list_space_labels, labels)
    yield Route("POST", f"{_V2}/users-bulk", b2.users_bulk, _USER, "identity")
    yield Route("POST", f"{_V2}/content/convert-ids-to-types", c2.convert_ids, _READ_ANY)


def _v1_routes() -> Iterator[Route]:
    base = f"{_V1}/content"
    found = ("search:confluence", *_READ_ANY)
    yield Route("GET", base, c1.list_contents, _READ_ANY)
    yield Route("POST", base, c1.create_content, _WRITE_ANY, "write")
    yield Route("GET", f"{base}/search", s1.search_contents, found)
    yield Route("GET", f"{_V1}/search", s1.search, found)
    one = f"{base}/{{id}}"
    yield Route("GET", one, c1.get_content, _READ_ANY)
    yield Route("PUT", one, c1.update_content, _WRITE_ANY, "write")
    yield Route("DELETE", one, c1.delete_content, _DELETE_ANY, "write")
    yield Route("GET", f"{one}/child/{{type}}", c1.list_children, _READ_ANY)
    yield Route("GET", f"{one}/descendant/{{type}}", c1.list_descendants, _READ_ANY)
    yield Route("GET", f"{one}/history", c1.get_history, _READ_ANY)
    yield Route("GET", f"{one}/version", c1.list_versions, _READ_ANY)
    read: tuple[str, ...] = (*_READ_ANY, "read:label:confluence")
    write: tuple[str, ...] = (*_WRITE_ANY, "write:label:confluence")
    yield Route("GET", f"{one}/label", c1.list_labels, read)
    yield Route("POST", f"{one}/label", c1.add_labels, write, "write")
    yield Route("DELETE", f"{one}/label", c1.remove_label, write, "write")
    yield Route("DELETE", f"{one}/label/{{label}}", c1.remove_label, write, "write")
    read = ("read:confluence-props", "read:content.property:confluence", *_READ_ANY)
    write = ("write:confluence-props", "write:content.property:confluence", *_WRITE_ANY)
    props = f"{one}/property"
    yield Route("GET", props, c1.list_properties, read)
    yield Route("POST", props, c1.create_property, write, "write")
    yield Route("GET", f"{props}/{{key}}", c1.get_property, read)
    yield Route("POST", f"{props}/{{key}}", c1.create_property, write, "write")
    yield Route("PUT", f"{props}/{{key}}", c1.update_property, write, "write")
    yield Route("DELETE", f"{props}/{{key}}", c1.delete_property, write, "write")
    yield Route("GET", f"{_V1}/space", s1.list_spaces, _SPACE)
    new_space = ("write:confluence-space", "write:space:confluence")
    yield Route("POST", f"{_V1}/space", s1.create_space, new_space, "write")
    yield Route("GET", f"{_V1}/space/{{key}}", s1.get_space, _SPACE)
    yield Route("GET", f"{_V1}/space/{{key}}/content/{{type}}", s1.list_space_contents, _READ_ANY)
    yield Route("GET", f"{_V1}/group", s1.list_groups, _GROUP, "identity")
    yield Route("GET", f"{_V1}/user", s1.user, _USER, "identity")
    yield Route("GET", f"{_V1}/user/current", s1.current_user, _USER, "identity")
    yield Route("GET", f"{_V1}/user/bulk", s1.users_bulk, _USER, "identity")


CONFLUENCE_ROUTES: Final = (
    *_main_routes(),
    *_belonging_routes(),
    *_comment_routes(),
    *_other_v2_routes(),
    *_v1_routes(),
    *other_properties.ROUTES,
)
