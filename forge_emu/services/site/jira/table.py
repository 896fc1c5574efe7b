"""Every operation of Jira that the site answers."""

from __future__ import annotations

from typing import Final

from forge_emu.services.site.jira import people
from forge_emu.services.site.routes import Route

_API: Final = "/rest/api/{version}"
_READ_USER: Final = ("read:jira-user", "read:user:jira")

JIRA_ROUTES: Final = (
    Route("GET", f"{_API}/myself", people.myself, _READ_USER, "identity"),
    Route("GET", f"{_API}/user", people.user, _READ_USER, "identity"),
)
