"""A look at the site, as an app would have it."""

from __future__ import annotations

import pytest

from forge_emu.services.site.looking import look_at
from forge_emu.site.content import GivenIssue, SiteContent, add_content
from forge_emu.site.site import Site
from tests.engine.world import app


@pytest.mark.parametrize(
    ("product", "target", "status"),
    [
        ("jira", "/rest/api/3/issue/EMU-1", 200),
        ("jira", "/rest/api/3/issue/EMU-9", 404),
        ("jira", "/rest/api/3/nothing", 501),
        ("jira", "/rest/api/3/search/jql?jql=watcher%20%3D%201", 501),
        ("bitbucket", "/2.0/user", 501),
        ("confluence", "/wiki/api/v2/spaces", 200),
    ],
)
def test_it_needs_no_scope_and_changes_nothing(product: str, target: str, status: int) -> None:
    """The app of this test has the scope of its storage alone."""
    site = Site()
    add_content(site, SiteContent(issues=[GivenIssue("one")]), 0)
    before = site.counts()
    assert look_at(site, app(), product, target, 0)[0] == status
    assert site.counts() == before
