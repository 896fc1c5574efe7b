"""A developer's changes of the site, and a look at it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from forge_emu.control.site_contract import (
    SiteAnswer,
    SiteOrder,
    SiteReceipt,
    SiteSeed,
    Things,
)
from forge_emu.emulator.admin import TurnRunner
from forge_emu.engine.engine import Engine
from forge_emu.errors import UserError
from forge_emu.model import Instant
from forge_emu.records import Log
from forge_emu.site.collection import Place
from forge_emu.site.content import ContentError, add_content
from forge_emu.site.generator import generate_content
from forge_emu.site.site import Site


class SiteAdmin:
    """Implements `control.site_contract.SiteContract`. Runs on the loop's thread."""

    def __init__(self, engine: Engine, loop: TurnRunner, now: Callable[[], Instant]) -> None:
        self._engine = engine
        self._loop = loop
        self._now = now

    def counts(self) -> SiteReceipt:
        """How many things there are of each kind."""
        return SiteReceipt(self._engine.site.counts())

    def change(self, order: SiteOrder) -> SiteReceipt:
        """Clear, put things, add content, make things up; what is wrong changes nothing."""
        receipt = self.apply_order(order, self._now())
        self._loop.run_turn()
        return receipt

    def apply_order(self, order: SiteOrder, now: Instant) -> SiteReceipt:
        """The same within a turn."""
        site = self._engine.site
        places = _checked(order.things)
        added = 0
        try:
            if order.clear:
                site.clear()
            site.put_things(places)
            if order.content is not None:
                added += add_content(site, order.content, self._engine.epoch_ms + now)
            if order.seed is not None:
                added += seed_site(site, order.seed, self._engine.epoch_ms + now)
        except ContentError as error:
            where = ".".join(map(str, error.path))
            raise UserError(f"{where}: {error}", "Nothing was added.") from None
        message = f"The site was changed by hand: {added + len(places):,} things were put on it."
        if order.clear and not places:
            message = "The site was emptied by hand."
        self._engine.record(Log(level="info", message=message), now)
        return SiteReceipt(site.counts(), added)

    def things(self) -> Things:
        """Everything, as `change` takes it."""
        return exported_things(self._engine.site)

    def answer(self, product: str, target: str) -> SiteAnswer:
        """What a product answers to a GET."""
        from forge_emu.services.site.looking import look_at

        now_ms = self._engine.epoch_ms + self._now()
        return SiteAnswer(*look_at(self._engine.site, self._engine.app, product, target, now_ms))


def seed_site(site: Site, seed: SiteSeed, now_ms: int) -> int:
    """Make issues and pages up; answers how many things are new."""
    people = sorted(x.account for x in site.jira.users if x.type == "atlassian" and x.active)
    pages = sum(1 for _ in site.confluence.of_type("page"))
    content = generate_content(seed.issues, seed.pages, seed.seed, tuple(people), now_ms, pages)
    return add_content(site, content, now_ms)


def exported_things(site: Site) -> Things:
    """The whole site as it is saved."""
    things: Things = {}
    for kind, id in site.changed_places():
        text = site.encode((kind, id))
        if text is not None:
            things.setdefault(kind, {})[id] = msgspec.Raw(text)
    return things


def _checked(things: Things) -> dict[Place, bytes]:
    """The things by their places, which another site has taken. Raises UserError."""
    places = {
        (kind, id): bytes(text) for kind, by_id in things.items() for id, text in by_id.items()
    }
    try:
        Site().put_things(places)
    except (msgspec.DecodeError, KeyError, ValueError) as error:
        hint = "Give a file that `forge-emu site export` wrote."
        raise UserError(f"the site cannot hold what is given: {error}", hint) from None
    return places
