"""What Confluence's product events tell of: after an event its page, comment or space exists."""

from __future__ import annotations

from typing import Final

from msgspec import structs

from forge_emu.model import Json
from forge_emu.site.confluence import entities as e
from forge_emu.site.confluence.confluence_site import HOMEPAGE_ID, ConfluenceSite
from forge_emu.site.jira.entities import User
from forge_emu.site.values import account_id, id_of, object_of, text_of, time_of

_GONE: Final = frozenset({"deleted"})
_STATUS_AFTER: Final = {
    "trashed": "trashed",
    "archived": "archived",
    "restored": "current",
    "unarchived": "current",
}
_BODY: Final = "<p>{}</p>"


def absorb_confluence_event(
    site: ConfluenceSite, name: str, payload: dict[str, Json], now_ms: int
) -> None:
    """Put what the payload tells of on the site, or take it away. What it lacks is made up."""
    verb, _, subject = name.removeprefix("avi:confluence:").partition(":")
    actor = _note_user(site, payload.get("atlassianId"))
    if subject.startswith("space"):
        _absorb_space(site, verb, payload.get("space"), actor, now_ms)
    elif subject == "label":
        _absorb_label(site, verb, payload, actor, now_ms)
    elif subject == "user":
        _note_user(site, payload.get("user"))
    else:
        given = payload.get("attachment") if subject == "attachment" else payload.get("content")
        _absorb_content(site, verb, given, actor, now_ms)


def _absorb_space(
    site: ConfluenceSite, verb: str, given: Json, actor: str | None, now_ms: int
) -> None:
    id = id_of(given)
    if id is not None and verb in _GONE:
        site.remove_space(id)
    else:
        _space_of(site, given, actor, now_ms, anew=True)


def _space_of(
    site: ConfluenceSite, given: Json, actor: str | None, now_ms: int, *, anew: bool = False
) -> str | None:
    """The id of the space, which exists from now on; `anew` says that its name may have changed."""
    value = object_of(given)
    id = text_of(value.get("id"))
    if id is None:
        return None
    old = site.spaces.get(id)
    if old is not None and not anew:
        return id
    key = text_of(value.get("key")) or (old.key if old else f"S{id}")
    space = e.Space(
        id,
        key,
        text_of(value.get("name")) or (old.name if old else key),
        old.author if old else actor,
        old.created if old else now_ms,
        text_of(value.get("type")) or "global",
        text_of(value.get("status")) or "current",
        old.homepage if old else None,
        old.description if old else "",
    )
    if space != old:
        site.spaces.put(space)
    return id


def _absorb_content(
    site: ConfluenceSite, verb: str, given: Json, actor: str | None, now_ms: int
) -> None:
    id = id_of(given)
    if id is None:
        return
    if verb in _GONE:
        site.remove_content(id)
        return
    content = put_content(site, given, actor, now_ms)
    status = _STATUS_AFTER.get(verb)
    if content is not None and status is not None and content.status != status:
        site.contents.put(structs.replace(content, status=status))


def put_content(
    site: ConfluenceSite, given: Json, actor: str | None, now_ms: int
) -> e.Content | None:
    """The content that a payload shows, which exists from now on."""
    value = object_of(given)
    id, kind = text_of(value.get("id")), text_of(value.get("type"))
    if id is None or kind is None:
        return None
    old = site.contents.get(id)
    if set(value) <= {"id", "type", "status", "title", "labels"} and old is not None:
        return old
    space = _space_of(site, value.get("space"), actor, now_ms)
    container = _container_of(site, value, kind, actor, now_ms)
    space = space or _space_inside(site, container) or "65537"
    history = object_of(value.get("history"))
    author = _note_user(site, history.get("createdBy")) or (old.author if old else actor)
    title = text_of(value.get("title")) or (old.title if old else "")
    content = e.Content(
        id,
        kind,
        title,
        space,
        author,
        time_of(history.get("createdDate"), old.created if old else now_ms),
        _version_of(site, value.get("version"), old, author, now_ms),
        text_of(value.get("status")) or "current",
        _parent_of(site, value, kind, space, old),
        container,
        _note_user(site, history.get("ownedBy")) or author,
        old.body if old else _BODY.format(_escaped(title)),
        old.representation if old else "storage",
        {**(old.fields if old else {}), **object_of(value.get("extensions"))},
    )
    if content != old:
        _keep_old_version(site, old, content)
        site.contents.put(content)
    return content


