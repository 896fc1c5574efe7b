"""The payload of the events that apps publish themselves.

https://developer.atlassian.com/platform/forge/events-reference/app-events/ (2026-03-05)
"""

from __future__ import annotations

from typing import Final

from forge_emu.model import Json

PAGE: Final = "events-reference/app-events/"
SITE: Final = "ari:cloud:jira::site/00000000-0000-4000-8000-000000000014"
ENVIRONMENT: Final = "00000000-0000-4000-8000-000000000013"


def app_event_payload(event: str, name: str, site: str, environment: str) -> dict[str, Json]:
    """What every app gets that listens to `event`. An app cannot add anything to it.

    `name` is that of the event module, `environment` the id of the publishing app's environment.
    The context and its token are those of the trigger that gets it.
    """
    return {
        "workspaceId": site,
        "eventType": event,
        "name": name,
        "environmentId": environment,
        "environmentType": "DEVELOPMENT",
        "environmentKey": "default",
    }
