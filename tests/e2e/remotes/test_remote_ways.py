"""All ways to a backend of one app, and what the backend asks of the platform in its turn."""

from __future__ import annotations

import json
import shutil
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.emulator_process import EmulatorProcess, run_command, running_emulator
from tests.e2e.remotes.backend import (
    WAYS,
    free_port,
    of_type,
    run_events,
    working_backend,
)


def test_a_backend_reads_and_writes_with_the_token_of_the_app(tmp_path: Path) -> None:
    """Its notes are in the store, its comment on the site makes Jira's event, and a failure is
    retried after a minute."""
    port = free_port()
    with working_backend(port, failures=1) as remote:
        records, _ = run_events(tmp_path, "--remote", f"backend={remote.url}", port=port, app=WAYS)
    (answered,) = of_type(records, "request.answered")
    first, second = remote.requests

    assert [first["status"], second["status"]] == [503, 200]
    assert second["answer"]["value"] == {"attempts": 2}
    assert second["claims"]["app"]["apiBaseUrl"].startswith(f"http://127.0.0.1:{port}/ex/jira/")
    assert [(r["operation"], r["key"]) for r in of_type(records, "kvs.done")] == [
        ("set", "seen:EMU-1"),
        ("get", "seen:EMU-1"),
    ]
    assert (answered["status"], answered["account"] is not None) == (201, True)
    assert answered["events"] == ["avi:jira:commented:issue"]
    assert of_type(records, "product_event.succeeded")[0]["age_ms"] == 60_000


def test_an_event_of_a_queue_is_retried_for_a_backend(tmp_path: Path) -> None:
    """A minute apart, with the reason and no data, until it is taken."""
    port, app = free_port(), tmp_path / "app"
    shutil.copytree(WAYS, app)
    with working_backend(port, failures=2) as remote:
        given = ("--virtual", "--port", str(port), "--remote", f"backend={remote.url}")
        with running_emulator(app, *given) as run:
            run_command("queue", "push", "notes", "--body", '{"n": 1}', "--app", app)
            ended = run.wait_for_type("event.succeeded")
    bodies = [json.loads(json.loads(json.dumps(r["answer"])).get("body") or "{}")
              for r in remote.requests]  # fmt: skip

    assert [r["path"] for r in remote.requests] == ["/notes"] * 3
    assert ended["age_ms"] == 120_000
    assert (ended["attempts"], [r["status"] for r in remote.requests]) == (3, [503, 503, 200])
    assert bodies[-1]["payload"]["body"] == {"n": 1}
    assert bodies[-1]["payload"]["retryContext"]["retryReason"] == "INVALID_REMOTE_INVOCATION_ERROR"
    assert bodies[-1]["payload"]["retryContext"]["retryData"] is None


@pytest.fixture(scope="module")
def ways(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatorProcess]:
    """The app in real time, with its backend."""
    app, port = tmp_path_factory.mktemp("ways") / "app", free_port()
    shutil.copytree(WAYS, app)
    with (
        working_backend(port) as remote,
        running_emulator(app, "--port", str(port), "--remote", f"backend={remote.url}") as run,
    ):
        yield run


def web(run: EmulatorProcess, *arguments: str) -> dict[str, Any]:
    """What `forge-emu trigger web` prints."""
    done = run_command("trigger", "web", *arguments, "--json", "--app", run.app)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_a_request_to_a_web_trigger_is_passed_on(ways: EmulatorProcess) -> None:
    """Method, path behind the route, query and body, and the answer as it is."""
    answer = web(ways, "hook", "--method", "PUT", "--path", "/a/b", "--query", "x=1,2",
                 "--data", "text")  # fmt: skip
    headers = {name.lower(): value for name, value in answer["headers"]}

    assert answer["status"] == 200
    assert json.loads(answer["body"]) == {
        "method": "PUT", "path": "/hook/a/b?x=1%2C2", "body": "text", "who": None,
    }  # fmt: skip
    assert headers["content-type"] == "application/json"
    assert headers["x-ratelimit-limit"] == "7000"


def test_a_callers_own_authorization_reaches_the_backend(ways: EmulatorProcess) -> None:
    """It stands in the place of the invocation token; here it is none that verifies."""
    assert web(ways, "hook", "--header", "Authorization: Bearer mine")["status"] == 401


