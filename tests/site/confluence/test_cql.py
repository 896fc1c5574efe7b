"""What a query in CQL finds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge_emu.site.confluence.cql import CqlError, parse_cql
from forge_emu.site.confluence.cql_search import Searcher
from forge_emu.site.confluence.writing import Writer
from forge_emu.site.dates import DAY
from forge_emu.site.site import Site

NOW = 1_800_000_000_000
"""2027-01-15T08:00:00Z, a Friday."""


def searcher() -> Searcher:
    """A site with a page a day, `one` to `three`, a blog post of today, and a comment."""
    wiki = Site().confluence
    above = "98305"
    for days, name in ((3, "one"), (2, "two"), (1, "three")):
        write = Writer(wiki, f"user-{name}", False, NOW - days * DAY)
        page = write.create(
            "page", f"Plan {name}", "65537", body=f"<p>About <b>{name}</b></p>", parent=above
        )
        write.add_label(page, "global", f"l-{name}")
        above = page.id
    write = Writer(wiki, "user-one", False, NOW)
    post = write.create("blogpost", "Planning ahead", "65537")
    write.create("comment", "Re: Planning ahead", "65537", container=post.id)
    return Searcher(wiki, "user-one", NOW)


@pytest.mark.parametrize(
    ("cql", "titles"),
    [
        ("type = page and title ~ plan", ["one", "two", "three"]),
        ("type=blogpost", ["ahead"]),
        ("title ~ 'plan*' and type in (page, blogpost)", ["one", "two", "three", "ahead"]),
        ('title = "plan ONE"', ["one"]),
        ("title != 'Plan one' and type = page and id != 98305", ["two", "three"]),
        ("text ~ 'about two'", ["two"]),
        ("label = l-one or label in (l-two, l-no)", ["one", "two"]),
        ("type = page and not (label = l-one or id = 98305)", ["two", "three"]),
        ("creator = currentUser() and type = page", ["one"]),
        ("space = EMU and space.type = global and type = blogpost", ["ahead"]),
        ("space = OTHER", []),
        ("ancestor = 200000000", ["two", "three"]),
        ("parent = 200000000", ["two"]),
        ("parent = 98305", ["one"]),
        ("created >= now('-2d') and type != comment", ["two", "three", "ahead"]),
        ("created > now('-2d') and type != comment", ["three", "ahead"]),
        ("created = 2027-01-14", ["three"]),
        ("created < '2027-01-14' and title ~ plan", ["one", "two"]),
        ("created <= 2027-01-13 and title ~ plan", ["one", "two"]),
        ("lastmodified >= startOfDay() and type = blogpost", ["ahead"]),
        ("created < startOfDay('-1d') and title ~ plan", ["one", "two"]),
        ("created >= startOfWeek() and type = page", ["one", "two", "three"]),
        ("title ~ plan AND type = page ORDER BY title DESC", ["two", "three", "one"]),
        ("title ~ plan order by created desc", ["three", "two", "one"]),
    ],
)
def test_what_is_found(cql: str, titles: list[str]) -> None:
    """By every field, operator and function that is built."""
    found = searcher().search(parse_cql(cql))
    assert [each.title.split()[-1] for each in found] == titles


@pytest.mark.parametrize(
    ("cql", "text"),
    [
        ("typ = page", "No field exists with name: typ"),
        ("title > 5", "The operator > is not supported for the field title"),
        ("type =", "Could not parse cql"),
        ("(type = page", "at its end"),
        ("type = page)", "at ')'"),
        ("order by colour", "Cannot order by colour"),
        ("created > yesterday", "'yesterday' of created is no date"),
        ("created > now('soon')", "now('soon') is no time"),
        ("created > never()", "never() is not built"),
        ("creator = someone()", "someone() is not built"),
    ],
)
def test_what_is_refused(cql: str, text: str) -> None:
    """With the words of the query."""
    with pytest.raises(CqlError, match=r".*") as caught:
        searcher().search(parse_cql(cql))
    assert text in str(caught.value)


@given(st.text(alphabet="type=page()~ando\"'rby<>!,in 12-", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """And nothing else is raised."""
    try:
        searcher().search(parse_cql(text))
    except CqlError as error:
        assert str(error)  # noqa: PT017  # either outcome is right
