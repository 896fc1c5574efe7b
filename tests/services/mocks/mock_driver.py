"""Mocks, and what they answer."""

from __future__ import annotations

from typing import Any

from forge_emu.services.mocks.mock import Mock, MockAnswer
from forge_emu.services.mocks.request_pattern import parse_pattern
from forge_emu.services.services import Services
from tests.services.platforms import ScriptedPlatform, request

JIRA = {"type": "fpp", "provider": "app", "remote": "jira"}
WIKI = {**JIRA, "remote": "confluence"}
ISSUE = "GET /rest/api/3/issue/{key}"


def mock(pattern: str, product: str | None = None, request_body: Any = None, **fields: Any) -> Mock:
    """A mock of the fourth line with one answer."""
    answers = (MockAnswer(**fields),)
    return Mock("forge-emu.yml:4", parse_pattern(pattern), product, answers, request_body)


def answered(
    mocks: list[Mock],
    path: str,
    method: str = "GET",
    options: Any = JIRA,
    egress: tuple[str, ...] = (),
) -> Any:
    """Status and body of the answer, and the record of it."""
    platform = ScriptedPlatform(egress=egress)
    services = Services(platform)
    services.mocks = mocks
    response = services.answer_request(request(path, None, options, method=method), 0)
    (record,) = platform.records
    return response, record
