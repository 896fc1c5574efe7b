"""Product events that a remote handles: what it gets, how it is retried, what makes it fail."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.e2e.emulator_process import run_command, running_emulator
from tests.e2e.remotes.backend import APP, APP_ID, backend, free_port, of_type, run_events


def test_a_remote_verifies_its_token_and_gets_the_event(tmp_path: Path) -> None:
    """Against the keys that the emulator publishes, with the documented claims and headers."""
    port = free_port()
    with backend(port) as remote:
        records, said = run_events(tmp_path, "--remote", f"backend={remote.url}", port=port)
    (request,) = remote.requests
    claims, headers = request["claims"], request["headers"]

    assert request["path"] == "/issues"
    assert request["body"]["payload"]["issue"]["key"] == "EMU-1"
    assert "retryContext" not in request["body"]["payload"]
    assert (claims["iss"], claims["aud"]) == ("forge/invocation-token", APP_ID)
    assert claims["exp"] - claims["iat"] == 25
    assert claims["app"]["module"] == {"type": "core:endpoint", "key": "issue-created"}
    assert claims["app"]["installation"]["id"] == claims["app"]["installationId"]
    assert claims["context"]["moduleKey"] == "tell-backend"
    assert claims["context"]["cloudId"] in claims["app"]["apiBaseUrl"]
    assert "principal" not in claims
    assert len(headers["x-b3-traceid"]) == 32
    assert len(headers["x-b3-spanid"]) == 16
    assert "x-forge-oauth-system" in headers
    assert "x-forge-oauth-user" not in headers
    assert of_type(records, "product_event.succeeded")[0]["attempts"] == 1
    assert f"http://127.0.0.1:{port}/.well-known/jwks.json" in said


def test_a_failure_is_retried_after_a_minute_with_its_context(tmp_path: Path) -> None:
    """Count and reason are told, and data is always null."""
    port = free_port()
    with backend(port, "500", "503", "204") as remote:
        records, _ = run_events(tmp_path, "--remote", f"backend={remote.url}", port=port)

    contexts = [request["body"]["payload"].get("retryContext") for request in remote.requests]
    reason = {"retryReason": "INVALID_REMOTE_INVOCATION_ERROR", "retryData": None}
    assert contexts == [None, {"retryCount": 1, **reason}, {"retryCount": 2, **reason}]
    assert [r["retry_after_ms"] for r in of_type(records, "retry.scheduled")] == [60_000, 60_000]
    assert [r["at"] for r in of_type(records, "request.ended")] == [0, 60_000, 120_000]
    assert of_type(records, "product_event.succeeded")[0]["age_ms"] == 120_000


def test_after_four_retries_the_event_is_dropped(tmp_path: Path) -> None:
    """Each has a trace and a token id of its own."""
    port = free_port()
    with backend(port, "500") as remote:
        records, _ = run_events(tmp_path, "--remote", f"backend={remote.url}", port=port)

    assert [request["attempt"] for request in remote.requests] == [1, 2, 3, 4, 5]
    assert len({request["headers"]["x-b3-traceid"] for request in remote.requests}) == 5
    assert len({request["claims"]["jti"] for request in remote.requests}) == 5
    (dropped,) = of_type(records, "product_event.dropped")
    assert (dropped["reason"], dropped["age_ms"]) == ("max_retries", 240_000)


@pytest.mark.parametrize(
    ("answer", "reason", "message"),
    [
        ("404", "INVALID_REMOTE_INVOCATION_ERROR", "answered 404"),
        ("redirect", "INVALID_REMOTE_INVOCATION_ERROR", "redirects are not followed"),
        ("401", "INVALID_FORGE_INVOCATION_TOKEN", "it rejects the invocation token"),
    ],
)
def test_what_is_no_2xx_is_a_failure(
    tmp_path: Path, answer: str, reason: str, message: str
) -> None:
    """A redirect too; 401 says that the token was rejected."""
    port = free_port()
    with backend(port, answer, "204") as remote:
        records, _ = run_events(tmp_path, "--remote", f"backend={remote.url}", port=port)

    assert [request["path"] for request in remote.requests] == ["/issues", "/issues"]
    error = of_type(records, "invocation.finished")[0]["error"]
    assert (error["name"], message in error["message"]) == (reason, True)
    assert of_type(records, "retry.scheduled")[0]["retry_reason"] == reason


def test_a_remote_that_is_slow_times_out(tmp_path: Path) -> None:
    """After as many emulated seconds as real ones, though the clock stood still meanwhile."""
    port = free_port()
    options = ("--set", "remotes.event_timeout_seconds=1")
    with backend(port, "slow", "204") as remote:
        records, _ = run_events(tmp_path, "--remote", f"backend={remote.url}", *options, port=port)

    finished = of_type(records, "invocation.finished")[0]
    assert (finished["outcome"], finished["at"]) == ("timeout", 1000)
    assert of_type(records, "retry.scheduled")[0]["retry_reason"] == "TIMEOUT_ERROR"
    assert of_type(records, "product_event.succeeded")[0]["at"] == 61_000


def test_a_remote_that_is_down_is_said(tmp_path: Path) -> None:
    """In one message, with its address; the event is retried and dropped."""
    address = f"http://127.0.0.1:{free_port()}"
    records, _ = run_events(tmp_path, "--remote", f"backend={address}")

    message = of_type(records, "invocation.finished")[0]["error"]["message"]
    assert (
        message == f"POST {address}/issues failed: nothing listens there, or it cannot be reached"
    )
    assert of_type(records, "product_event.dropped")[0]["reason"] == "max_retries"


def test_the_same_run_has_the_same_records(tmp_path: Path) -> None:
    """Though tokens have the machine's time."""
    port = free_port()
    with backend(port, "500", "204", "500", "204") as remote:
        options = ("--remote", f"backend={remote.url}")
        first, _ = run_events(tmp_path, *options, port=port)
        second, _ = run_events(tmp_path, *options, port=port)

    assert first == second
    traces = [request["headers"]["x-b3-traceid"] for request in remote.requests]
    assert traces[:2] == traces[2:]


