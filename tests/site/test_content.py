"""Content that a user writes, and content that is made up."""

from __future__ import annotations

import pytest

from forge_emu.appdir.site_content import read_content
from forge_emu.control.site_contract import SiteSeed
from forge_emu.emulator.initial_state.site_files import decode_site_file, export_text
from forge_emu.emulator.site_admin import exported_things, seed_site
from forge_emu.errors import ManifestError, UserError
from forge_emu.site.content import add_content
from forge_emu.site.site import Site

NOW = 1_800_000_000_000
YAML = b"""\
users: [{accountId: kim, name: Kim}]
projects: [{key: OPS, lead: kim}]
issues:
  - {key: OPS-3, summary: One, type: bug, status: Done, assignee: kim, comments: [Hi]}
  - {project: OPS, summary: Two}
spaces: [{key: DOC}]
pages:
  - {space: DOC, title: Above, labels: [ops]}
  - {space: DOC, title: Below, parent: Above}
"""


def test_content_is_put_on_the_site_once() -> None:
    """Keys go on from the highest; again nothing is new."""
    site, content = Site(), read_content(YAML, "site.yml").content
    assert add_content(site, content, NOW) > 0
    (one, two) = site.jira.issues.children(site.jira.projects.find("OPS").id)  # type: ignore[union-attr]  # it is there
    assert (one.key, one.resolution, two.key, two.summary) == ("OPS-3", "10000", "OPS-4", "Two")
    above, below = (
        next(x for x in site.confluence.of_type("page") if x.title == title)
        for title in ("Above", "Below")
    )
    assert below.parent == above.id
    assert len(site.jira.comments.children(one.id)) == 1
    with_keys = read_content(YAML.replace(b"project: OPS,", b"key: OPS-4,"), "site.yml").content
    assert add_content(site, with_keys, NOW) == 0


def test_sprints_are_put_on_their_board_once() -> None:
    """With their issues, which are on the site or beside them."""
    text = b"""\
issues: [{key: EMU-5, summary: One}]
sprints:
  - {name: Old, state: closed, issues: [EMU-5]}
  - {name: Now, state: active, goal: Ship, start: 2026-02-02, end: 2026-02-16, issues: [EMU-5]}
"""
    site, content = Site(), read_content(text, "site.yml").content
    assert add_content(site, content, NOW) == 3
    old, now = site.jira.sprints
    issue = site.jira.issues.find("EMU-5")
    assert issue is not None
    assert issue.fields["customfield_10020"] == [old.id, now.id]
    assert (old.completed, now.board, now.goal, now.completed) == (NOW, "1", "Ship", None)
    assert (now.end or 0) - (now.start or 0) == 14 * 86_400_000
    assert add_content(site, content, NOW) == 0


@pytest.mark.parametrize(
    ("text", "place", "word"),
    [
        ("sprints:\n  - {name: a, board: b}", "2:22", "no board 'b'"),
        ("sprints:\n  - {name: a, state: open}", "2:22", "no state 'open'; there are: future"),
        ("sprints:\n  - {name: a, end: soon}", "2:20", "'soon' is no time"),
        ("sprints:\n  - {name: a, issues: [EMU-9]}", "2:24", "no issue 'EMU-9'"),
        ("issues: [{summary: 5}]", "1:20", "expected `str`"),
        ("issues:\n  - {sumary: a}", "2:5", "unknown field `sumary`"),
        ("issues:\n  - {summary: a, status: Gone}", "2:26", "no status 'Gone'"),
        ("issues:\n  - {summary: a, key: NO-1}", "2:23", "no project 'NO'"),
        ("issues:\n  - {summary: a, key: EMU}", "2:23", "'EMU' is no key"),
        ("issues:\n  - {summary: a, assignee: me}", "2:28", "no user 'me'"),
        ("issues:\n  - {summary: a, created: soon}", "2:27", "'soon' is no time"),
        ("pages:\n  - {title: a, parent: b}", "2:24", "no page 'b'"),
        ("pages:\n  - {title: a, space: b}", "2:23", "no space 'b'"),
        ("cats: []", "1:1", "unknown field `cats`"),
    ],
)
def test_a_mistake_has_its_place(text: str, place: str, word: str) -> None:
    """And the user's own word."""
    with pytest.raises(ManifestError) as caught:
        read_content(text.encode(), "site.yml")
    (problem,) = caught.value.problems
    assert (f"{problem.line}:{problem.column}", word in problem.message) == (place, True), problem


def test_the_same_seed_makes_the_same() -> None:
    """And another one makes others; a second time adds as many."""
    sites = []
    for seed in (1, 1, 2):
        site = Site()
        assert seed_site(site, SiteSeed(50, 20, seed), NOW) >= 70
        sites.append(exported_things(site))
    assert sites[0] == sites[1] != sites[2]
    before = len(site.jira.issues)
    seed_site(site, SiteSeed(50, 0, 2), NOW)
    assert len(site.jira.issues) == before + 50


def test_an_export_is_read_again() -> None:
    """As it was written; what is no export says so."""
    site = Site()
    seed_site(site, SiteSeed(5, 5), NOW)
    things = exported_things(site)
    read = decode_site_file(export_text(things), "site.json")
    assert read.things == things
    for text in (b'{"forge_emu_site":1,"things":{"cat":{"1":{}}}}', b'{"forge_emu_site":'):
        with pytest.raises(UserError, match=r"site.json is no export"):
            decode_site_file(text, "site.json")
