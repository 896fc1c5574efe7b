"""Functions that call a remote with `invokeRemote` of `@forge/api`."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.e2e.apps import link_packages
from tests.e2e.remotes.backend import APP_ID, backend, free_port, of_type, run_events
from tests.npm import NEWEST

APP = ROOT / "tests" / "apps" / "remote_calls"


@pytest.mark.node
@pytest.mark.parametrize("clock", ["--virtual", "--speed=1"])
def test_a_function_calls_a_remote_with_a_signed_request(tmp_path: Path, clock: str) -> None:
    """And gets its answer; a key that the manifest does not have is an InvalidRemoteError."""
    shutil.copytree(APP, tmp_path / "app")
    link_packages(tmp_path / "app", NEWEST)
    port = free_port()
    with backend(port, "202") as remote:
        records, _ = run_events(
            tmp_path, "--remote", f"backend={remote.url}", port=port, clock=clock
        )

    (request,) = remote.requests
    assert request["path"] == "/issues?from=function"
    assert request["body"] == {"key": "EMU-1"}
    assert request["headers"]["x-own"] == "mine"
    assert "x-forge-oauth-system" in request["headers"]
    assert request["claims"]["aud"] == APP_ID
    assert request["claims"]["app"]["module"]["key"] == "send-on"
    assert "context" not in request["claims"]
    assert [r["message"] for r in of_type(records, "log") if r["level"] == "info"][-2:] == [
        "remote 202 true",
        'InvalidRemoteError Invalid remote key provided: "nobody"',
    ]
    assert of_type(records, "request.ended")[0]["status"] == 202
    assert of_type(records, "invocation.finished")[0]["outcome"] == "success"
