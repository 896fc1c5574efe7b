"""A developer's changes of the site."""

from __future__ import annotations

import msgspec
import pytest

from forge_emu.control.site_contract import SiteOrder, SiteSeed
from forge_emu.emulator.site_admin import SiteAdmin
from forge_emu.errors import UserError
from forge_emu.site.content import GivenIssue, SiteContent
from tests.engine.world import World


class Turns:
    """A loop that does nothing."""

    def run_turn(self) -> None:
        """As the loop's."""


def admin(world: World) -> SiteAdmin:
    """The calls for the site of a world."""
    return SiteAdmin(world.engine, Turns(), lambda: world.now)


def test_things_are_made_up_and_emptied() -> None:
    """The same seed makes the same."""
    first, second = admin(World()), admin(World())
    order = SiteOrder(seed=SiteSeed(issues=5, pages=2, seed=7))
    assert first.change(order).added == second.change(order).added > 5
    assert msgspec.json.encode(first.things()) == msgspec.json.encode(second.things())
    first.change(SiteOrder(clear=True))
    assert first.answer("jira", "/rest/api/3/issue/EMU-1").status == 404


def test_what_is_wrong_changes_nothing() -> None:
    """Neither a thing that is none nor an issue of a project that is not there."""
    site = admin(World())
    before = site.counts().counts
    for wrong in (
        SiteOrder(things={"issue": {"1": msgspec.Raw(b"{}")}}),
        SiteOrder(content=SiteContent(issues=[GivenIssue("x", project="NONE")])),
    ):
        with pytest.raises(UserError):
            site.change(wrong)
    assert site.counts().counts == before
