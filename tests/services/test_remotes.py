"""Requests to remotes: who may be called, where, with which tokens; and what is refused instead."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from forge_emu.model import Endpoint, Invocation, ModuleKind, Remote
from forge_emu.ports import AppResponse
from forge_emu.records import RequestRefused, RequestSent
from forge_emu.services.egress import Network
from forge_emu.services.services import Services
from tests.services.platforms import ScriptedPlatform, request

CONTEXT = {"installContext": "ari:cloud:jira::site/c", "principal": {"accountId": "me"}}
BACKEND = Remote("r", "https://r.example/base/", 3, operations=("compute",), system_token=True)


class Asked(ScriptedPlatform):
    """An app with a remote, a service and an endpoint at the remote, and an invocation of it."""

    def __init__(
        self, remote: Remote = BACKEND, *, given: bool = False, resolver: bool = False
    ) -> None:
        super().__init__()
        self.app = msgspec.structs.replace(
            self.app,
            remotes={"r": remote},
            services={"s": Remote("s", None, 4, is_service=True)},
            endpoints={"e": Endpoint("e", "r", "/x", 5, user_token=True)},
            overridden_remotes=frozenset({"r"} if given else ()),
        )
        kind = ModuleKind("resolver") if resolver else ModuleKind.TRIGGER
        self._invocation = Invocation(
            "inv-1",
            "e",
            kind,
            "on-issue",
            msgspec.Raw(b"{}"),
            CONTEXT,
            1,
            "i1",
            False,
            1,
            5000,
            5000,
        )

    def invocation(self, invocation_id: str | None) -> Invocation | None:
        return self._invocation if invocation_id == "inv-1" else None

    def ask(
        self, options: dict[str, Any], path: str = "/x", network: Network = "open"
    ) -> AppResponse:
        services = Services(self)
        services.egress.network = network
        return services.answer_request(request(path, None, options, method="POST"), 0)


ENDPOINT = {"type": "endpoint", "remote": "r", "endpoint": "e"}
CALL = {"type": "frc", "remote": "r"}


def test_an_endpoint_is_called_for_its_module() -> None:
    """In its own time; the token says which module and where, and no user called."""
    platform = Asked()
    call = platform.ask(ENDPOINT).remote

    assert call is not None
    assert (call.url, call.method, call.timeout_ms) == ("https://r.example/base/x", "POST", 5000)
    assert (call.module_type, call.module_key) == ("core:endpoint", "e")
    assert (call.context, call.with_context, call.context_key) == (CONTEXT, True, "on-issue")
    assert (call.system_token, call.user_token, call.principal) == (False, True, None)
    assert isinstance(platform.records[0], RequestSent)


def test_a_function_calls_with_the_tokens_of_the_remote() -> None:
    """It waits for 25 s, and the remote gets no context."""
    call = Asked().ask(CALL, "tasks?a=1").remote

    assert call is not None
    assert (call.url, call.timeout_ms) == ("https://r.example/base/tasks?a=1", 25_000)
    assert (call.with_context, call.system_token) == (False, True)


@pytest.mark.parametrize(
    ("options", "remote", "error", "message"),
    [
        ({"type": "frc", "remote": "q"}, BACKEND, "INVALID_REMOTE", "has no remote 'q'"),
        ({"type": "fcc", "service": "q"}, BACKEND, "INVALID_SERVICE_KEY", "has no service 'q'"),
        (CALL, Remote("r", "https://r.example", 3), "INVALID_REMOTE", "Add `compute` to its"),
    ],
)
def test_what_functions_may_not_call_is_refused_as_on_forge(
    options: dict[str, Any], remote: Remote, error: str, message: str
) -> None:
    """By the header that `@forge/api` makes its error of."""
    platform = Asked(remote)
    response = platform.ask(options)

    assert (response.status, response.headers) == (400, {"forge-proxy-error": error})
    (refused,) = platform.records
    assert isinstance(refused, RequestRefused)
    assert refused.limit == "remotes.key"
    assert message in refused.message


@pytest.mark.parametrize(
    ("remote", "given", "network", "limit"),
    [
        (BACKEND, False, "held_back", "egress.held_back"),
        (BACKEND, True, "held_back", "egress.held_back"),
        (Remote("r", "http://localhost:1", 3), False, "held_back", "egress.held_back"),
        (Remote("r", "http://localhost:1", 3), True, "offline", "egress.held_back"),
        (Remote("r", "http://r.example", 3), False, "open", "egress.https"),
        (Remote("r", None, 3), False, "open", "remotes.address"),
    ],
)
def test_what_may_not_go_out_fails(
    remote: Remote, given: bool, network: Network, limit: str
) -> None:
    """With a message that says what to do."""
    platform = Asked(remote, given=given)
    response = platform.ask(ENDPOINT, network=network)

    assert (response.network, response.remote) == ("fail", None)
    (refused,) = platform.records
    assert isinstance(refused, RequestRefused)
    assert refused.limit == limit


@pytest.mark.parametrize(
    ("remote", "given", "network"),
    [
        (Remote("r", "http://localhost:1", 3), True, "held_back"),
        (Remote("r", "http://localhost:1", 3), False, "announced"),
        (Remote("r", "http://r.example", 3), True, "open"),
    ],
)
def test_what_was_given_for_the_run_goes_out(remote: Remote, given: bool, network: Network) -> None:
    """On this machine also where everything else is held back."""
    assert Asked(remote, given=given).ask(ENDPOINT, network=network).remote is not None


def test_a_service_without_an_address_says_how_to_give_one() -> None:
    """No manifest has it."""
    platform = Asked()
    platform.ask({"type": "fcc", "service": "s"})
    (refused,) = platform.records

    assert isinstance(refused, RequestRefused)
    assert "--remote s=URL" in refused.message
