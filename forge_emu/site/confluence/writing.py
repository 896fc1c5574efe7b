"""What changes Confluence by a request: new versions, and the product events that follow."""

from __future__ import annotations

from dataclasses import dataclass, field

from msgspec import structs

from forge_emu.model import Json
from forge_emu.site.confluence import entities as e
from forge_emu.site.confluence.confluence_site import ConfluenceSite
from forge_emu.site.confluence.payloads import (
    content_in_payload,
    content_payload,
    label_payload,
    space_payload,
)


@dataclass(frozen=True)
class Edit:
    """What an update of a content asks for; None leaves as it is."""

    title: str | None = None
    body: str | None = None
    representation: str = "storage"
    parent: str | None = None
    status: str | None = None
    space: str | None = None
    message: str = ""
    minor: bool = False
    owner: str | None = None


@dataclass(frozen=True)
class Writer:
    """Changes `site` in the name of `account`, which is the app's own where `by_app`.

    `events` are the names and payloads of the events that the changes have made so far.
    """

    site: ConfluenceSite
    account: str | None
    by_app: bool
    now_ms: int
    events: list[tuple[str, dict[str, Json]]] = field(default_factory=list)

    def create(
        self,
        kind: str,
        title: str,
        space: str,
        *,
        body: str = "",
        representation: str = "storage",
        status: str = "current",
        parent: str | None = None,
        container: str | None = None,
        fields: dict[str, Json] | None = None,
    ) -> e.Content:
        """Make a content in its first version. A draft makes no event."""
        version = e.Version(1, self.account, self.now_ms)
        content = self.site.contents.put(
            e.Content(
                self.site.contents.new_id(), kind, title, space, self.account, self.now_ms, version,
                status, parent, container, self.account, body, representation, fields or {},
            )
        )  # fmt: skip
        if status == "current":
            self._tell("created", content)
        return content

    def update(self, old: e.Content, edit: Edit) -> e.Content:
        """Write the next version of a content; a draft that becomes current is its first one."""
        published = old.status == "draft" and (edit.status or old.status) == "current"
        number = 1 if published else old.version.number + 1
        new = structs.replace(
            old,
            title=old.title if edit.title is None else edit.title,
            body=old.body if edit.body is None else edit.body,
            representation=old.representation if edit.body is None else edit.representation,
            parent=edit.parent or old.parent,
            status=edit.status or old.status,
            space=edit.space or old.space,
            owner=edit.owner or old.owner,
            version=e.Version(number, self.account, self.now_ms, edit.message, edit.minor),
        )
        if not published:
            self.site.old_versions.put(
                e.OldVersion(old.id, old.version, old.title, old.body, old.representation)
            )
        self.site.contents.put(new)
        self._tell_of_update(old, new, published=published)
        return new

    def set_fields(self, old: e.Content, fields: dict[str, Json]) -> e.Content:
        """Change what a content has beside its body; that makes no version."""
        return self.site.contents.put(structs.replace(old, fields={**old.fields, **fields}))

    def trash(self, content: e.Content) -> None:
        """Move a content to the trash; a comment is gone at once."""
        if content.type == "comment":
            self.purge(content)
            return
        trashed = self.site.contents.put(structs.replace(content, status="trashed"))
        self._tell("trashed", trashed)

    def purge(self, content: e.Content) -> None:
        """Remove a content for good."""
        self._tell("deleted", content)
        self.site.remove_content(content.id)

    def add_label(self, content: e.Content, prefix: str, name: str) -> None:
        """Put a label on a content; one that it has stays."""
        label = self.site.label(prefix, name)
        owner = f"content/{content.id}"
        if f"{owner}/{label.id}" not in self.site.label_uses:
            self.site.label_uses.put(e.LabelUse(owner, label.id))
            self._tell_of_label("added", label, content)

    def remove_label(self, content: e.Content, label: e.Label) -> None:
        """Take a label off a content."""
        if self.site.label_uses.remove(f"content/{content.id}/{label.id}") is not None:
            self._tell_of_label("removed", label, content)

    def create_space(self, key: str, name: str, description: str = "") -> e.Space:
        """Make a space with its first page."""
        id = self.site.spaces.new_id()
        space = self.site.spaces.put(
            e.Space(id, key, name, self.account, self.now_ms, description=description)
        )
        event = "avi:confluence:created:space:V2"
        payload = space_payload(event, space, self.account, by_app=self.by_app, now_ms=self.now_ms)
        self.events.append((event, payload))
        home = self.create("page", f"{name} Home", id)
        return self.site.spaces.put(structs.replace(space, homepage=home.id))

    def set_property(
        self, owner: str, key: str, value: Json, old: e.Property | None = None, message: str = ""
    ) -> e.Property:
        """Write a property of a thing: the next version of `old`, or the first."""
        number = old.version.number + 1 if old else 1
        version = e.Version(number, self.account, self.now_ms, message)
        id = old.id if old else self.site.properties.new_id()
        return self.site.properties.put(e.Property(id, owner, key, value, version))

    def _tell_of_update(self, old: e.Content, new: e.Content, *, published: bool) -> None:
        if published:
            self._tell("created", new)
        elif old.status == "trashed" and new.status == "current":
            self._tell("restored", new)
        elif new.status == "current":
            self._tell("updated", new, updateTrigger="edit_page")
            if new.type == "page" and new.parent != old.parent:
                self._tell("moved", new, prevContent=content_in_payload(self.site, old))

    def _tell(self, verb: str, content: e.Content, **extra: Json) -> None:
        event = f"avi:confluence:{verb}:{content.type}"
        payload = content_payload(
            self.site, event, content, self.account, by_app=self.by_app, now_ms=self.now_ms
        )
        self.events.append((event, {**payload, **extra}))

    def _tell_of_label(self, verb: str, label: e.Label, content: e.Content) -> None:
        event = f"avi:confluence:{verb}:label"
        payload = label_payload(
            self.site, event, label, content, self.account, by_app=self.by_app, now_ms=self.now_ms
        )
        self.events.append((event, payload))
