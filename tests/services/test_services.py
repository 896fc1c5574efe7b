"""Every request of an app gets an answer, whatever it asks."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from forge_emu.records import Log, RequestLost
from forge_emu.services.services import Services, service_kind
from tests.services.mocks.mock_driver import JIRA, mock
from tests.services.platforms import (
    KVS,
    ScriptedPlatform,
    engine,
    json_of,
    request,
    send_request,
)


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


def test_calls_of_an_invocation_that_was_given_up_are_refused() -> None:
    """Whatever it calls has no effect; each call is on record, up to a number."""
    platform = ScriptedPlatform()
    services = Services(platform)
    calls = [("/api/v1/set", KVS), ("/webhook/queue/publish/x", {}), ("/rest/api/3/issue", {})]
    for late in (False, True):
        for path, options in calls:
            given = request(path, {"key": "k"}, options, invocation_id="given-up", late=late)
            assert services.answer_request(given, 0).status == 503
    assert platform.calls == []
    assert [r.invocation_id for r in platform.records if isinstance(r, Log)] == ["given-up"] * 6
    for _ in range(100):
        services.answer_request(request("/x", invocation_id="given-up"), 0)
    assert len(platform.records) == 20


def test_a_lost_request_is_on_record() -> None:
    """With the call, its line and its invocation; a request before the return is never lost."""
    platform = ScriptedPlatform(loses=True)
    services = Services(platform)
    asked = request("/api/v1/get", {"key": "k"}, KVS, invocation_id="inv-1")
    assert not services.loses_request(asked, 0)
    assert services.loses_request(structs.replace(asked, late=True, place="src/index.js:3"), 0)
    assert platform.records == [
        RequestLost(call="kvs.get", target="k", place="src/index.js:3", invocation_id="inv-1")
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

    assert response.status in {400, 403, 501}


def test_no_mock_stands_before_the_store() -> None:
    """What is emulated is not mocked."""
    platform = ScriptedPlatform()
    services = Services(platform)
    services.mocks = [mock("POST /api/v1/get", status=500)]
    assert services.answer_request(request("/api/v1/get", {"key": "k"}, KVS), 0).status != 500
    assert platform.calls


def test_products_have_a_latency_of_their_own() -> None:
    """So have remotes; the platform's own services are not among them."""
    assert service_kind(request("/rest/api/3/myself", None, JIRA)) == "product"
    assert service_kind(request("/x", None, {"type": "frc", "remote": "backend"})) == "product"
    assert service_kind(request("/forge/events/v1/app-events", None, {"type": "fpp"})) == "other"
