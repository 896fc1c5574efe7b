"""Requests to products and remotes are answered by mocks, or refused by name."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from forge_emu.errors import Fault
from forge_emu.records import RequestMocked, RequestUnsupported
from forge_emu.services.services import Services
from tests.services.mocks.mock_driver import JIRA, answered, mock
from tests.services.platforms import (
    STARGATE,
    ScriptedPlatform,
    json_of,
    request,
    send_request,
)


def test_what_no_mock_answers_is_still_missing() -> None:
    """And the text says what to write."""
    response, record = answered([mock("GET /y")], "/x?a=1")
    assert response.status == 501
    assert isinstance(record, RequestUnsupported)
    assert "{request: 'GET /x', body: {}}" in record.message


def test_a_struck_request_is_refused_and_recorded() -> None:
    """With the fault's status, not the mock's."""
    body = {"message": "struck", "errorMessages": ["struck"]}
    platform = ScriptedPlatform(fault=Fault(503, body))
    services = Services(platform)
    services.mocks = [mock("GET /x", body="fine")]
    response = services.answer_request(request("/x", None, JIRA, method="GET"), 0)
    assert (response.status, msgspec.json.decode(response.body)) == (503, body)
    (record,) = platform.records
    assert isinstance(record, RequestMocked)
    assert record.status == 503


APP_JIRA = {"type": "fpp", "provider": "app", "remote": "jira"}


@pytest.mark.parametrize(
    ("options", "path", "body", "name"),
    [
        (APP_JIRA, "/rest/api/3/issue/EMU-1", None, "requestJira()"),
        (
            {**APP_JIRA, "remote": "confluence"},
            "/wiki/api/v2/whiteboards",
            None,
            "requestConfluence()",
        ),
        ({**APP_JIRA, "remote": "bitbucket"}, "/2.0/user", None, "requestBitbucket()"),
        (STARGATE, "/graphql", {"query": "{ me }"}, "requestGraph()"),
        (STARGATE, "/graphql/twg", {"query": "{ me }"}, "requestTeamworkGraph()"),
        (STARGATE, "/connected-data/x", None, "requestConnectedData()"),
        (STARGATE, "/admin/v1/orgs", None, "'fpp/app/stargate' (POST /admin/v1/orgs)"),
        (
            {"type": "tpp", "provider": "google", "remote": "jira"},
            "/x",
            None,
            "withProvider('google', 'jira')",
        ),
        ({"type": "emails"}, "/x", None, "e-mail"),
        ({}, "/x", None, "service ''"),
        ({"type": 7}, "", None, "service '7'"),
    ],
)
def test_what_is_missing_is_named(options: dict[str, Any], path: str, body: Any, name: str) -> None:
    """Nothing beyond queue and store succeeds silently: 501 in the author's words, and a record."""
    platform = ScriptedPlatform()
    response = send_request(platform, path, body, options)
    record = platform.records[0]

    assert response.status == 501
    assert json_of(response)["code"] == "NOT_EMULATED"
    assert name in json_of(response)["message"]
    assert json_of(response)["errorMessages"] == [json_of(response)["message"]]
    assert isinstance(record, RequestUnsupported)
    assert (record.method, record.path, record.invocation_id) == ("POST", path, "inv-1")
