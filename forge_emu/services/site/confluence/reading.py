"""What every route of Confluence reads of a request."""

from __future__ import annotations

from forge_emu.model import Json
from forge_emu.services.site.call import NO_BODY, Answer, SiteCall, SiteEvent
from forge_emu.services.site.confluence.errors import error_v1, error_v2, no_content_v1
from forge_emu.site.confluence import entities as e
from forge_emu.site.confluence.confluence_site import ConfluenceSite
from forge_emu.site.confluence.writing import Writer
from forge_emu.site.values import object_of, text_of

FORMATS_OF_WRITES = ("storage", "atlas_doc_format", "wiki")


def wiki(call: SiteCall) -> ConfluenceSite:
    """The site's Confluence."""
    return call.site.confluence


def writer(call: SiteCall) -> Writer:
    """What writes in the name of the request."""
    return Writer(wiki(call), call.account, call.as_app, call.now_ms)


def written(write: Writer, body: Json = None, status: int = 200) -> Answer:
    """The answer to a write, with the events that it has made."""
    events = [SiteEvent(name, payload) for name, payload in write.events]
    return Answer(status, body, events)


def body_object(call: SiteCall, version: int = 2) -> dict[str, Json]:
    """The body, which has to be a JSON object. Raises SiteError (400)."""
    if isinstance(call.body, dict):
        return call.body
    what = "is missing" if call.body is NO_BODY else "is no JSON object"
    text = f"The request body {what}"
    raise error_v2(400, text) if version == 2 else error_v1(400, text)


def content_v2(call: SiteCall, *types: str, name: str = "id") -> e.Content:
    """The content that the path names. Raises SiteError: 400 for no id, 404 for none there."""
    given = call.names[name]
    id = given.removeprefix("att")
    if not id.isdecimal():
        raise error_v2(
            400,
            f"Provided value {{{given}}} for '{name}' is not the correct type. "
            "Expected type is long",
        )
    found = wiki(call).get(id, *types)
    if found is None:
        raise error_v2(404, "Not Found")
    return found


def content_v1(call: SiteCall, *types: str) -> e.Content:
    """The content that the path names. Raises SiteError (404)."""
    id = call.names["id"].removeprefix("att")
    found = wiki(call).get(id, *types)
    status = call.params("status") or ["current", "draft", "archived"]
    if found is None or (found.status not in status and "any" not in status):
        raise no_content_v1(call.names["id"])
    return found


def body_given(given: Json, version: int = 2) -> tuple[str | None, str]:
    """Text and representation of a body that a request gives; no text where it gives none.

    It is `{representation, value}`, or has that below the name of the representation.
    Raises SiteError (400).
    """
    value = object_of(given)
    if not value:
        return None, "storage"
    inner = value
    if "value" not in value:
        names = [name for name in FORMATS_OF_WRITES if name in value]
        inner = object_of(value[names[0]]) if names else {}
        inner = {"representation": names[0], **inner} if names else {}
    text, kind = inner.get("value"), inner.get("representation", "storage")
    if isinstance(text, str) and kind in FORMATS_OF_WRITES:
        return _kept(text, str(kind))
    message = f"A body has a value and a representation: {', '.join(FORMATS_OF_WRITES)}"
    raise error_v2(400, message) if version == 2 else error_v1(400, message)


def version_given(given: Json, current: int, version: int = 2) -> tuple[int, str, bool]:
    """Number, message and whether it is minor, of the version that an update is to make.

    Raises SiteError: 400 without a number, 409 for one that is not the next.
    """
    value = object_of(given)
    number = value.get("number")
    if not isinstance(number, int) or isinstance(number, bool):
        text = "Must supply an incremented version when updating Content. No version supplied."
        raise error_v2(400, text) if version == 2 else error_v1(400, text)
    if number != current + 1:
        if version == 1:
            raise error_v1(
                409, f"Version must be incremented on update. Current version is: {current}"
            )
        raise error_v2(
            409,
            f"Version must be incremented when updating a page. Current Version: [{current}]. "
            f"Provided version: [{number}]",
        )
    return number, text_of(value.get("message")) or "", value.get("minorEdit") is True


def _kept(text: str, kind: str) -> tuple[str, str]:
    """Wiki markup is kept as the text that it is, a paragraph for each line."""
    if kind != "wiki":
        return text, kind
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    lines = (line for line in escaped.splitlines() if line.strip())
    return "".join(f"<p>{line}</p>" for line in lines), "storage"
