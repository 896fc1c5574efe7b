"""Version 1: content of every type, its children, labels, properties and history."""

from __future__ import annotations

from collections.abc import Callable

from forge_emu.model import Json
from forge_emu.services.site.call import Answer, SiteCall
from forge_emu.services.site.confluence.contents_v2 import title_is_taken
from forge_emu.services.site.confluence.errors import error_v1, no_content_v1
from forge_emu.services.site.confluence.paging import paged_v1
from forge_emu.services.site.confluence.reading import (
    body_given,
    body_object,
    content_v1,
    version_given,
    wiki,
    writer,
    written,
)
from forge_emu.site.confluence import entities as e
from forge_emu.site.confluence.views_v1 import (
    children,
    content_view,
    label_view,
    property_view,
    version_view,
)
from forge_emu.site.confluence.writing import Edit
from forge_emu.site.values import object_of, text_of

_USUAL = ("history", "space", "version")
"""What `GET /wiki/rest/api/content/{id}` expands if it is not told."""

_TYPES = ("page", "blogpost", "comment", "attachment")


def viewer(call: SiteCall, *usual: str) -> Callable[[e.Content], Json]:
    """Shows contents with what the request expands."""
    site, expand = wiki(call), call.params("expand") or usual
    return lambda content: content_view(site, content, expand)


def list_contents(call: SiteCall) -> Answer:
    """`GET /wiki/rest/api/content`."""
    site, kind, key = wiki(call), call.param("type") or "page", call.param("spaceKey")
    space = site.spaces.find(key) if key else None
    if key and space is None:
        raise error_v1(404, f"No space found with key : {key}")
    title, statuses = call.param("title"), call.params("status") or ["current"]
    found = [
        each
        for each in site.of_type(kind)
        if (space is None or each.space == space.id)
        and title in (None, each.title)
        and (each.status in statuses or "any" in statuses)
    ]
    return paged_v1(call, found, viewer(call))


def get_content(call: SiteCall) -> Answer:
    """`GET /wiki/rest/api/content/{id}`."""
    return Answer(body=viewer(call, *_USUAL)(content_v1(call)))


def create_content(call: SiteCall) -> Answer:
    """`POST /wiki/rest/api/content`."""
    site, given = wiki(call), body_object(call, 1)
    kind, title = text_of(given.get("type")), text_of(given.get("title")) or ""
    if kind not in ("page", "blogpost", "comment"):
        raise error_v1(400, f"Content type {kind} cannot be made here")
    body, representation = body_given(given.get("body"), 1)
    write = writer(call)
    container = parent = None
    if kind == "comment":
        container = _container(call, given)
        space, title = container.space, f"Re: {container.title}"
        parent = _last_ancestor(call, given)
    else:
        space = _space_of(call, given)
        if kind == "page":
            parent = _last_ancestor(call, given) or site.homepage_of(space)
        if kind == "page" and title_is_taken(site, space, title, None):
            raise _title_taken()
        if not title:
            raise error_v1(400, "title is missing")
    content = write.create(
        kind, title, space, body=body or "", representation=representation,
        status=text_of(given.get("status")) or "current", parent=parent,
        container=container.id if container else None,
        fields={"location": "footer"} if container else None,
    )  # fmt: skip
    return written(write, content_view(site, content, ("body.storage", "container", *_USUAL)))


def update_content(call: SiteCall) -> Answer:
    """`PUT /wiki/rest/api/content/{id}`."""
    site, old, given = wiki(call), content_v1(call), body_object(call, 1)
    first = old.status == "draft" and given.get("status") == "current"
    current = 0 if first else old.version.number
    _, message, minor = version_given(given.get("version"), current, 1)
    title = text_of(given.get("title")) or old.title
    if old.type == "page" and title_is_taken(site, old.space, title, old.id):
        raise _title_taken()
    body, representation = body_given(given.get("body"), 1)
    edit = Edit(
        title, body, representation, _last_ancestor(call, given), text_of(given.get("status")),
        message=message, minor=minor,
    )  # fmt: skip
    write = writer(call)
    content = write.update(old, edit)
    return written(write, content_view(site, content, ("body.storage", *_USUAL)))


def delete_content(call: SiteCall) -> Answer:
    """`DELETE /wiki/rest/api/content/{id}`: into the trash; with `status=trashed` out of it."""
    content, write = wiki(call).get(call.names["id"].removeprefix("att")), writer(call)
    from_trash = call.param("status") == "trashed"
    if content is None or (content.status == "trashed") is not from_trash:
        raise no_content_v1(call.names["id"])
    if from_trash:
        write.purge(content)
    else:
        write.trash(content)
    return written(write, status=204)


def list_children(call: SiteCall) -> Answer:
    """`GET /wiki/rest/api/content/{id}/child/{type}`."""
    kind = call.names["type"]
    if kind not in _TYPES:
        raise error_v1(400, f"There is no type of children {kind}")
    found = children(wiki(call), content_v1(call), kind)
    name = call.param("filename") if kind == "attachment" else None
    return paged_v1(call, [x for x in found if name in (None, x.title)], viewer(call))


def list_descendants(call: SiteCall) -> Answer:
    """`GET /wiki/rest/api/content/{id}/descendant/{type}`."""
    site, content, kind = wiki(call), content_v1(call), call.names["type"]
    if kind == "page":
        found = [
            each
            for each in site.of_type("page")
            if each.status == "current" and any(x.id == content.id for x in site.ancestors(each))
        ]
    else:
        found = [x for x in site.inside(content.id, kind) if x.status == "current"]
    return paged_v1(call, found, viewer(call))


