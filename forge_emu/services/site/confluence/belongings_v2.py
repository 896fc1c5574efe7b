"""Version 2: comments, attachments and properties of content, and spaces."""

from __future__ import annotations

from forge_emu.model import Json
from forge_emu.services.site.call import Answer, SiteCall
from forge_emu.services.site.confluence.contents_v2 import viewer
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
from forge_emu.site.confluence.views_v2 import label_view, property_view, space_view
from forge_emu.site.confluence.writing import Edit
from forge_emu.site.values import object_of, text_of


def location_of(call: SiteCall) -> str:
    """`footer` or `inline`, by the path."""
    return "inline" if "inline-comments" in call.path.split("/") else "footer"


def _is_here(content: e.Content, location: str) -> bool:
    return (content.fields.get("location") == "inline") is (location == "inline")


def list_comments(call: SiteCall) -> Answer:
    """`GET /wiki/api/v2/footer-comments`, and the inline ones."""
    location = location_of(call)
    found = [x for x in wiki(call).of_type("comment") if _is_here(x, location)]
    return paged_v2(call, sorted_contents(call, found), viewer(call))


def list_comments_of(call: SiteCall) -> Answer:
    """`GET /wiki/api/v2/pages/{id}/footer-comments` and the like: those that answer no other."""
    content, location = content_v2(call, "page", "blogpost", "attachment"), location_of(call)
    children = wiki(call).contents.children(content.id)
    found = [x for x in children if x.type == "comment" and _is_here(x, location)]
    return paged_v2(call, sorted_contents(call, found), viewer(call))


def list_replies(call: SiteCall) -> Answer:
    """`GET /wiki/api/v2/footer-comments/{id}/children` and that of inline ones."""
    comment = content_v2(call, "comment")
    found = [x for x in wiki(call).contents.children(comment.id) if x.type == "comment"]
    return paged_v2(call, sorted_contents(call, found), viewer(call))


def get_comment(call: SiteCall) -> Answer:
    """`GET /wiki/api/v2/footer-comments/{comment-id}`, and that of an inline one."""
    return Answer(body=viewer(call)(content_v2(call, "comment")))


def create_comment(call: SiteCall) -> Answer:
    """`POST /wiki/api/v2/footer-comments`, and that of an inline one."""
    site, given = wiki(call), body_object(call)
    above = text_of(given.get("parentCommentId"))
    names = ("pageId", "blogPostId", "attachmentId")
    container = next((text_of(given[name]) for name in names if given.get(name)), None)
    parent = site.get(above, "comment") if above else None
    owner = site.get((container or "").removeprefix("att")) if container else None
    if parent is not None:
        owner = site.get(parent.container or "")
    if owner is None:
        missing = not above and not container
        raise error_v2(400 if missing else 404, "pageId is missing" if missing else "Not Found")
    body, representation = body_given(given.get("body"))
    if body is None:
        raise error_v2(400, "body is missing")
    fields: dict[str, Json] = {"location": location_of(call)}
    if location_of(call) == "inline":
        selection = object_of(given.get("inlineCommentProperties")).get("textSelection")
        fields["resolutionStatus"] = "open"
        fields["properties"] = {
            "inlineMarkerRef": f"marker-{owner.id}", "inlineOriginalSelection": selection,
        }  # fmt: skip
    write = writer(call)
    comment = write.create(
        "comment", f"Re: {owner.title}", owner.space, body=body, representation=representation,
        parent=parent.id if parent else None, container=owner.id, fields=fields,
    )  # fmt: skip
    return written(write, viewer(call)(comment), 201)


def update_comment(call: SiteCall) -> Answer:
    """`PUT /wiki/api/v2/footer-comments/{comment-id}`, and that of an inline one."""
    old, given = content_v2(call, "comment"), body_object(call)
    _, message, minor = version_given(given.get("version"), old.version.number)
    body, representation = body_given(given.get("body"))
    write = writer(call)
    new = write.update(old, Edit(None, body, representation, message=message, minor=minor))
    if isinstance(resolved := given.get("resolved"), bool):
        status = "resolved" if resolved else "reopened"
        new = write.set_fields(new, {"resolutionStatus": status})
    return written(write, viewer(call)(new))


def delete_comment(call: SiteCall) -> Answer:
    """`DELETE /wiki/api/v2/footer-comments/{comment-id}`, and that of an inline one."""
    write = writer(call)
    write.trash(content_v2(call, "comment"))
    return written(write, status=204)


def list_attachments(call: SiteCall) -> Answer:
    """`GET /wiki/api/v2/attachments`."""
    found = [x for x in wiki(call).of_type("attachment") if x.status == "current"]
    return paged_v2(call, sorted_contents(call, found), viewer(call))


