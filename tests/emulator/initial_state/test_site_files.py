"""Files that fill the site: content in YAML, or an export."""

from __future__ import annotations

import pytest

from forge_emu.emulator.initial_state.site_files import decode_site_file, export_text, fill_site
from forge_emu.emulator.site_admin import exported_things
from forge_emu.errors import UserError
from forge_emu.site.content import GivenIssue, SiteContent, add_content
from forge_emu.site.site import Site
from tests.engine.world import World


def test_an_export_takes_the_place_of_all() -> None:
    """What was there before is gone."""
    site, world = Site(), World()
    add_content(site, SiteContent(issues=[GivenIssue("one"), GivenIssue("two")]), 0)
    text = export_text(exported_things(site))
    add_content(world.engine.site, SiteContent(issues=[GivenIssue("x", key="EMU-9")]), 0)
    fill_site(world.engine, 0, None, [decode_site_file(text, "export.json")])
    assert [issue.key for issue in world.engine.site.jira.issues] == ["EMU-1", "EMU-2"]


def test_content_stays_beside_what_is_there() -> None:
    """The issue of the file is one more."""
    world = World()
    add_content(world.engine.site, SiteContent(issues=[GivenIssue("there")]), 0)
    fill_site(world.engine, 0, None, [decode_site_file(b"issues:\n  - summary: new\n", "site.yml")])
    assert [issue.summary for issue in world.engine.site.jira.issues] == ["there", "new"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"issues:\n  - sumary: x\n", "site.yml:2"),
        (b'{"forge_emu_site":1,"things":{"issue":{"1":{}}}}', "is no export"),
        (b'{"forge_emu_site":1', "is no export"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: bytes, words: str) -> None:
    """One message."""
    with pytest.raises(UserError, match=words):
        decode_site_file(text, "site.yml")
