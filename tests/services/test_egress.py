"""Requests to the outside: which rule they meet first, and what is on record of them."""

from __future__ import annotations

from typing import Any

import pytest

from forge_emu.ports import AppResponse, SentRequestEnded
from forge_emu.records import Log, RequestEnded, RequestMocked, RequestRefused, RequestSent
from forge_emu.services.egress import Network
from forge_emu.services.services import Services
from tests.services.mocks.mock_driver import mock
from tests.services.platforms import ScriptedPlatform, request

EGRESS = {"type": "egress"}
URL = "https://api.example.com/v1/chat"


class Outside:
    """The services above a platform that keeps the records."""

    def __init__(self, *egress: str, network: Network = "held_back", **options: Any) -> None:
        self.platform = ScriptedPlatform(egress=egress, **options)
        self.services = Services(self.platform)
        self.services.egress.network = network

    def ask(self, url: str = URL, method: str = "POST", **fields: Any) -> AppResponse:
        """The answer to a request to the outside."""
        asked = request(url, None, EGRESS, method=method, **fields)
        return self.services.answer_request(asked, 5)

    def refusals(self) -> list[RequestRefused]:
        """What was refused."""
        return [each for each in self.platform.records if isinstance(each, RequestRefused)]


def test_the_platform_refuses_what_the_manifest_does_not_name() -> None:
    """Even where a mock would answer, and where requests may go out."""
    outside = Outside("https://other.example.com", network="open")
    outside.services.mocks = [mock(f"POST {URL}")]

    response = outside.ask()

    assert (response.status, response.network) == (403, "")
    assert response.headers == {"forge-proxy-error": "BLOCKED_EGRESS"}
    assert response.body.startswith("URL not included in the external fetch backend permissions: ")
    (refused,) = outside.refusals()
    assert (refused.limit, refused.status) == ("egress.permission", 403)
    assert refused.message.endswith(
        "Add `- address: 'https://api.example.com'` to permissions.external.fetch.backend."
    )
    assert refused.mock is None


def test_an_address_that_the_manifest_lacks_needs_a_mock_as_well() -> None:
    """The manifest first; and plain HTTP goes out whatever either says."""
    outside = Outside("https://other.example.com")
    outside.ask()
    outside.ask("http://api.example.com/v1/chat")
    secure, plain = outside.refusals()
    assert "Then, to have it answered, put this into forge-emu.yml" in secure.message
    assert secure.mock == "{request: 'POST https://api.example.com/v1/chat', body: {}}"
    assert "- address: 'https://api.example.com'" in plain.message
    assert plain.message.endswith("call it by https://.")
    assert plain.mock is None


def test_a_mock_answers_whatever_the_network() -> None:
    """It comes before sending and holding back."""
    networks: tuple[Network, ...] = ("held_back", "offline", "open", "announced")
    for network in networks:
        outside = Outside("api.example.com", network=network)
        outside.services.mocks = [mock(f"POST {URL}", body={"a": 1})]
        assert outside.ask().body == '{"a":1}'
        assert [type(each) for each in outside.platform.records] == [RequestMocked]


@pytest.mark.parametrize(
    ("network", "word"), [("held_back", "--network"), ("offline", "--offline")]
)
def test_what_is_held_back_names_host_and_mock(network: Network, word: str) -> None:
    """In the handler's error and on record."""
    outside = Outside("api.example.com", network=network)

    response = outside.ask()

    assert response.network == "fail"
    for part in ("https://api.example.com/v1/chat", word, "{request: 'POST https://api.example"):
        assert part in response.body
    (refused,) = outside.refusals()
    assert (refused.limit, refused.status, refused.message) == (
        "egress.held_back", None, response.body,
    )  # fmt: skip


def test_the_first_request_that_goes_out_is_said() -> None:
    """Once, and only where it was not asked for."""
    cases: tuple[tuple[Network, int], ...] = (("announced", 1), ("open", 0))
    for network, logs in cases:
        outside = Outside("*", network=network)
        assert [outside.ask().network for _ in range(3)] == ["send"] * 3
        records = outside.platform.records
        said = [each for each in records if isinstance(each, Log)]
        assert len(said) == logs
        # Of no invocation, or `run` would not show it where it leaves out what handlers print.
        assert all(each.invocation_id is None for each in said)
        assert sum(isinstance(each, RequestSent) for each in records) == 3


def test_only_https_goes_out() -> None:
    """Plain HTTP is refused, but to this machine, unless a setting says otherwise."""

    def statuses(setting: str, url: str) -> int:
        overrides: Any = {"egress.plain_http": setting}
        return Outside("*", network="open", overrides=overrides).ask(url).status

    far, near = "http://api.example.com/", "http://localhost:8080/"
    assert [statuses("loopback", url) for url in (far, near)] == [400, 200]
    outside = Outside("*", network="open")
    outside.ask(far)
    (refused,) = outside.refusals()
    assert refused.mock is None  # none would answer it
    assert [statuses("refused", url) for url in (far, near)] == [400, 400]
    assert [statuses("allowed", url) for url in (far, near)] == [200, 200]


@pytest.mark.parametrize("kind", ["TCP", "UDP"])
def test_other_protocols_are_refused(kind: str) -> None:
    """Whatever the manifest and the network say, and no mock can help."""
    outside = Outside("*", network="open")

    response = outside.ask(f"{kind.lower()}://db.example.com:5432", kind)

    assert response.network == "fail"
    assert "db.example.com:5432" in response.body
    (refused,) = outside.refusals()
    assert (refused.limit, refused.mock) == ("egress.https", None)


@pytest.mark.parametrize(("timeout_ms", "most"), [(25_000, 3), (60_000, 3), (60_001, 6)])
def test_an_invocation_has_a_hundred_requests_a_minute(timeout_ms: int, most: int) -> None:
    """For each started minute of its timeout; here three. Those to remotes count as well."""
    overrides: Any = {"limits.egress.requests_per_runtime_minute": 3}
    outside = Outside("*", network="open", overrides=overrides, timeout_ms=timeout_ms)
    remote = request("/x", None, {"type": "frc", "remote": "r"}, method="GET")

    statuses = [outside.services.answer_request(remote, 0).status]
    statuses += [outside.ask().status for _ in range(most)]

    assert statuses == [400, *[200] * (most - 1), 429]
    assert [each.limit for each in outside.refusals()] == [
        "remotes.key",
        "limits.egress.requests_per_runtime_minute",
    ]
    assert outside.ask(invocation_id="inv-2").status == 200


def test_how_a_sent_request_ended_is_on_record() -> None:
    """With its status, its error, or the limit that ended it."""
    outside = Outside("*")
    ends = (
        SentRequestEnded("inv-1", "POST", f"{URL}?token=x", 201, 30),
        SentRequestEnded("inv-1", "POST", URL, None, 40, "no such host"),
        SentRequestEnded("inv-1", "POST", URL, None, 180_000, timed_out=True),
    )
    for ended in ends:
        outside.services.egress.record_ended(ended, 5)

    answered, failed, late = outside.platform.records
    assert isinstance(answered, RequestEnded)
    assert (answered.path, answered.status, answered.duration_ms) == ("/v1/chat?token=***", 201, 30)
    assert isinstance(failed, RequestEnded)
    assert (failed.status, failed.error) == (None, "no such host")
    assert isinstance(late, RequestRefused)
    assert (late.limit, late.status) == ("limits.egress.request_seconds", 504)
