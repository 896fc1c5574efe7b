"""Calls the site's Confluence as an app does, without an app."""

from __future__ import annotations

from typing import Any

import msgspec

from forge_emu.model import Json
from forge_emu.services.site.answering import reply
from tests.services.platforms import ScriptedPlatform, request

APP = {"type": "fpp", "provider": "app", "remote": "confluence"}
SCOPES = (
    "read:confluence-content.all", "read:confluence-content.summary", "write:confluence-content",
    "read:confluence-space.summary", "write:confluence-space", "read:confluence-user",
    "search:confluence",
)  # fmt: skip


class ConfluenceDriver:
    """A site, and requests to it at an instant that only grows where a test says so."""

    def __init__(self, scopes: tuple[str, ...] = SCOPES) -> None:
        self.platform = ScriptedPlatform()
        self.platform.app = msgspec.structs.replace(self.platform.app, scopes=scopes)
        self.site = self.platform.site
        self.now = 0
        self.headers: dict[str, str] = {}

    def send(
        self, method: str, path: str, body: Json = None, *, user: str | None = None
    ) -> tuple[int, Any]:
        """Status and body of the answer. Paths begin behind `/wiki/`; others are of version 2."""
        target = path if path.startswith("/") else f"/wiki/api/v2/{path}"
        options = {**APP, "provider": "user", "accountId": user} if user else APP
        answer = reply(self.platform, request(target, body, options, method=method), self.now)
        if answer is None:
            return 501, None
        self.headers = dict(answer.headers)
        return answer.status, msgspec.json.decode(answer.body) if answer.body else None

    def new_page(self, title: str, **fields: Json) -> str:
        """The id of a page that an app makes."""
        body = {"representation": "storage", "value": f"<p>{title}</p>"}
        given = {"spaceId": "65537", "status": "current", "title": title, "body": body, **fields}
        status, answer = self.send("POST", "pages", given)
        assert status == 200, answer
        return str(answer["id"])

    @property
    def events(self) -> list[tuple[str, Any]]:
        """The events that calls have caused, each with its payload."""
        return [each[1:3] for each in self.platform.calls if each[0] == "event"]
