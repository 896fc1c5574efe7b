"""What a user writes of a site: people, projects, issues, spaces and pages, put on it at once."""

from __future__ import annotations

from typing import Any

import msgspec

from forge_emu.model import Json
from forge_emu.site.collection import Collection
from forge_emu.site.confluence import entities as wiki
from forge_emu.site.dates import read_time
from forge_emu.site.jira import entities as e
from forge_emu.site.jira.defaults import REPORTER
from forge_emu.site.site import Site
from forge_emu.site.sprint_content import GivenSprint, add_sprints, find_mistakes


class _Given(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel"):
    pass


class GivenUser(_Given, frozen=True):
    """A person."""

    account_id: str
    name: str
    email: str = ""
    type: str = "atlassian"


class GivenProject(_Given, frozen=True):
    """A project of Jira."""

    key: str
    name: str = ""
    lead: str | None = None
    type: str = "software"


class GivenIssue(_Given, frozen=True):
    """An issue. Without a key it is the next one of `project`; names are those of the site."""

    summary: str
    key: str | None = None
    project: str = "EMU"
    type: str = "Task"
    status: str = "To Do"
    priority: str = "Medium"
    assignee: str | None = None
    reporter: str | None = None
    labels: list[str] = []
    description: str | None = None
    created: str | None = None
    fields: dict[str, Json] = {}
    comments: list[str] = []


class GivenSpace(_Given, frozen=True):
    """A space of Confluence."""

    key: str
    name: str = ""
    description: str = ""


class GivenPage(_Given, frozen=True):
    """A page or a blog post. `parent` is the title of a page of the space."""

    title: str
    space: str = "EMU"
    type: str = "page"
    body: str = ""
    parent: str | None = None
    labels: list[str] = []
    author: str | None = None
    created: str | None = None


class SiteContent(_Given, frozen=True):
    """What is to be on the site."""

    users: list[GivenUser] = []
    projects: list[GivenProject] = []
    issues: list[GivenIssue] = []
    sprints: list[GivenSprint] = []
    spaces: list[GivenSpace] = []
    pages: list[GivenPage] = []


class ContentError(Exception):
    """Something names what is not on the site. `path` leads to it: `issues`, 3, `status`."""

    def __init__(self, path: tuple[str | int, ...], message: str) -> None:
        super().__init__(message)
        self.path = path


def add_content(site: Site, content: SiteContent, now_ms: int) -> int:
    """Put what `content` has on the site; answers how many things were new. What is there by its
    key, account or title stays as it is. Raises ContentError, before anything has changed."""
    _check(site, content)
    before = count_things(site)
    for user in content.users:
        if user.account_id not in site.jira.users:
            site.jira.users.put(e.User(user.account_id, user.name, user.type, email=user.email))
    for project in content.projects:
        if site.jira.projects.find(project.key) is None:
            id, name = site.jira.projects.new_id(), project.name or project.key
            site.jira.projects.put(e.Project(id, project.key, name, project.type, project.lead))
    for issue in content.issues:
        if issue.key is None or site.jira.issues.find(issue.key) is None:
            _add_issue(site, issue, now_ms)
    add_sprints(site.jira, content.sprints, now_ms)
    for space in content.spaces:
        if site.confluence.spaces.find(space.key) is None:
            _add_space(site, space, now_ms)
    titles = _titles(site)
    for page in content.pages:
        if (page.space, page.type, page.title) not in titles:
            parent = titles.get((page.space, "page", page.parent or ""))
            titles[page.space, page.type, page.title] = _add_page(site, page, parent, now_ms)
    return count_things(site) - before


def count_things(site: Site) -> int:
    """How many projects, issues, comments, sprints, people, spaces and contents there are."""
    jira, confluence = site.jira, site.confluence
    parts: tuple[Collection[Any], ...] = (
        jira.projects, jira.issues, jira.comments, jira.sprints, jira.users,
        confluence.spaces, confluence.contents,
    )  # fmt: skip
    return sum(map(len, parts))


def _add_issue(site: Site, given: GivenIssue, now_ms: int) -> None:
    jira = site.jira
    key = given.key or jira.next_issue_key(given.project)
    jira.note_issue_key(key)
    project = jira.projects.find(key.rpartition("-")[0])
    assert project is not None  # checked before
    created = _instant(given.created, now_ms)
    fields: dict[str, Json] = dict(given.fields)
    if given.labels:
        fields["labels"] = list(given.labels)
    if given.description is not None:
        fields["description"] = document_of(given.description)
    reporter = given.reporter or REPORTER
    status = _named(jira.statuses, given.status)
    done = status is not None and status.category == "done"
    issue = jira.issues.put(
        e.Issue(
            jira.new_issue_id(key), key, project.id, _id_named(jira.issue_types, given.type),
            _id_named(jira.statuses, given.status), given.summary, reporter, reporter,
            given.assignee, created, created, _id_named(jira.priorities, given.priority),
            "10000" if done else None, fields,
        )
    )  # fmt: skip
    for text in given.comments:
        body = document_of(text)
        jira.comments.put(
            e.Comment(jira.comments.new_id(), issue.id, reporter, body, created, created)
        )


def _add_space(site: Site, given: GivenSpace, now_ms: int) -> None:
    confluence, name = site.confluence, given.name or given.key
    id, home = confluence.spaces.new_id(), confluence.contents.new_id()
    confluence.spaces.put(
        wiki.Space(
            id, given.key, name, REPORTER, now_ms, homepage=home, description=given.description
        )
    )
    version = wiki.Version(1, REPORTER, now_ms)
    confluence.contents.put(
        wiki.Content(home, "page", f"{name} Home", id, REPORTER, now_ms, version, owner=REPORTER)
    )


def _add_page(site: Site, given: GivenPage, above: str | None, now_ms: int) -> str:
    confluence = site.confluence
    space = confluence.spaces.find(given.space)
    assert space is not None  # checked before
    author, created = given.author or REPORTER, _instant(given.created, now_ms)
    parent = above or space.homepage
    page = confluence.contents.put(
        wiki.Content(
            confluence.contents.new_id(), given.type, given.title, space.id, author, created,
            wiki.Version(1, author, created), parent=parent if given.type == "page" else None,
            owner=author, body=given.body,
        )
    )  # fmt: skip
    for name in given.labels:
        label = confluence.label("global", name)
        confluence.label_uses.put(wiki.LabelUse(f"content/{page.id}", label.id))
    return page.id


def document_of(text: str) -> Json:
    """Text as a document of the Atlassian Document Format, a paragraph for each line."""
    lines = text.splitlines()
    return {
        "type": "doc",
        "version": 1,
        "content": [
            {"type": "paragraph", "content": [{"type": "text", "text": line}] if line else []}
            for line in lines
        ],
    }


def _check(site: Site, content: SiteContent) -> None:
    """Whether everything that is named is there, or is made before. Raises ContentError."""
    jira = site.jira
    projects = {each.key for each in (*jira.projects, *content.projects)}
    people = {each.account for each in jira.users} | {each.account_id for each in content.users}
    spaces = {each.key for each in (*site.confluence.spaces, *content.spaces)}
    catalogues: dict[str, Collection[Any]] = {
        "type": jira.issue_types, "status": jira.statuses, "priority": jira.priorities,
    }  # fmt: skip
    for n, issue in enumerate(content.issues):
        key = issue.key.rpartition("-")[0] if issue.key is not None else issue.project
        if issue.key is not None and not issue.key.rpartition("-")[2].isdecimal():
            raise ContentError(("issues", n, "key"), f"{issue.key!r} is no key of an issue")
        if key not in projects:
            place = "project" if issue.key is None else "key"
            raise ContentError(("issues", n, place), f"there is no project {key!r}")
        for name, collection in catalogues.items():
            value = getattr(issue, name)
            if _named(collection, value) is None:
                known = ", ".join(each.name for each in collection)
                raise ContentError(
                    ("issues", n, name), f"there is no {name} {value!r}; there are: {known}"
                )
        for name in ("assignee", "reporter"):
            _check_account(getattr(issue, name), people, ("issues", n, name))
        _check_time(issue.created, ("issues", n, "created"))
    keys = {issue.key for issue in content.issues if issue.key is not None}
    for path, message in find_mistakes(jira, content.sprints, keys):
        raise ContentError(path, message)
    titles = set(_titles(site))
    for n, page in enumerate(content.pages):
        if page.space not in spaces:
            raise ContentError(("pages", n, "space"), f"there is no space {page.space!r}")
        if page.type not in ("page", "blogpost"):
            raise ContentError(("pages", n, "type"), f"{page.type!r} is neither page nor blogpost")
        if page.parent and (page.space, "page", page.parent) not in titles:
            message = f"there is no page {page.parent!r} in {page.space} before this one"
            raise ContentError(("pages", n, "parent"), message)
        titles.add((page.space, page.type, page.title))
        _check_account(page.author, people, ("pages", n, "author"))
        _check_time(page.created, ("pages", n, "created"))


def _check_account(account: str | None, known: set[str], path: tuple[str | int, ...]) -> None:
    if account is not None and account not in known:
        raise ContentError(
            path, f"there is no user {account!r}; users are named by their accountId"
        )


def _check_time(text: str | None, path: tuple[str | int, ...]) -> None:
    if text is not None and read_time(text) is None:
        raise ContentError(path, f"{text!r} is no time: write 2026-11-24 or 2026-11-24T10:00:00Z")


def _instant(text: str | None, now_ms: int) -> int:
    found = read_time(text) if text is not None else None
    return now_ms if found is None else found


def _named(collection: Collection[Any], name: str) -> Any:
    return next((each for each in collection if each.name.lower() == name.lower()), None)


def _id_named(collection: Collection[Any], name: str) -> str:
    return str(_named(collection, name).id)


def _titles(site: Site) -> dict[tuple[str, str, str], str]:
    """The id of each page and blog post, by the key of its space, its type and its title."""
    keys = {each.id: each.key for each in site.confluence.spaces}
    return {
        (keys[each.space], each.type, each.title): each.id
        for each in site.confluence.of_type("page", "blogpost")
        if each.space in keys
    }