def list_labels(call: SiteCall) -> Answer:
    """`GET /wiki/rest/api/content/{id}/label`."""
    return _labels(call, content_v1(call))


def add_labels(call: SiteCall) -> Answer:
    """`POST /wiki/rest/api/content/{id}/label`: one label, or a list of them."""
    content, write = content_v1(call), writer(call)
    given = call.body if isinstance(call.body, list) else [call.body]
    for each in given:
        name = text_of(object_of(each).get("name"))
        if not name or any(char in " :;,.?&[]()#^*@!" for char in name):
            raise error_v1(400, f"The label {name!r} is missing or has characters that none has")
        write.add_label(content, text_of(object_of(each).get("prefix")) or "global", name.lower())
    return written(write, _labels(call, content).body)


def remove_label(call: SiteCall) -> Answer:
    """`DELETE /wiki/rest/api/content/{id}/label?name=` and `…/label/{label}`."""
    site, content, write = wiki(call), content_v1(call), writer(call)
    name = call.names.get("label") or call.param("name") or ""
    for label in site.labels_of(f"content/{content.id}"):
        if name in (label.name, f"{label.prefix}:{label.name}"):
            write.remove_label(content, label)
    return written(write, status=204)


def list_properties(call: SiteCall) -> Answer:
    """`GET /wiki/rest/api/content/{id}/property`."""
    site = wiki(call)
    found = site.properties.children(f"content/{content_v1(call).id}")
    return paged_v1(call, found, lambda each: property_view(site, each))


def get_property(call: SiteCall) -> Answer:
    """`GET /wiki/rest/api/content/{id}/property/{key}`."""
    return Answer(body=property_view(wiki(call), _property(call)))


def create_property(call: SiteCall) -> Answer:
    """`POST /wiki/rest/api/content/{id}/property`, and with the key in the path."""
    content, given = content_v1(call), body_object(call, 1)
    key = call.names.get("key") or text_of(given.get("key"))
    if not key or "value" not in given:
        raise error_v1(400, "key or value is missing")
    if wiki(call).properties.find(f"content/{content.id}/{key}") is not None:
        raise error_v1(409, f"A property with the key {key} exists already")
    write = writer(call)
    made = write.set_property(f"content/{content.id}", key, given["value"])
    return written(write, property_view(wiki(call), made))


def update_property(call: SiteCall) -> Answer:
    """`PUT /wiki/rest/api/content/{id}/property/{key}`, which makes it if there is none."""
    content, given = content_v1(call), body_object(call, 1)
    owner, key = f"content/{content.id}", call.names["key"]
    old = wiki(call).properties.find(f"{owner}/{key}")
    if "value" not in given:
        raise error_v1(400, "value is missing")
    version = given.get("version")
    if old is not None:
        version_given(version, old.version.number, 1)
    write = writer(call)
    made = write.set_property(owner, key, given["value"], old)
    return written(write, property_view(wiki(call), made))


def delete_property(call: SiteCall) -> Answer:
    """`DELETE /wiki/rest/api/content/{id}/property/{key}`."""
    wiki(call).properties.remove(_property(call).id)
    return Answer(204)


def get_history(call: SiteCall) -> Answer:
    """`GET /wiki/rest/api/content/{id}/history`."""
    view = content_view(wiki(call), content_v1(call), ("history.lastUpdated",))
    return Answer(body=view["history"])


def list_versions(call: SiteCall) -> Answer:
    """`GET /wiki/rest/api/content/{id}/version`, the newest first."""
    site, content = wiki(call), content_v1(call)
    found = [each.version for each in site.old_versions.children(content.id)]
    newest_first = sorted([content.version, *found], key=lambda each: -each.number)
    return paged_v1(call, newest_first, lambda each: version_view(site, each))


def _labels(call: SiteCall, content: e.Content) -> Answer:
    return paged_v1(call, wiki(call).labels_of(f"content/{content.id}"), label_view)


def _property(call: SiteCall) -> e.Property:
    content, key = content_v1(call), call.names["key"]
    found = wiki(call).properties.find(f"content/{content.id}/{key}")
    if found is None:
        raise error_v1(404, f"There is no property {key} of the content {content.id}")
    return found


def _space_of(call: SiteCall, given: dict[str, Json]) -> str:
    value = object_of(given.get("space"))
    name = text_of(value.get("key")) or text_of(value.get("id"))
    space = wiki(call).spaces.find(name) if name else None
    if space is None:
        text = f"No space found with key : {name}" if name else "space is missing"
        raise error_v1(404 if name else 400, text)
    return space.id


def _container(call: SiteCall, given: dict[str, Json]) -> e.Content:
    id = text_of(object_of(given.get("container")).get("id"))
    found = wiki(call).get((id or "").removeprefix("att"))
    if found is None:
        raise no_content_v1(id or "")
    return found


def _last_ancestor(call: SiteCall, given: dict[str, Json]) -> str | None:
    ancestors = given.get("ancestors")
    if not isinstance(ancestors, list) or not ancestors:
        return None
    id = text_of(object_of(ancestors[-1]).get("id"))
    if id is None or id not in wiki(call).contents:
        raise no_content_v1(id or "")
    return id


def _title_taken() -> Exception:
    return error_v1(
        400,
        "A page with this title already exists: A page already exists with the same TITLE in this "
        "space",
    )
