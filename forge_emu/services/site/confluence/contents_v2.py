"""Version 2: pages and blog posts, their versions and labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from forge_emu.model import Json
from forge_emu.services.site.call import Answer, SiteCall
from forge_emu.services.site.confluence.errors import error_v2
from forge_emu.services.site.confluence.paging import paged_v2, sorted_contents
from forge_emu.services.site.confluence.reading import (
    body_given,
    body_object,
    content_v2,
    version_given,
    wiki,
    writer,
    written,
)
from forge_emu.site.confluence import entities as e
from forge_emu.site.confluence.confluence_site import ConfluenceSite
from forge_emu.site.confluence.views_v2 import (
    BASE,
    content_view,
    label_view,
    old_version_view,
    version_view,
)
from forge_emu.site.confluence.writing import Edit
from forge_emu.site.values import text_of

_STATUSES = ("current", "archived")


def kind_of(call: SiteCall) -> str:
    """`page` or `blogpost`, by the path."""
    return "blogpost" if "blogposts" in call.path.split("/") else "page"


def list_contents(call: SiteCall) -> Answer:
    """`GET /wiki/api/v2/pages`, and those of blog posts."""
    return _listed(call, wiki(call).of_type(kind_of(call)))


def list_in_space(call: SiteCall) -> Answer:
    """`GET /wiki/api/v2/spaces/{id}/pages`, and those of blog posts."""
    site, space = wiki(call), call.names["id"]
    if space not in site.spaces:
        raise error_v2(404, "Not Found")
    return _listed(call, (each for each in site.of_type(kind_of(call)) if each.space == space))


def list_with_label(call: SiteCall) -> Answer:
    """`GET /wiki/api/v2/labels/{id}/pages`, and those of blog posts."""
    site, label = wiki(call), call.names["id"]
    if label not in site.labels:
        raise error_v2(404, "Not Found")
    found = (
        each
        for each in site.of_type(kind_of(call))
        if f"content/{each.id}/{label}" in site.label_uses
    )
    return _listed(call, found)


def get_content(call: SiteCall) -> Answer:
    """`GET /wiki/api/v2/pages/{id}`, and that of a blog post."""
    site, content = wiki(call), content_v2(call, kind_of(call))
    wanted = call.params("status") or ["current", "archived", "trashed", "draft"]
    if content.status not in wanted:
        raise error_v2(404, "Not Found")
    number = call.int_param("version", content.version.number)
    if number != content.version.number:
        content = _old_content(site, content, number)
    return Answer(body=_single(call, content))


def create_content(call: SiteCall) -> Answer:
    """`POST /wiki/api/v2/pages`, and that of a blog post."""
    site, kind, given = wiki(call), kind_of(call), body_object(call)
    space = text_of(given.get("spaceId"))
    if space is None or space not in site.spaces:
        raise error_v2(404 if space else 400, "Not Found" if space else "spaceId is missing")
    title, status = text_of(given.get("title")) or "", text_of(given.get("status")) or "current"
    if status not in ("current", "draft"):
        raise error_v2(400, "Provided value for 'status' is not one of: current, draft")
    if not title and status == "current":
        raise error_v2(400, "title is missing")
    _check_title(site, kind, space, title, None)
    parent = text_of(given.get("parentId"))
    if parent is not None and site.get(parent, "page") is None:
        raise error_v2(404, "Not Found")
    if parent is None and kind == "page" and not call.flag("root-level"):
        parent = site.homepage_of(space)
    body, representation = body_given(given.get("body"))
    write = writer(call)
    content = write.create(
        kind, title, space, body=body or "", representation=representation, status=status,
        parent=parent,
    )  # fmt: skip
    return written(write, _single(call, content, representation))


def update_content(call: SiteCall) -> Answer:
    """`PUT /wiki/api/v2/pages/{id}`, and that of a blog post."""
    site, kind, given = wiki(call), kind_of(call), body_object(call)
    old = content_v2(call, kind)
    for name in ("id", "status", "title", "body", "version"):
        if given.get(name) is None:
            raise error_v2(400, f"{name} is missing")
    status = text_of(given.get("status"))
    first = old.status == "draft" and status == "current"
    current = 0 if first else old.version.number
    _, message, minor = version_given(given.get("version"), current)
    title = text_of(given.get("title")) or ""
    space = text_of(given.get("spaceId")) or old.space
    parent = text_of(given.get("parentId"))
    _check_title(site, kind, space, title, old.id)
    if space not in site.spaces or (parent is not None and site.get(parent, "page") is None):
        raise error_v2(404, "Not Found")
    body, representation = body_given(given.get("body"))
    edit = Edit(
        title, body, representation, parent, status, space, message, minor,
        text_of(given.get("ownerId")),
    )  # fmt: skip
    write = writer(call)
    return written(write, _single(call, write.update(old, edit), representation))


def update_title(call: SiteCall) -> Answer:
    """`PUT /wiki/api/v2/pages/{id}/title`."""
    old, given = content_v2(call, "page"), body_object(call)
    title = text_of(given.get("title"))
    if not title:
        raise error_v2(400, "title is missing")
    _check_title(wiki(call), "page", old.space, title, old.id)
    write = writer(call)
    return written(write, _single(call, write.update(old, Edit(title))))


def delete_content(call: SiteCall) -> Answer:
    """`DELETE /wiki/api/v2/pages/{id}`: into the trash, or with `purge` out of it."""
    content, write = content_v2(call, kind_of(call)), writer(call)
    if call.flag("purge"):
        if content.status != "trashed":
            raise error_v2(400, "Only content in the trash can be purged")
        write.purge(content)
    elif content.status == "trashed":
        raise error_v2(404, "Not Found")
    else:
        write.trash(content)
    return written(write, status=204)


def list_children(call: SiteCall) -> Answer:
    """`GET /wiki/api/v2/pages/{id}/children` and `…/direct-children`."""
    page = content_v2(call, "page")
    return paged_v2(
        call, [each for each in wiki(call).child_pages(page.id) if each.status == "current"], _brief
    )


def list_descendants(call: SiteCall) -> Answer:
    """`GET /wiki/api/v2/pages/{id}/descendants`, as deep as `depth` says."""
    site, page = wiki(call), content_v2(call, "page")
    found: list[tuple[int, e.Content]] = []
    level = [page]
    for depth in range(1, max(1, min(call.int_param("depth", 5), 10)) + 1):
        level = [c for x in level for c in site.child_pages(x.id) if c.status == "current"]
        found += [(depth, each) for each in level]
    return paged_v2(call, found, lambda each: {**_brief(each[1]), "depth": each[0]})


def list_ancestors(call: SiteCall) -> Answer:
    """`GET /wiki/api/v2/pages/{id}/ancestors`, the topmost first."""
    above = wiki(call).ancestors(content_v2(call, "page"))
    return paged_v2(call, above, lambda each: {"id": each.id, "type": each.type})


def list_versions(call: SiteCall) -> Answer:
    """`GET /wiki/api/v2/pages/{id}/versions` and the like, the newest first."""
    site, content = wiki(call), content_v2(call)
    wanted = call.param("body-format")
    now = e.OldVersion(
        content.id, content.version, content.title, content.body, content.representation
    )
    found = sorted(
        [*site.old_versions.children(content.id), now], key=lambda each: -each.version.number
    )
    return paged_v2(call, found, lambda each: old_version_view(each, content.type, wanted))


def get_version(call: SiteCall) -> Answer:
    """`GET /wiki/api/v2/pages/{id}/versions/{number}`."""
    content = content_v2(call)
    number = call.names["number"]
    found = content.version
    if number != str(found.number):
        old = wiki(call).old_versions.get(f"{content.id}/{number}")
        if old is None:
            raise error_v2(404, "Not Found")
        found = old.version
    return Answer(body={**version_view(found), "contentTypeModified": False})


def list_labels(call: SiteCall) -> Answer:
    """`GET /wiki/api/v2/pages/{id}/labels` and the like."""
    prefixes = call.params("prefix")
    labels = wiki(call).labels_of(f"content/{content_v2(call).id}")
    return paged_v2(call, [x for x in labels if not prefixes or x.prefix in prefixes], label_view)


def convert_ids(call: SiteCall) -> Answer:
    """`POST /wiki/api/v2/content/convert-ids-to-types`."""
    given = body_object(call).get("contentIds")
    if not isinstance(given, list):
        raise error_v2(400, "contentIds is missing")
    site = wiki(call)
    results: dict[str, Json] = {}
    for each in given:
        found = site.contents.get(str(each).removeprefix("att"))
        results[str(each)] = found.type if found else None
    return Answer(body={"results": results})


def viewer(call: SiteCall) -> Callable[[e.Content], Json]:
    """Shows contents with the body that the request asks for."""
    site, wanted = wiki(call), call.param("body-format")
    return lambda content: content_view(site, content, wanted)


def _listed(call: SiteCall, contents: Iterable[e.Content]) -> Answer:
    """Contents that the parameters of a list let through, a page of them."""
    ids, spaces = set(call.params("id")), set(call.params("space-id"))
    statuses = call.params("status") or _STATUSES
    title = call.param("title")
    found = [
        each
        for each in contents
        if each.status in statuses
        and (not ids or each.id in ids)
        and (not spaces or each.space in spaces)
        and (title is None or each.title == title)
    ]
    return paged_v2(call, sorted_contents(call, found), viewer(call))


def _single(call: SiteCall, content: e.Content, body_format: str | None = None) -> Json:
    """One content by itself, with what `include-…` asks for."""
    site = wiki(call)
    view = content_view(site, content, call.param("body-format") or body_format)
    links = view["_links"]
    view["_links"] = {**links, "base": BASE} if isinstance(links, dict) else links
    owner = f"content/{content.id}"
    if call.flag("include-labels"):
        labels: list[Json] = [label_view(each) for each in site.labels_of(owner)]
        view["labels"] = {"results": labels, "meta": {"hasMore": False}}
    return view


def _brief(content: e.Content) -> dict[str, Json]:
    return {
        "id": content.id,
        "status": content.status,
        "title": content.title,
        "type": content.type,
        "spaceId": content.space,
        "parentId": content.parent,
        "childPosition": 0,
    }


def _old_content(site: ConfluenceSite, content: e.Content, number: int) -> e.Content:
    from msgspec import structs

    old = site.old_versions.get(f"{content.id}/{number}")
    if old is None:
        raise error_v2(404, "Not Found")
    return structs.replace(
        content, version=old.version, title=old.title, body=old.body,
        representation=old.representation,
    )  # fmt: skip


def _check_title(site: ConfluenceSite, kind: str, space: str, title: str, own: str | None) -> None:
    """Pages of a space have titles of their own. Raises SiteError (400)."""
    if kind == "page" and title_is_taken(site, space, title, own):
        raise error_v2(
            400,
            "A page with this title already exists: A page already exists with the same TITLE in "
            "this space",
        )


def title_is_taken(site: ConfluenceSite, space: str, title: str, own: str | None) -> bool:
    """Whether another current page of the space has this title."""
    same = (x for x in site.of_type("page") if x.title == title and x.space == space)
    return any(x.id != own and x.status == "current" for x in same)
