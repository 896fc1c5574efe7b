"""Jira's things as its REST API shows them."""

from __future__ import annotations

from typing import Final

from forge_emu.model import Json
from forge_emu.site.jira.jira_site import JiraSite

BASE: Final = "https://emu.atlassian.net"
"""The address of the site, as payloads of events have it."""


def self_url(path: str, version: str = "3") -> str:
    """The address of a thing, such as `issue/10001`."""
    return f"{BASE}/rest/api/{version}/{path}"


def avatar_urls(path: str) -> dict[str, str]:
    """The four sizes of a picture."""
    sizes = {"48x48": "", "24x24": "?size=small", "16x16": "?size=xsmall", "32x32": "?size=medium"}
    return {
        name: f"{BASE}/rest/api/3/universal_avatar/{path}{size}" for name, size in sizes.items()
    }


def user_view(site: JiraSite, account: str | None, *, details: bool = False) -> Json:
    """A person; None for nobody."""
    if account is None:
        return None
    user = site.users.get(account)
    view: dict[str, Json] = {
        "self": self_url(f"user?accountId={account}"),
        "accountId": account,
        "avatarUrls": avatar_urls("view/type/user/avatar/10500"),
        "displayName": user.name if user else "Former user",
        "active": user.active if user else False,
        "timeZone": "Etc/UTC",
        "accountType": user.type if user else "atlassian",
    }
    if details:
        none = {"size": 0, "items": []}
        view |= {"locale": "en_US", "groups": none, "applicationRoles": none}
    return view