def test_without_network_a_simulation_holds_requests_back(tmp_path: Path) -> None:
    """And says how a remote on this machine is called."""
    records, _ = run_events(tmp_path, "--offline")

    refused = of_type(records, "request.refused")[0]
    assert (refused["limit"], refused["host"]) == (
        "egress.held_back",
        "https://backend.example.com",
    )
    assert refused["mock"] == "{request: 'POST /issues', body: {}}"


def test_a_mock_answers_in_the_place_of_the_remote(tmp_path: Path) -> None:
    """As any other request of the app."""
    (tmp_path / "app").mkdir()
    for name in ("manifest.yml",):
        text = (Path(__file__).parents[2] / "apps" / "remote_events" / name).read_text()
        (tmp_path / "app" / name).write_text(text)
    mock = "mocks:\n  - request: POST /issues\n    answers: [{status: 500}, {status: 202}]\n"
    (tmp_path / "app" / "forge-emu.yml").write_text(mock)
    records, _ = run_events(tmp_path, "--offline")

    assert [r["status"] for r in of_type(records, "request.mocked")] == [500, 202]
    assert of_type(records, "product_event.succeeded")[0]["attempts"] == 2


def test_a_simulation_signs_with_the_keys_of_an_open_run(tmp_path: Path) -> None:
    """It publishes nothing itself; a remote on this machine is called without --network."""
    app, port = tmp_path / "app", free_port()
    shutil.copytree(APP, app)
    with (
        running_emulator(app, "--port", str(port), "--no-watch"),
        backend(port, "500", "204") as remote,
    ):
        done = run_command(
            "simulate", app, "issue-created", "--remote", f"backend={remote.url}", "--json"
        )

    assert done.returncode == 0, done.stderr
    assert [request["claims"].get("aud") for request in remote.requests] == [APP_ID, APP_ID]


def test_the_life_cycle_of_an_app_of_endpoints(tmp_path: Path) -> None:
    """Its remote is told by the type that it is installed where, and before it goes."""
    app, port = tmp_path / "app", free_port()
    shutil.copytree(APP, app)
    manifest = (app / "manifest.yml").read_text()
    manifest = manifest.replace("avi:jira:created:issue", "avi:forge:installed:app")
    leaving = "modules:\n  preUninstall:\n    - {key: leaving, endpoint: issue-created}\n"
    (app / "manifest.yml").write_text(manifest.replace("modules:\n", leaving))
    options = "--port", str(port), "--no-watch"
    with backend(port) as remote:
        with running_emulator(app, *options, "--remote", f"backend={remote.url}") as run:
            run.wait_for_type("product_event.succeeded")
            done = run_command("trigger", "pre-uninstall", "--app", app)
        assert done.returncode == 0, done.stderr
    installed, left = (request["body"]["payload"] for request in remote.requests)

    assert installed["eventType"] == "avi:forge:installed:app"
    assert installed["context"].startswith("ari:cloud:jira::site/")
    assert installed["app"]["id"] == APP_ID.rpartition("/")[2]
    assert left["context"]["moduleKey"] == "leaving"


def test_a_wrong_remote_is_one_error() -> None:
    """Before anything runs."""
    done = run_command("simulate", APP, "issue-created", "--remote", "backnd=http://localhost:1")

    assert done.returncode == 2
    assert "--remote: there is no remote 'backnd'" in done.stderr
    assert "There is: backend." in done.stderr
    assert "Traceback" not in done.stderr
