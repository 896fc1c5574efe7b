"""The mock that a refusal proposes is one that the reader takes, and that answers the request."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from forge_emu.appdir import load_settings
from forge_emu.records import RequestRefused, RequestUnsupported
from forge_emu.services.mocks.mock import Mock
from forge_emu.services.mocks.proposals import proposed_mock, proposed_pattern
from forge_emu.services.mocks.request_pattern import METHODS
from forge_emu.services.services import Services
from tests.services.platforms import STARGATE, ScriptedPlatform, request

REFUSED: list[tuple[dict[str, Any], str, str]] = [
    ({"type": "fpp", "provider": "app", "remote": "jira"}, "GET", "/rest/api/3/dashboard/7?a=1"),
    (
        {"type": "fpp", "provider": "user", "remote": "confluence"},
        "PUT",
        "/wiki/api/v2/whiteboards/7",
    ),
    ({"type": "fpp", "provider": "app", "remote": "bitbucket"}, "GET", "/2.0/user"),
    (STARGATE, "POST", "/graphql"),
    (STARGATE, "POST", "/graphql/twg"),
    (STARGATE, "GET", "/connected-data/x"),
    (STARGATE, "GET", "/admin/v1/orgs"),
    ({"type": "sql", "provider": "app", "remote": "sql"}, "POST", "/api/v1/execute"),
    ({"type": "os", "provider": "app", "remote": "os"}, "POST", "api/v1/upload-url"),
    ({"type": "llm"}, "POST", "https://llm/claude-sonnet-4"),
    ({"type": "realtime"}, "POST", "/"),
    ({"type": "tpp", "provider": "google", "remote": "r"}, "GET", "/userinfo/v2/me"),
    ({"type": "frc", "remote": "r"}, "POST", "/x/a b/{c}*'d"),
    ({"type": "fcc", "service": "s"}, "DELETE", "/x"),
    ({"type": "emails"}, "POST", ""),
    ({"type": "egress"}, "POST", "https://u:p@api.example.com:8443/v1/chat?key=1"),
    ({"type": "egress"}, "GET", "http://[::1]:8080/x"),
    ({"type": "egress"}, "GET", "https://api.example.com"),
]


def read_mocks(folder: Path, line: str) -> tuple[Mock, ...]:
    """What the reader makes of a file with the one mock."""
    (folder / "forge-emu.yml").write_text(f"mocks:\n  - {line}\n", encoding="utf-8")
    return load_settings(folder).mocks


@pytest.mark.parametrize(("options", "method", "path"), REFUSED, ids=lambda value: str(value)[:60])
def test_every_refusal_proposes_a_mock_that_answers(
    tmp_path: Path, options: dict[str, Any], method: str, path: str
) -> None:
    """As it stands in the record, whatever was asked for."""
    platform = ScriptedPlatform(egress=("*",))
    services = Services(platform)
    services.egress.network = "held_back"
    asked = request(path, None, options, method=method)
    services.answer_request(asked, 0)
    (record,) = platform.records
    assert isinstance(record, RequestRefused | RequestUnsupported)
    assert record.mock is not None
    assert record.mock in record.message

    services.mocks = read_mocks(tmp_path, record.mock)

    is_plain_http = path.startswith("http://") and "[::1]" not in path
    assert is_plain_http or services.answer_request(asked, 0).status == 200


@pytest.mark.parametrize(
    ("path", "pattern"),
    [
        ("/rest/api/3/issue/EMU-12/comment/10001", "/rest/api/3/issue/{key}/comment/{id}"),
        ("/rest/agile/1.0/board/3/sprint/4", "/rest/agile/1.0/board/{id}/sprint/{id2}"),
        ("/x/0b1f6a5e-3c49-4f0e-8e0b-5f5b0f6d7a11", "/x/{uuid}"),
        ("/user/712020:0b1f6a5e-3c49-4f0e-8e0b-5f5b0f6d7a11", "/user/{accountId}"),
        ("/user/5b10ac8d82e05b22cc7d4ef5", "/user/{accountId}"),
        ("/a%20b/c d", "/a%20b/{part}"),
        ("/v/2/things", "/v/2/things"),
    ],
)
def test_ids_become_names(path: str, pattern: str) -> None:
    """And versions do not."""
    assert proposed_pattern("GET", path) == f"GET {pattern}"


def test_what_no_mock_can_answer_has_none() -> None:
    """Another method, a connection that is no HTTP, no host."""
    for method, path in (("PROPFIND", "/x"), ("TCP", "tcp://a:1"), ("GET", "https:///x")):
        assert proposed_mock(request(path, None, {}, method=method)) is None


@pytest.mark.parametrize(
    ("options", "path", "proposed"),
    [
        (STARGATE, "/graphql", "{operation: 'true', body: {data: {}}}"),
        (STARGATE, "/graphql/twg", "{operation: 'true', body: {data: {}}}"),
        (
            {"type": "egress"},
            "https://api.example.com/graphql",
            "{request: 'POST https://api.example.com/graphql', operation: 'true', "
            "body: {data: {}}}",
        ),
        (STARGATE, "/other", "{request: 'POST /other', body: {}}"),
    ],
)
def test_graphql_is_proposed_by_its_operation(
    tmp_path: Path, options: dict[str, Any], path: str, proposed: str
) -> None:
    """At the gateway without its path; whatever YAML would make of the name."""
    asked = request(path, {"query": "query true { me }"}, options)
    assert proposed_mock(asked) == proposed
    (mock,) = read_mocks(tmp_path, proposed)
    assert mock.match(asked) == {}
    other = request(path, {"query": "query other { me }"}, options)
    assert (mock.match(other) is None) is ("operation" in proposed)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(METHODS), st.text(max_size=30))
def test_any_path_has_a_mock_that_the_reader_takes(tmp_path: Path, method: str, path: str) -> None:
    """Quotes, braces, blanks and everything else."""
    asked = request(f"/{path}", None, {}, method=method)
    line = proposed_mock(asked)
    if line is not None:
        (mock,) = read_mocks(tmp_path, line)
        assert mock.match(asked) is not None
