"""Accounts: the one of the call, others, and who watches an issue."""

from __future__ import annotations

from forge_emu.model import Json
from forge_emu.services.site.call import Answer, SiteCall
from forge_emu.services.site.jira.errors import bad_request, not_found
from forge_emu.services.site.jira.finding import find_issue
from forge_emu.services.site.paging import cut, page_bean, page_bounds
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
    word, account = (call.param("query") or "").lower(), call.param("accountId")
    found = [
        each
        for each in call.site.jira.users
        if (account is None or each.account == account)
        and any(part.startswith(word) for part in (*each.name.lower().split(), each.email.lower()))
    ]
    return _page(call, found)


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


def _watchers(call: SiteCall, issue: e.Issue) -> tuple[str, ...]:
    found = call.site.jira.watchers.get(issue.id)
    return found.accounts if found else ()


def _page(call: SiteCall, found: list[e.User]) -> Answer:
    start, size = page_bounds(call, 50, 1_000)
    page: list[Json] = [user_view(call.site.jira, x.account) for x in cut(found, start, size)]
    return Answer(body=page, objects=len(page))
