"""Accounts: the one of the call, others, and who watches an issue or votes for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from forge_emu import settings as s
from forge_emu.model import Json
from forge_emu.services.site.call import Answer, SiteCall
from forge_emu.services.site.jira.errors import bad_request, not_found
from forge_emu.services.site.jira.finding import find_issue
from forge_emu.services.site.paging import cut, page_bean, page_bounds
from forge_emu.services.site.routes import Route
from forge_emu.site.jira import entities as e
from forge_emu.site.jira.views import self_url, user_view


def myself(call: SiteCall) -> Answer:
    """`GET /rest/api/3/myself`."""
    return Answer(body=user_view(call.site.jira, call.account, details=True))


def user(call: SiteCall) -> Answer:
    """`GET /rest/api/3/user?accountId=`."""
    account = call.param("accountId") or ""
    if account not in call.site.jira.users:
        raise not_found("Specified user does not exist or you do not have required permissions")
    return Answer(body=user_view(call.site.jira, account, details=True))


def all_users(call: SiteCall) -> Answer:
    """`GET /rest/api/3/users/search`, and `users`."""
    return _page(call, list(call.site.jira.users))


def search_users(call: SiteCall) -> Answer:
    """`GET /rest/api/3/user/search?query=`, and who can be assigned."""
    account = call.param("accountId")
    found = [
        each
        for each in call.site.jira.users
        if (account is None or each.account == account) and _matches(each, call)
    ]
    return _page(call, found)


def assignable_in_projects(call: SiteCall) -> Answer:
    """`GET /rest/api/3/user/assignable/multiProjectSearch?projectKeys=`: everybody is, in each."""
    keys = call.params("projectKeys")
    if not keys:
        raise bad_request("The projectKeys parameter is required.")
    for key in keys:
        if call.site.jira.projects.find(key) is None:
            raise not_found(f"No project could be found with key '{key}'.")
    return search_users(call)


def pick_users(call: SiteCall) -> Answer:
    """`GET /rest/api/3/user/picker?query=`."""
    site, excluded = call.site.jira, call.params("excludeAccountIds")
    matching = [x for x in site.users if _matches(x, call) and x.account not in excluded]
    shown = matching[: min(call.int_param("maxResults", 50), 1_000)]
    users: list[Json] = [
        {
            "accountId": each.account,
            "accountType": each.type,
            "html": each.name,
            "displayName": each.name,
        }
        for each in shown
    ]
    header = f"Showing {len(shown)} of {len(matching)} matching users"
    body: dict[str, Json] = {"users": users, "total": len(matching), "header": header}
    return Answer(body=body, objects=len(shown))


def bulk_users(call: SiteCall) -> Answer:
    """`GET /rest/api/3/user/bulk?accountId=&accountId=`."""
    accounts = call.params("accountId")
    if not accounts:
        raise bad_request("The list of account IDs cannot be empty.")
    site = call.site.jira
    found = [user_view(site, each) for each in dict.fromkeys(accounts) if each in site.users]
    start, size = page_bounds(call, 10, 200)
    body = page_bean(found, start, size, self=self_url("user/bulk"))
    return Answer(body=body, objects=len(cut(found, start, size)))


def list_watchers(call: SiteCall) -> Answer:
    """`GET /rest/api/3/issue/{issueIdOrKey}/watchers`."""
    issue, site = find_issue(call), call.site.jira
    accounts = _watchers(call, issue)
    body = {
        "self": self_url(f"issue/{issue.key}/watchers"),
        "isWatching": call.account in accounts,
        "watchCount": len(accounts),
        "watchers": [user_view(site, each) for each in accounts],
    }
    return Answer(body=body, objects=len(accounts))


def add_watcher(call: SiteCall) -> Answer:
    """`POST /rest/api/3/issue/{issueIdOrKey}/watchers`: an account, or the one of the call."""
    issue = find_issue(call)
    account = call.body if isinstance(call.body, str) else call.account or ""
    if account not in call.site.jira.users:
        raise not_found("Specified user does not exist or you do not have required permissions")
    accounts = dict.fromkeys((*_watchers(call, issue), account))
    call.site.jira.watchers.put(e.Watchers(issue.id, tuple(accounts)))
    return Answer(204)


def remove_watcher(call: SiteCall) -> Answer:
    """`DELETE /rest/api/3/issue/{issueIdOrKey}/watchers?accountId=`."""
    issue, account = find_issue(call), call.param("accountId")
    rest = tuple(each for each in _watchers(call, issue) if each != account)
    call.site.jira.watchers.put(e.Watchers(issue.id, rest))
    return Answer(204)


def list_votes(call: SiteCall) -> Answer:
    """`GET /rest/api/3/issue/{issueIdOrKey}/votes`."""
    issue, site = find_issue(call), call.site.jira
    accounts = _voters(call, issue)
    body = {
        "self": self_url(f"issue/{issue.key}/votes"),
        "votes": len(accounts),
        "hasVoted": call.account in accounts,
        "voters": [user_view(site, each) for each in accounts],
    }
    return Answer(body=body, objects=len(accounts))


def add_vote(call: SiteCall) -> Answer:
    """`POST /rest/api/3/issue/{issueIdOrKey}/votes`: that of the one who calls."""
    issue = find_issue(call)
    accounts = dict.fromkeys((*_voters(call, issue), call.account or ""))
    call.site.jira.votes.put(e.Watchers(issue.id, tuple(accounts)))
    return Answer(204)


def remove_vote(call: SiteCall) -> Answer:
    """`DELETE /rest/api/3/issue/{issueIdOrKey}/votes`."""
    issue = find_issue(call)
    rest = tuple(each for each in _voters(call, issue) if each != call.account)
    call.site.jira.votes.put(e.Watchers(issue.id, rest))
    return Answer(204)


def email(call: SiteCall) -> Answer:
    """`GET /rest/api/3/user/email?accountId=`."""
    return Answer(body=_email_view(call, call.param("accountId") or ""))


def bulk_emails(call: SiteCall) -> Answer:
    """`GET /rest/api/3/user/email/bulk?accountId=&accountId=`."""
    found: list[Json] = [_email_view(call, each) for each in call.params("accountId")]
    return Answer(body=found, objects=len(found))


def _email_view(call: SiteCall, account: str) -> Json:
    user = call.site.jira.users.get(account)
    if user is None:
        raise not_found("Specified user does not exist or you do not have required permissions")
    return {"accountId": account, "email": user.email}


def _matches(user: e.User, call: SiteCall) -> bool:
    """Whether a part of the name, or the address, begins with the query."""
    word = (call.param("query") or "").lower()
    return any(part.startswith(word) for part in (*user.name.lower().split(), user.email.lower()))


def _voters(call: SiteCall, issue: e.Issue) -> tuple[str, ...]:
    found = call.site.jira.votes.get(issue.id)
    return found.accounts if found else ()


def _watchers(call: SiteCall, issue: e.Issue) -> tuple[str, ...]:
    found = call.site.jira.watchers.get(issue.id)
    return found.accounts if found else ()


def _page(call: SiteCall, found: list[e.User]) -> Answer:
    start, size = page_bounds(call, 50, 1_000)
    page: list[Json] = [user_view(call.site.jira, x.account) for x in cut(found, start, size)]
    return Answer(body=page, objects=len(page))


_READ: Final = ("read:jira-work", "read:issue:jira", "read:issue-details:jira")
_WRITE: Final = ("write:jira-work", "write:issue:jira")
_READ_USER: Final = ("read:jira-user", "read:user:jira")


def _routes() -> Iterator[Route]:
    api, issue = "/rest/api/{version}", "/rest/api/{version}/issue/{issue}"
    kinds = (
        ("watchers", "watcher", list_watchers, add_watcher, remove_watcher),
        ("votes", "vote", list_votes, add_vote, remove_vote),
    )
    for name, scope, reader, adder, remover in kinds:
        path, write = f"{issue}/{name}", (*_WRITE, f"write:issue.{scope}:jira")
        yield Route("GET", path, reader, (*_READ, f"read:issue.{scope}:jira"))
        yield Route("POST", path, adder, write, "write", "issue")
        yield Route("DELETE", path, remover, write, "write", "issue")
    readers = (
        ("myself", myself), ("user/search", search_users), ("user/assignable/search", search_users),
        ("user/assignable/multiProjectSearch", assignable_in_projects), ("user/picker", pick_users),
        ("user/bulk", bulk_users), ("users/search", all_users), ("users", all_users),
    )  # fmt: skip
    for name, handle in readers:
        yield Route("GET", f"{api}/{name}", handle, _READ_USER, "identity")
    yield Route("GET", f"{api}/user", user, _READ_USER, "identity", burst=s.JIRA_USER_GETS)
    emails = ("read:jira-user", "read:email-address:jira")
    yield Route("GET", f"{api}/user/email", email, emails, "identity")
    yield Route("GET", f"{api}/user/email/bulk", bulk_emails, emails, "identity")


ROUTES: Final = tuple(_routes())
"""Operations on accounts, watchers and votes."""
