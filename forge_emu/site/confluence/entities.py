"""The things of Confluence. Instants are milliseconds since 1970; a person is an account id.

They are saved as arrays: a field may only be added at the end, with a default.
"""

from __future__ import annotations

import msgspec

from forge_emu.model import Json


class Space(msgspec.Struct, frozen=True, array_like=True):
    """A space. `type` is `global` or `personal`."""

    id: str
    key: str
    name: str
    author: str | None
    created: int
    type: str = "global"
    status: str = "current"
    homepage: str | None = None
    description: str = ""


class Version(msgspec.Struct, frozen=True, array_like=True):
    """The number of a version, and who made it when."""

    number: int
    author: str | None
    created: int
    message: str = ""
    minor: bool = False


class Content(msgspec.Struct, frozen=True, array_like=True):
    """A page, a blog post, a comment, an attachment, or another kind of content.

    `parent` is a page's parent page, or the comment that a comment answers. `container` is what a
    comment or an attachment belongs to. `representation` says what `body` is written in: `storage`
    or `atlas_doc_format`. `fields` holds what else the content has.
    """

    id: str
    type: str
    title: str
    space: str
    author: str | None
    created: int
    version: Version
    status: str = "current"
    parent: str | None = None
    container: str | None = None
    owner: str | None = None
    body: str = ""
    representation: str = "storage"
    fields: dict[str, Json] = {}


class OldVersion(msgspec.Struct, frozen=True, array_like=True):
    """What a content was in an earlier version."""

    content: str
    version: Version
    title: str
    body: str = ""
    representation: str = "storage"


class Label(msgspec.Struct, frozen=True, array_like=True):
    """A label that some content may have."""

    id: str
    prefix: str
    name: str


class LabelUse(msgspec.Struct, frozen=True, array_like=True):
    """A label of a content or a space; `owner` is `content/98305` or `space/65537`."""

    owner: str
    label: str


class Property(msgspec.Struct, frozen=True, array_like=True):
    """A property of a thing; `owner` is `content/98305` or `space/65537`."""

    id: str
    owner: str
    key: str
    value: Json
    version: Version
