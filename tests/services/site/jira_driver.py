"""Calls the site's Jira as an app does, without an app."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import msgspec

from forge_emu.events import EventFactory, find_template
from forge_emu.model import Json
from forge_emu.records import RequestAnswered
from forge_emu.services.site.answering import reply
from forge_emu.services.site.call import NO_BODY, SiteCall
from forge_emu.site.jira.defaults import APP_ACCOUNT
from tests.services.platforms import EPOCH, ScriptedPlatform, request

APP = {"type": "fpp", "provider": "app", "remote": "jira"}
SCOPES = ("read:jira-work", "write:jira-work", "read:jira-user", "manage:jira-configuration",
          "manage:jira-project")  # fmt: skip


def with_issues(count: int, **overrides: Any) -> JiraDriver:
    """A site with the issues EMU-1 and on, which came of events."""
    jira = JiraDriver(**overrides)
    factory = EventFactory(find_template("issue-created"))
    for number in range(1, count + 1):
        event = factory.build_event(number, EPOCH, lambda: "e")
        jira.site.absorb_event(event.name, event.payload, EPOCH)
    return jira


class JiraDriver:
    """A site, and requests to it at an instant that only grows where a test says so."""

    def __init__(self, scopes: tuple[str, ...] = SCOPES, **overrides: Any) -> None:
        self.platform = ScriptedPlatform(overrides=overrides)
        self.platform.app = msgspec.structs.replace(self.platform.app, scopes=scopes)
        self.site = self.platform.site
        self.now = 0
        self.headers: dict[str, str] = {}

    def call(self, method: str, target: str, body: Json = NO_BODY) -> SiteCall:
        """A request as handlers get it, without a route."""
        query = target.partition("?")[2]
        return SiteCall(
            site=self.site, app=self.platform.app, now_ms=EPOCH + self.now, method=method,
            names={}, query=parse_qs(query, keep_blank_values=True), body=body,
            account=APP_ACCOUNT, as_app=True,
        )  # fmt: skip

    def send(
        self, method: str, path: str, body: Json = None, *, user: str | None = None
    ) -> tuple[int, Json]:
        """Status and body of the answer. Paths without `/rest` are those of version 3."""
        target = path if path.startswith("/rest") else f"/rest/api/3/{path}"
        options = {**APP, "provider": "user", "accountId": user} if user else APP
        app_request = request(target, body, options, method=method)
        answer = reply(self.platform, app_request, self.now)
        if answer is None:
            return 501, None
        self.headers = answer.headers
        return answer.status, msgspec.json.decode(answer.body) if answer.body else None

    @property
    def events(self) -> list[tuple[str, Any]]:
        """The events that calls have caused, each with its payload."""
        return [each[1:] for each in self.platform.calls if each[0] == "event"]

    @property
    def answered(self) -> list[RequestAnswered]:
        """The records of the calls."""
        return [each for each in self.platform.records if isinstance(each, RequestAnswered)]
