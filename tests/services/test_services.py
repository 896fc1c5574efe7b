"""Every request of an app gets an answer, whatever it asks."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forge_emu.records import Log, RequestUnsupported
from forge_emu.services import Services
from tests.services.platforms import (
    KVS,
    STARGATE,
    ScriptedPlatform,
    engine,
    json_of,
    request,
    send_request,
)

APP_JIRA = {"type": "fpp", "provider": "app", "remote": "jira"}


@pytest.mark.parametrize(
    ("options", "path", "body", "name"),
    [
        (APP_JIRA, "/rest/api/3/issue/EMU-1", None, "requestJira()"),
        ({**APP_JIRA, "remote": "confluence"}, "/wiki/api/v2/pages", None, "requestConfluence()"),
        ({**APP_JIRA, "remote": "bitbucket"}, "/2.0/user", None, "requestBitbucket()"),
        (STARGATE, "/graphql", {"query": "{ me }"}, "requestGraph()"),
        (STARGATE, "/graphql/twg", {"query": "{ me }"}, "requestTeamworkGraph()"),
        (
            STARGATE,
            "/graphql",
            {"query": "mutation { createWebTriggerUrl(input: $i) { url } }"},
            "URLs of web triggers",
        ),
        (STARGATE, "/connected-data/x", None, "requestConnectedData()"),
        (STARGATE, "/forge/events/v1/app-events", {"events": []}, "appEvents.publish()"),
        (STARGATE, "/admin/v1/orgs", None, "'fpp/app/stargate' (POST /admin/v1/orgs)"),
        ({"type": "tpp", "provider": "google", "remote": "jira"}, "/x", None, "withProvider"),
        ({"type": "frc", "remote": "jira"}, "/x", None, "invokeRemote()"),
        ({"type": "fcc", "service": "s"}, "/x", None, "invokeService()"),
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


def test_defect_of_ours_is_500_with_a_record() -> None:
    """An exception that is no refusal becomes status 500, and the trace stands in the records."""
    platform = ScriptedPlatform(fault=ZeroDivisionError("we cannot count"))
    response = send_request(platform, "/api/v1/get", {"key": "k"}, KVS)
    [record] = platform.records

    assert response.status == 500
    assert json_of(response)["code"] == "EMULATOR_DEFECT"
    assert "we cannot count" in json_of(response)["message"]
    assert isinstance(record, Log)
    assert record.level == "error"
    assert "ZeroDivisionError" in record.message


def test_late_request_is_answered_and_warned_of_once_per_invocation() -> None:
    """A request after its invocation returned is served, with one warning for each invocation."""
    platform = ScriptedPlatform()
    services = Services(platform)
    answers = [
        services.answer_request(
            request("/api/v1/get", {"key": "k"}, KVS, invocation_id=who, late=True), 0
        )
        for who in ("inv-1", "inv-1", "inv-2", None)
    ]

    assert [a.status for a in answers] == [404, 404, 404, 404]
    assert [(r.level, r.invocation_id) for r in platform.records if isinstance(r, Log)] == [
        ("warn", "inv-1"),
        ("warn", "inv-2"),
    ]


def test_late_invocations_are_not_remembered_for_ever() -> None:
    """Memory for warnings is bounded, however many invocations call late."""
    platform = ScriptedPlatform()
    services = Services(platform)
    for i in range(1_500):
        services.answer_request(request("/x", invocation_id=f"inv-{i}", late=True), 0)

    assert len(services._late_invocations) == 1_000


def test_request_in_time_is_not_warned_of() -> None:
    """An awaited request leaves no warning."""
    platform = ScriptedPlatform()
    send_request(platform, "/api/v1/get", {"key": "k"}, KVS)

    assert platform.records == []


TEXTS = st.text(max_size=30)
BODIES = st.none() | TEXTS | st.binary(max_size=30).map(lambda b: b.decode("latin-1"))


@given(
    st.sampled_from(["kvs", "fpp", "tpp", ""]) | TEXTS,
    st.sampled_from(
        [
            "/api/v1/get",
            "/api/v1/set",
            "/webhook/queue/publish/x",
            "/webhook/queue/stats/x",
            "/webhook/queue/",
            "/forge/entities/graphql",
        ]
    )
    | TEXTS,
    st.sampled_from(["POST", "GET", "post"]),
    BODIES,
)
def test_nothing_an_app_sends_is_a_defect(kind: str, path: str, method: str, body: Any) -> None:
    """Whatever text the app sends, the answer is a status of Forge's, never ours."""
    response = Services(engine()).answer_request(
        request(path, body, {"type": kind}, method=method), 0
    )

    assert response.status in {400, 501}