def _keep_old_version(site: ConfluenceSite, old: e.Content | None, new: e.Content) -> None:
    if old is not None and new.version.number > old.version.number:
        site.old_versions.put(
            e.OldVersion(old.id, old.version, old.title, old.body, old.representation)
        )


def _version_of(
    site: ConfluenceSite, given: Json, old: e.Content | None, author: str | None, now_ms: int
) -> e.Version:
    """The version of the payload. Numbers go on: an app may have written versions in between."""
    value = object_of(given)
    number = value.get("number")
    number = number if isinstance(number, int) and not isinstance(number, bool) else 1
    who, when = _note_user(site, value.get("by")) or author, time_of(value.get("when"), now_ms)
    if old is not None and (number < old.version.number or when < old.version.created):
        return old.version
    if old is not None and number == old.version.number and when > old.version.created:
        number += 1
    return e.Version(number, who, when, text_of(value.get("message")) or "")


def _container_of(
    site: ConfluenceSite, value: dict[str, Json], kind: str, actor: str | None, now_ms: int
) -> str | None:
    """The id of what a comment or an attachment belongs to, which exists from now on."""
    if kind not in ("comment", "attachment", "custom_content"):
        return None
    container = object_of(value.get("container"))
    id = text_of(container.get("id"))
    if id is None:
        return None
    if id not in site.contents:
        put_content(site, {"space": value.get("space"), **container}, actor, now_ms)
    return id if id in site.contents else None


def _space_inside(site: ConfluenceSite, container: str | None) -> str | None:
    found = site.contents.get(container) if container else None
    return found.space if found else None


def _parent_of(
    site: ConfluenceSite, value: dict[str, Json], kind: str, space: str, old: e.Content | None
) -> str | None:
    """The parent that the payload names; a page without one lies below the space's first."""
    ancestors = value.get("ancestors")
    if isinstance(ancestors, list) and ancestors:
        return id_of(ancestors[-1]) or (old.parent if old else None)
    if old is not None:
        return old.parent
    if kind != "page" or text_of(value.get("id")) == HOMEPAGE_ID:
        return None
    return site.homepage_of(space)


def _absorb_label(
    site: ConfluenceSite, verb: str, payload: dict[str, Json], actor: str | None, now_ms: int
) -> None:
    given = object_of(payload.get("label"))
    name = text_of(given.get("name"))
    if name is None:
        return
    label = site.label(text_of(given.get("prefix")) or "global", name, text_of(given.get("id")))
    if verb == "deleted":
        site.labels.remove(label.id)
        return
    owner = None
    if (content := put_content(site, payload.get("content"), actor, now_ms)) is not None:
        owner = f"content/{content.id}"
    elif (space := _space_of(site, payload.get("space"), actor, now_ms)) is not None:
        owner = f"space/{space}"
    if owner is not None and verb == "added":
        site.label_uses.put(e.LabelUse(owner, label.id))
    elif owner is not None and verb == "removed":
        site.label_uses.remove(f"{owner}/{label.id}")


def _note_user(site: ConfluenceSite, value: Json) -> str | None:
    """The account of a person, who is one of the site's from now on."""
    account = account_id(value)
    if account is not None and account not in site.users:
        kind = text_of(object_of(value).get("accountType")) or "atlassian"
        # Payloads have the account id where the name would be.
        site.users.put(User(account, f"User {account[-6:]}", kind))
    return account


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