def test_a_backend_names_the_output_of_a_static_web_trigger(ways: EmulatorProcess) -> None:
    """The manifest has the rest."""
    answer = web(ways, "receipt")

    assert (answer["status"], answer["body"]) == (201, "fine")


def test_a_backend_is_invoked_as_a_ui_does(ways: EmulatorProcess) -> None:
    """By `invokeRemote`, in the name of the user; the answer has status, headers and body."""
    payload = '{"path": "/tasks?a=1", "method": "POST", "body": {"t": 1}}'
    given = '{"accountId": "me", "extension": {"issue": {"key": "EMU-3"}}}'
    words = ("invoke", "panel", "--payload", payload, "--context", given, "--app", ways.app)
    done = run_command(*words)
    answer = json.loads(done.stdout)

    assert done.returncode == 0, done.stderr
    assert answer["status"] == 200
    assert answer["body"] == {
        "method": "POST", "path": "/tasks?a=1", "body": '{"t":1}', "who": "me",
    }  # fmt: skip
    assert answer["headers"]["content-type"] == ["application/json"]
    received = ways.wait_for(lambda r: r["type"] == "call.received" and r["function"] == "panel")
    assert (received["module"], received["module_key"]) == ("resolver", "tasks-panel")


@pytest.mark.parametrize(
    ("target", "payload", "words"),
    [
        ("panel", "[1]", "the payload for an endpoint is the argument of invokeRemote"),
        ("panel", '{"pth": "/x"}', "invokeRemote has no 'pth'"),
        ("panel", "{}", "`path` of invokeRemote must be a path"),
        ("panel", '{"path": "/x", "method": "PIT"}', 'cannot be "PIT"'),
        ("panel", '{"path": "/x", "body": 5}', "`body` of invokeRemote must be a JSON object"),
        ("panel.save", "{}", "'panel' is an endpoint, which has no definitions"),
        ("panl", "{}", "Did you mean panel?"),
    ],
)
def test_what_a_ui_cannot_invoke_is_said(
    ways: EmulatorProcess, target: str, payload: str, words: str
) -> None:
    """One message, and nothing is called."""
    done = run_command("invoke", target, "--payload", payload, "--app", ways.app)

    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


class _Garbage(socketserver.BaseRequestHandler):
    """Answers what is no HTTP."""

    def handle(self) -> None:
        """Read something, and answer."""
        self.request.recv(65_536)
        self.request.sendall(b"garbage\r\n\r\n")


@pytest.fixture(scope="module")
def unsound(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[EmulatorProcess, str]]:
    """The app with a backend that answers garbage, and the address of one that is not there."""
    app = tmp_path_factory.mktemp("unsound") / "app"
    shutil.copytree(WAYS, app)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Garbage) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}"
        with running_emulator(app, "--remote", f"backend={url}") as run:
            yield run, url
        server.shutdown()


def test_a_backend_that_answers_garbage_is_said(unsound: tuple[EmulatorProcess, str]) -> None:
    """To a UI as the bridge says it, with what happened; to the caller of a web trigger nothing."""
    run, url = unsound
    done = run_command("invoke", "panel", "--payload", '{"path": "/x"}', "--app", run.app)
    answer = web(run, "hook")

    assert done.returncode == 1
    assert "Invalid response from remote - remote network error" in done.stderr
    assert f"GET {url}/x failed:" in done.stderr
    assert "Traceback" not in done.stderr
    assert answer["status"] == 500
    assert url not in answer["body"]


def test_a_backend_that_is_down_is_said(tmp_path: Path) -> None:
    """With its address, in one message."""
    app, url = tmp_path / "app", f"http://127.0.0.1:{free_port()}"
    shutil.copytree(WAYS, app)
    with running_emulator(app, "--remote", f"backend={url}") as run:
        done = run_command("invoke", "panel", "--payload", '{"path": "/x"}', "--app", app)
        answer = web(run, "hook")

    assert done.returncode == 1
    assert f"GET {url}/x failed: nothing listens there" in done.stderr
    assert answer["status"] == 500
