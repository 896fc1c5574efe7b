"""What the control API and the emulator say to each other about the site."""

from __future__ import annotations

from typing import Annotated, Protocol

import msgspec

from forge_emu.model import Json
from forge_emu.site.content import SiteContent

_Count = Annotated[int, msgspec.Meta(ge=0, le=100_000)]

Things = dict[str, dict[str, msgspec.Raw]]
"""Things of a site as they are saved, by kind and id."""


class SiteSeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many issues and pages to make up, and from which seed."""

    issues: _Count = 0
    pages: _Count = 0
    seed: int = 1


class SiteOrder(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A change of the site by hand, in this order: remove everything, put things, add content,
    make things up."""

    clear: bool = False
    things: Things = {}
    content: SiteContent | None = None
    seed: SiteSeed | None = None


class SiteReceipt(msgspec.Struct, frozen=True):
    """How many things there are now of each kind, and how many were added."""

    counts: dict[str, int]
    added: int = 0


class SiteAnswer(msgspec.Struct, frozen=True):
    """What a product answers."""

    status: int
    body: Json


class SiteContract(Protocol):
    """The calls for the site. Everything may raise UserError."""

    def counts(self) -> SiteReceipt:
        """How many things there are of each kind."""
        ...

    def change(self, order: SiteOrder) -> SiteReceipt:
        """Change the site, all or nothing of the order."""
        ...

    def things(self) -> Things:
        """Everything, as `change` takes it."""
        ...

    def answer(self, product: str, target: str) -> SiteAnswer:
        """What a product answers to a GET."""
        ...