def list_attachments_of(call: SiteCall) -> Answer:
    """`GET /wiki/api/v2/pages/{id}/attachments` and that of blog posts."""
    name, kind = call.param("filename"), call.param("mediaType")
    found = [
        each
        for each in wiki(call).contents.children(content_v2(call).id)
        if each.type == "attachment" and each.status == "current"
        and (name is None or each.title == name)
        and (kind is None or each.fields.get("mediaType") == kind)
    ]  # fmt: skip
    return paged_v2(call, sorted_contents(call, found), viewer(call))


def get_attachment(call: SiteCall) -> Answer:
    """`GET /wiki/api/v2/attachments/{id}`."""
    return Answer(body=viewer(call)(content_v2(call, "attachment")))


def delete_attachment(call: SiteCall) -> Answer:
    """`DELETE /wiki/api/v2/attachments/{id}`."""
    write = writer(call)
    write.trash(content_v2(call, "attachment"))
    return written(write, status=204)


def _owner(call: SiteCall) -> str:
    """Whose properties the path means. Raises SiteError (404)."""
    if call.path.split("/")[2] == "spaces":
        return f"space/{_space(call).id}"
    return f"content/{content_v2(call).id}"


def list_properties(call: SiteCall) -> Answer:
    """`GET /wiki/api/v2/pages/{id}/properties` and the like, all or the one with `key`."""
    key = call.param("key")
    found = wiki(call).properties.children(_owner(call))
    return paged_v2(call, [x for x in found if key in (None, x.key)], property_view)


def get_property(call: SiteCall) -> Answer:
    """`GET /wiki/api/v2/pages/{id}/properties/{property}` and the like."""
    return Answer(body=property_view(_property(call)))


def create_property(call: SiteCall) -> Answer:
    """`POST /wiki/api/v2/pages/{id}/properties` and the like."""
    owner, given = _owner(call), body_object(call)
    key = text_of(given.get("key"))
    if not key or "value" not in given:
        raise error_v2(400, "key or value is missing")
    if wiki(call).properties.find(f"{owner}/{key}") is not None:
        raise error_v2(409, f"A property with the key {key} exists already")
    write = writer(call)
    return written(write, property_view(write.set_property(owner, key, given["value"])))


def update_property(call: SiteCall) -> Answer:
    """`PUT /wiki/api/v2/pages/{id}/properties/{property}` and the like."""
    old, given = _property(call), body_object(call)
    _, message, _ = version_given(given.get("version"), old.version.number)
    if "value" not in given:
        raise error_v2(400, "value is missing")
    write = writer(call)
    new = write.set_property(old.owner, old.key, given["value"], old, message)
    return written(write, property_view(new))


def delete_property(call: SiteCall) -> Answer:
    """`DELETE /wiki/api/v2/pages/{id}/properties/{property}` and the like."""
    wiki(call).properties.remove(_property(call).id)
    return Answer(204)


def _property(call: SiteCall) -> e.Property:
    found = wiki(call).properties.get(call.names["property"])
    if found is None or found.owner != _owner(call):
        raise error_v2(404, "Not Found")
    return found


def list_spaces(call: SiteCall) -> Answer:
    """`GET /wiki/api/v2/spaces`."""
    ids, keys = call.params("ids"), call.params("keys")
    kind, status = call.param("type"), call.param("status")
    found = [
        each
        for each in wiki(call).spaces
        if (not ids or each.id in ids)
        and (not keys or each.key in keys)
        and kind in (None, each.type)
        and status in (None, each.status)
    ]
    wanted = call.param("description-format")
    return paged_v2(call, found, lambda each: space_view(each, wanted))


def get_space(call: SiteCall) -> Answer:
    """`GET /wiki/api/v2/spaces/{id}`."""
    return Answer(body=space_view(_space(call), call.param("description-format")))


def list_space_labels(call: SiteCall) -> Answer:
    """`GET /wiki/api/v2/spaces/{id}/labels`."""
    return paged_v2(call, wiki(call).labels_of(f"space/{_space(call).id}"), label_view)


def users_bulk(call: SiteCall) -> Answer:
    """`POST /wiki/api/v2/users-bulk`."""
    given = body_object(call).get("accountIds")
    if not isinstance(given, list):
        raise error_v2(400, "accountIds is missing")
    users = wiki(call).users
    found = [user for each in given if (user := users.get(str(each))) is not None]
    return Answer(
        body={
            "results": [
                {
                    "accountId": user.account,
                    "accountType": user.type,
                    "accountStatus": "active" if user.active else "inactive",
                    "displayName": user.name,
                    "publicName": user.name,
                    "email": user.email,
                    "isExternalCollaborator": False,
                }
                for user in found
            ]
        }
    )


def _space(call: SiteCall) -> e.Space:
    found = wiki(call).spaces.get(call.names["id"])
    if found is None:
        raise error_v2(404, "Not Found")
    return found
