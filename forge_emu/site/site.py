"""The one site of a run: Jira's things and Confluence's, and what of them is to be saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

import msgspec

from forge_emu.model import Json
from forge_emu.site.collection import Collection, Place
from forge_emu.site.confluence.absorb import absorb_confluence_event
from forge_emu.site.confluence.confluence_site import ConfluenceSite
from forge_emu.site.jira.absorb import absorb_jira_event
from forge_emu.site.jira.agile.absorb import absorb_agile_event
from forge_emu.site.jira.jira_site import JiraSite

BASE_URL: Final = "https://emu.atlassian.net"
"""The address of the site, as payloads of events have it."""

SavedSite: TypeAlias = Mapping[Place, bytes]
"""What a state holds of a site: things as JSON text by kind and id; `null` where one that a new
site has was removed."""

_REMOVED: Final = b"null"
_LAST_IDS: Final = "last_id"


class Site:
    """A site with its default content. `mark` is told of every change, by kind and id."""

    def __init__(self, mark: Callable[[Place], None] = lambda place: None) -> None:
        self._mark = mark
        self._marking = False
        self.jira = JiraSite(self._changed)
        self.confluence = ConfluenceSite(self._changed, self.jira.users)
        self._collections: dict[str, Collection[Any]] = {
            each.kind: each for each in (*self.jira.collections, *self.confluence.collections)
        }
        self._defaults = frozenset(self._places())
        self._marking = True

    def absorb_event(self, name: str, payload: dict[str, Json], now_ms: int) -> None:
        """What a product event says exists from now on. `now_ms` counts from 1970."""
        if name.startswith("avi:jira:"):
            absorb_jira_event(self.jira, name, payload, now_ms)
        elif name.startswith("avi:jira-software:"):
            absorb_agile_event(self.jira, name, payload, now_ms)
        elif name.startswith("avi:confluence:"):
            absorb_confluence_event(self.confluence, name, payload, now_ms)

    def encode(self, place: Place) -> bytes | None:
        """What to save at `place`; None where nothing is to be there."""
        kind, id = place
        if kind == _LAST_IDS:
            return msgspec.json.encode(self._collections[id].last_id)
        text = self._collections[kind].encode(id)
        return _REMOVED if text is None and place in self._defaults else text

    def changed_places(self) -> Iterator[Place]:
        """Every place that differs from a new site, or may."""
        yield from self._places()
        yield from (place for place in self._defaults if self.encode(place) == _REMOVED)
        yield from ((_LAST_IDS, kind) for kind in self._collections)

    def restore(self, saved: SavedSite) -> None:
        """Go on from what a state holds. Raises msgspec.DecodeError."""
        self._marking = False
        for (kind, id), text in saved.items():
            if kind == _LAST_IDS:
                if id in self._collections:
                    self._collections[id].reserve_ids(msgspec.json.decode(text, type=int))
            elif (collection := self._collections.get(kind)) is None:
                # Of a later forge-emu.
                continue
            elif text == _REMOVED:
                collection.remove(id)
            else:
                collection.restore(text)
        self._marking = True

    def clear(self) -> None:
        """Remove everything, the content of a new site included."""
        for collection in self._collections.values():
            collection.clear()

    def counts(self) -> dict[str, int]:
        """How many things there are of each kind that has some."""
        found = {kind: len(collection) for kind, collection in self._collections.items()}
        return {kind: count for kind, count in found.items() if count}

    def put_things(self, things: SavedSite) -> None:
        """Put things at their places, as `encode` gave them. Raises msgspec.DecodeError, KeyError
        for a kind that there is not."""
        for (kind, id), text in things.items():
            if kind == _LAST_IDS:
                self._collections[id].reserve_ids(msgspec.json.decode(text, type=int))
            elif text == _REMOVED:
                self._collections[kind].remove(id)
            else:
                self._collections[kind].restore(text)

    def _places(self) -> Iterable[Place]:
        for kind, collection in self._collections.items():
            yield from ((kind, id) for id in collection.ids())

    def _changed(self, place: Place) -> None:
        if self._marking:
            self._mark(place)
            self._mark((_LAST_IDS, place[0]))
