"""Fields that an issue has through other things: its status, parent, sprints, votes, place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from forge_emu.site.collection import Collection, id_order
from forge_emu.site.jira import entities as e
from forge_emu.site.jira.agile.sprints import sprints_of
from forge_emu.site.jira.jira_site import JiraSite
from forge_emu.site.jql.field import JqlField, key_order


def category_field(site: JiraSite) -> JqlField:
    def values(issue: e.Issue) -> Iterable[str]:
        status = site.statuses.get(issue.status)
        return _CATEGORY_WORDS.get(status.category, ()) if status else ()

    def sort_key(issue: e.Issue) -> int:
        status = site.statuses.get(issue.status)
        return order.index(status.category) if status and status.category in order else len(order)

    order = list(_CATEGORY_WORDS)
    known = {word for words in _CATEGORY_WORDS.values() for word in words}
    return JqlField("statusCategory", "name", values, known.__contains__, sort_key)


_CATEGORY_WORDS: Final = {
    "new": ("new", "to do", "2"),
    "indeterminate": ("indeterminate", "in progress", "4"),
    "done": ("done", "complete", "3"),
    "undefined": ("undefined", "no category", "1"),
}


def parent_field(site: JiraSite) -> JqlField:
    def values(issue: e.Issue) -> Iterable[str]:
        parent = site.issues.get(str(issue.fields.get("parent") or ""))
        return (parent.key.lower(), parent.id) if parent else ()

    def exists(text: str) -> bool:
        return site.issues.find(text.upper()) is not None

    def sort_key(issue: e.Issue) -> tuple[bool, tuple[str, int]]:
        parent = site.issues.get(str(issue.fields.get("parent") or ""))
        return (False, key_order(parent)) if parent else (True, ("", 0))

    return JqlField("parent", "name", values, exists, sort_key)


def sprint_field(site: JiraSite) -> JqlField:
    """By id or name; the states are those that `openSprints()` and its like ask for."""

    def values(issue: e.Issue) -> Iterable[str]:
        return [w for x in sprints_of(site, issue) for w in (x.id, x.name.lower(), f"{x.state}()")]

    def exists(text: str) -> bool:
        return any(text in (each.id, each.name.lower()) for each in site.sprints)

    def sort_key(issue: e.Issue) -> tuple[bool, tuple[int, int, str]]:
        ids = [id_order(each.id) for each in sprints_of(site, issue)]
        return (False, max(ids)) if ids else (True, (0, 0, ""))

    return JqlField("sprint", "name", values, exists, sort_key)


def rank_field(site: JiraSite) -> JqlField:
    """The place on boards: the oldest first, which is an emulator choice as no call changes it."""
    del site
    return JqlField(
        "rank", "value", lambda issue: (issue.id,), sort_key=lambda issue: id_order(issue.id)
    )


def count_field(
    name: str, counted: Callable[[JiraSite], Collection[e.Watchers]]
) -> Callable[[JiraSite], JqlField]:
    """How many accounts watch an issue, or vote for it."""

    def make(site: JiraSite) -> JqlField:
        def count(issue: e.Issue) -> int:
            found = counted(site).get(issue.id)
            return len(found.accounts) if found else 0

        return JqlField(name, "value", lambda issue: (str(count(issue)),), sort_key=count)

    return make
