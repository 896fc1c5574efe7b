"""App events (`appEvents.publish` of `@forge/events`): not emulated, and said so."""

from __future__ import annotations

from typing import Final

from forge_emu.model import Instant
from forge_emu.ports import AppRequest, AppResponse
from forge_emu.services.platform import Platform, not_emulated_response

PATH: Final = "/forge/events/v1/app-events"


def reply(platform: Platform, request: AppRequest, now: Instant) -> AppResponse:
    """The answer to `appEvents.publish`: a refusal that names it."""
    advice = "No event was published; publish() returns an error of type OTHER."
    return not_emulated_response(platform, request, "appEvents.publish()", advice, now)
