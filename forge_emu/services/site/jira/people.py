"""Accounts: the user in whose name a call comes, and others."""

from __future__ import annotations

from forge_emu.services.site.call import Answer, SiteCall
from forge_emu.services.site.jira.errors import not_found
from forge_emu.site.jira.views import user_view


def myself(call: SiteCall) -> Answer:
    """`GET /rest/api/3/myself`."""
    return Answer(body=user_view(call.site.jira, call.account, details=True))


def user(call: SiteCall) -> Answer:
    """`GET /rest/api/3/user?accountId=`."""
    account = call.param("accountId") or ""
    if account not in call.site.jira.users:
        raise not_found("Specified user does not exist or you do not have required permissions")
    return Answer(body=user_view(call.site.jira, account, details=True))
