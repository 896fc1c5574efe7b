"""Confluence's things, with what a new site has of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from msgspec import structs

from forge_emu.site.collection import Collection, Place
from forge_emu.site.confluence import entities as e
from forge_emu.site.jira.defaults import REPORTER
from forge_emu.site.jira.entities import User

BEGINNING: Final = 1_767_225_600_000
"""When the space of a new site was made: 2026-01-01. An emulator choice."""

SPACE_ID: Final = "65537"
HOMEPAGE_ID: Final = "98305"
_FIRST_CONTENT_ID: Final = 200_000_000
"""Ids that an app's own writes get. Payloads of events have smaller ones."""


class ConfluenceSite:
    """Every collection of Confluence. `mark` is told of every change; `users` are the site's."""

    def __init__(self, mark: Callable[[Place], None], users: Collection[User]) -> None:
        self.users = users
        self.spaces = Collection(
            "space", e.Space, mark, id_of=lambda x: x.id, alias_of=lambda x: x.key,
            first_id=70_000,
        )  # fmt: skip
        self.contents = Collection(
            "content", e.Content, mark, id_of=lambda x: x.id, parent_of=_group_of,
            first_id=_FIRST_CONTENT_ID,
        )  # fmt: skip
        self.old_versions = Collection(
            "content_version", e.OldVersion, mark,
            id_of=lambda x: f"{x.content}/{x.version.number}", parent_of=lambda x: x.content,
        )  # fmt: skip
        self.labels = Collection(
            "label", e.Label, mark, id_of=lambda x: x.id,
            alias_of=lambda x: f"{x.prefix}:{x.name}", first_id=1_500_000,
        )  # fmt: skip
        self.label_uses = Collection(
            "label_use", e.LabelUse, mark, id_of=lambda x: f"{x.owner}/{x.label}",
            parent_of=lambda x: x.owner,
        )  # fmt: skip
        self.properties = Collection(
            "content_property", e.Property, mark, id_of=lambda x: x.id,
            parent_of=lambda x: x.owner, alias_of=lambda x: f"{x.owner}/{x.key}",
            first_id=300_000,
        )  # fmt: skip
        self._fill()

    @property
    def collections(self) -> tuple[Collection[Any], ...]:
        """Every collection that is Confluence's alone."""
        return tuple(
            each
            for each in vars(self).values()
            if isinstance(each, Collection) and each is not self.users
        )

    def get(self, id: str, *types: str) -> e.Content | None:
        """The content with this id, if it is of one of the types."""
        found = self.contents.get(id)
        return found if found is not None and (not types or found.type in types) else None

    def of_type(self, *types: str) -> Iterator[e.Content]:
        """Every content of these types, in the order of their ids."""
        return (each for each in self.contents if each.type in types)

    def child_pages(self, page: str) -> list[e.Content]:
        """The pages right below a page, whatever their status."""
        return [x for x in self.contents.children(page) if x.parent == page and x.type == "page"]

    def inside(self, container: str, *types: str) -> list[e.Content]:
        """Comments or attachments of a content, answers to comments included."""
        found: list[e.Content] = []
        waiting = [container]
        while waiting:
            for child in self.contents.children(waiting.pop()):
                if child.type in types and (child.container or child.parent):
                    found.append(child)
                    waiting.append(child.id)
        return sorted(found, key=lambda x: (x.created, len(x.id), x.id))

    def ancestors(self, content: e.Content) -> list[e.Content]:
        """The parents of a content, the topmost first."""
        found: list[e.Content] = []
        seen = {content.id}
        parent = content.parent
        while parent is not None and parent not in seen:
            seen.add(parent)
            above = self.contents.get(parent)
            if above is None:
                break
            found.insert(0, above)
            parent = above.parent
        return found

    def labels_of(self, owner: str) -> list[e.Label]:
        """The labels of a content or a space, in the order of their ids."""
        found = (self.labels.get(use.label) for use in self.label_uses.children(owner))
        return sorted((x for x in found if x is not None), key=lambda x: (len(x.id), x.id))

    def label(self, prefix: str, name: str, id: str | None = None) -> e.Label:
        """The label with this name, made if there is none."""
        found = self.labels.find(f"{prefix}:{name}")
        return found or self.labels.put(e.Label(id or self.labels.new_id(), prefix, name))

    def homepage_of(self, space: str) -> str | None:
        """The id of the page that a new page of the space lies below."""
        found = self.spaces.get(space)
        return found.homepage if found else None

    def remove_content(self, id: str) -> e.Content | None:
        """Remove a content with what belongs to it; answers it, None where there is none.

        Pages below it move up to its own parent.
        """
        content = self.contents.remove(id)
        if content is None:
            return None
        for child in self.contents.children(id):
            if child.type == "page":
                self.contents.put(structs.replace(child, parent=content.parent))
            else:
                self.remove_content(child.id)
        for old in self.old_versions.children(id):
            self.old_versions.remove(f"{id}/{old.version.number}")
        self._remove_belongings(f"content/{id}")
        return content

    def remove_space(self, id: str) -> e.Space | None:
        """Remove a space with its content; answers it, None where there is none."""
        space = self.spaces.remove(id)
        if space is None:
            return None
        for content in list(self.contents):
            if content.space == id:
                self.remove_content(content.id)
        self._remove_belongings(f"space/{id}")
        return space

    def _remove_belongings(self, owner: str) -> None:
        for use in self.label_uses.children(owner):
            self.label_uses.remove(f"{owner}/{use.label}")
        for each in self.properties.children(owner):
            self.properties.remove(each.id)

    def _fill(self) -> None:
        self.spaces.put(
            e.Space(SPACE_ID, "EMU", "Emulated space", REPORTER, BEGINNING, homepage=HOMEPAGE_ID)
        )
        first = e.Version(1, REPORTER, BEGINNING)
        home = e.Content(
            HOMEPAGE_ID, "page", "Emulated space Home", SPACE_ID, REPORTER, BEGINNING, first,
            owner=REPORTER, body="<p>The first page of the space.</p>",
        )  # fmt: skip
        self.contents.put(home)


def _group_of(content: e.Content) -> str:
    return content.parent or content.container or f"space/{content.space}"
