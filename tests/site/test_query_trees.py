"""Queries of both languages may be nested, and not without end."""

from __future__ import annotations

import pytest

from forge_emu.site.confluence.cql import CqlError, parse_cql
from forge_emu.site.confluence.cql_search import Searcher
from forge_emu.site.content import GivenIssue, SiteContent, add_content
from forge_emu.site.jql.parse import JqlError, parse_jql
from forge_emu.site.jql.search import Search
from forge_emu.site.site import Site


def test_what_people_write_is_evaluated() -> None:
    """Ninety levels."""
    site = Site()
    add_content(site, SiteContent(issues=[GivenIssue("one")]), 0)
    jira = Search(site.jira, None, 0)
    (issue,) = jira.find(parse_jql("NOT " * 90 + "key = EMU-1"))
    assert jira.find(parse_jql("NOT " * 91 + "key = EMU-1")) == []
    confluence = Searcher(site.confluence, None, 0)
    found = confluence.search(parse_cql("NOT " * 90 + "type = page"))
    assert (issue.key, found) == ("EMU-1", confluence.search(parse_cql("type = page")))


@pytest.mark.parametrize("levels", [150, 20_000])
def test_more_is_refused_however_deep(levels: int) -> None:
    """In the language's own error, and with no error of ours."""
    with pytest.raises(JqlError, match="nested too deeply"):
        parse_jql("NOT " * levels + "key = EMU-1")
    with pytest.raises(CqlError, match="nested too deeply"):
        parse_cql("NOT " * levels + "id = 1")
    assert parse_jql("(" * levels + "key = EMU-1" + ")" * levels).where is not None
