"""Functions that are called from another terminal, and web triggers that anybody calls."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from forge_emu.control.client import connect_client
from tests.conftest import ROOT
from tests.e2e import apps
from tests.e2e.emulator_process import EmulatorProcess, run_command, running_emulator
from tests.npm import NEWEST
from tests.python_app import write_app


@pytest.fixture(scope="module")
def called(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmulatorProcess]:
    """An app with a panel, a queue and web triggers, in real time."""
    folder = tmp_path_factory.mktemp("called") / "app"
    shutil.copytree(ROOT / "tests" / "apps" / "called", folder)
    apps.link_packages(folder, NEWEST)
    with running_emulator(folder) as run:
        yield run


def invoke(run: EmulatorProcess, *arguments: str) -> Any:
    """What `forge-emu invoke` ends with."""
    return run_command("invoke", *arguments, "--app", run.app)


@pytest.mark.node
def test_a_resolver_is_called_as_a_ui_does(called: EmulatorProcess) -> None:
    """It gets the payload and a context, pushes to its queue, and its answer is printed."""
    given = json.dumps({"extension": {"issue": {"key": "EMU-7"}}, "accountId": "me"})
    done = invoke(called, "resolver.save", "--payload", '{"note": "n{n}"}', "--context", given)
    answer = json.loads(done.stdout)
    called.wait_for_type("event.succeeded")

    assert done.returncode == 0, done.stderr
    assert answer["payload"] == {"note": "n1"}
    assert (answer["account"], answer["issue"]) == ("me", "EMU-7")
    [received] = [r for r in called.records_of("call.received") if r["module"] == "resolver"]
    assert (received["function"], received["resolver_key"]) == ("resolver", "save")
    assert received["module_key"] == answer["module"] == "panel"


@pytest.mark.node
@pytest.mark.parametrize(
    ("target", "code", "words"),
    [
        ("resolver.nope", 1, "Resolver has no definition for 'nope'."),
        ("fails", 1, "TypeError: no luck"),
        ("resolvr.save", 2, "Did you mean resolver?"),
    ],
)
def test_what_fails_is_said(called: EmulatorProcess, target: str, code: int, words: str) -> None:
    """An error of the app with its place, a wrong name with the nearest."""
    done = invoke(called, target)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.node
def test_a_module_gives_its_function_what_its_page_says(called: EmulatorProcess) -> None:
    """About an issue of the site; what the user gives comes over it."""
    assert run_command("site", "seed", "--issues", "1", "--app", called.app).returncode == 0
    free = json.loads(invoke(called, "validate").stdout)
    strict = json.loads(
        invoke(called, "validate", "--payload", '{"configuration": {"strict": true}}').stdout
    )
    counted = json.loads(invoke(called, "count", "--payload", '{"since": "today"}').stdout)

    key = counted["context"]["jira"]["issueKey"]
    assert free == {"result": True, "errorMessage": f"{key} is not reviewed"}
    assert strict["result"] is False
    assert (counted["since"], counted["context"]["moduleKey"]) == ("today", "count-notes")
    assert counted["accountId"]
    saved = json.loads(invoke(called, "resolver.save", "--payload", '{"note": "x"}').stdout)
    assert saved["issue"] == key


@pytest.mark.node
@pytest.mark.parametrize("option", ["--payload", "--context"])
def test_bad_json_is_one_message(called: EmulatorProcess, option: str) -> None:
    """Nothing is called."""
    before = len(called.records_of("call.received"))
    done = invoke(called, "echo", option, '{"a"')
    assert done.returncode == 2
    assert f"{option}:1:5" in done.stderr
    assert len(called.records_of("call.received")) == before


@pytest.mark.node
def test_many_calls_at_once(called: EmulatorProcess) -> None:
    """One answer a line, each with its number."""
    done = invoke(called, "echo", "--count", "5", "--payload", '{"n": "{n}"}')
    assert [json.loads(line)["n"] for line in done.stdout.splitlines()] == list("12345")


@pytest.mark.node
def test_a_payload_of_a_ui_over_500_kib(called: EmulatorProcess) -> None:
    """Refused with the rule; the same as a function's own argument is not."""
    (called.app / "big.json").write_text(json.dumps({"text": "x" * 600_000}))
    done = invoke(called, "resolver.save", "--payload", f"@{called.app}/big.json")
    assert done.returncode == 1
    assert "limits.invocations.invoke_request_kb" in done.stderr
    assert invoke(called, "echo", "--payload", f"@{called.app}/big.json").returncode == 0


def url_of(run: EmulatorProcess, key: str) -> str:
    """The address that `webTrigger.getUrl` gives."""
    return str(json.loads(invoke(run, "address", "--payload", json.dumps({"key": key})).stdout))


@pytest.mark.node
def test_a_web_trigger_is_reached_without_a_token(called: EmulatorProcess) -> None:
    """Lists in the argument, the response's headers as lists, and how much of the limit is left."""
    answer = httpx.put(
        url_of(called, "hook") + "/a/b?x=1&x=2", content="héllo", headers={"X-A": "1"}
    )
    event = answer.json()

    assert answer.status_code == 207
    assert (event["method"], event["userPath"], event["body"]) == ("PUT", "/a/b", "héllo")
    assert event["queryParameters"] == {"x": ["1", "2"]}
    assert event["headers"]["x-a"] == ["1"]
    assert answer.headers.get_list("x-seen") == ["one", "two"]
    assert answer.headers["x-ratelimit-limit"] == "7000"
    assert int(answer.headers["x-ratelimit-remaining"]) < 7_000


@pytest.mark.node
@pytest.mark.parametrize(
    ("path", "status"), [("/throw", 500), ("/bad", 500), ("/text", 500), ("/head", 200)]
)
def test_results_that_are_no_responses(called: EmulatorProcess, path: str, status: int) -> None:
    """Status 500, and nothing of the app's error."""
    answer = httpx.request("HEAD" if path == "/head" else "GET", url_of(called, "hook") + path)
    assert answer.status_code == status
    assert "secret" not in answer.text


@pytest.mark.node
@pytest.mark.parametrize(("key", "status", "body"), [("ok", 201, "fine"), ("nope", 500, "")])
def test_static_outputs(called: EmulatorProcess, key: str, status: int, body: str) -> None:
    """The manifest's own response, by its key."""
    answer = httpx.get(url_of(called, "fixed"), params={"key": key})
    assert (answer.status_code, answer.text) == (status, body)


@pytest.mark.node
@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/x1/0-nobody", {}, 404),
        ("/v1/status", {}, 401),
        ("", {"Host": "evil.example"}, 403),
        ("", {"Origin": "http://evil.example"}, 403),
    ],
)
def test_nothing_else_is_open(
    called: EmulatorProcess, path: str, headers: dict[str, str], status: int
) -> None:
    """Other addresses, the control API, other hosts and web pages."""
    url = url_of(called, "hook")
    address = url[: url.index("/x1/")] + path if path else url
    assert httpx.get(address, headers=headers).status_code == status


def test_python_functions_are_called_in_virtual_time(tmp_path: Path) -> None:
    """At the instant where the clock stands."""
    source = "def listen(event, context):\n    return {'got': event, 'more': context['more']}\n"
    write_app(tmp_path, source)
    with running_emulator(tmp_path, "--virtual") as run:
        done = invoke(run, "listen", "--payload", "[1]", "--context", '{"more": 2}')
    assert json.loads(done.stdout) == {"got": [1], "more": 2}


@pytest.mark.node
def test_a_web_trigger_is_called_without_curl(called: EmulatorProcess) -> None:
    """By its key: status, headers and body are printed, or the whole answer as JSON."""
    words = ("trigger", "web", "hook", "--app", called.app, "--path", "/a", "--query", "x=1,2")
    done = run_command(*words, "--data", '{"n": 1}', "--header", "X-A: 1")
    head, _, body = done.stdout.partition("\n\n")
    whole = json.loads(run_command(*words, "--method", "delete", "--json").stdout)
    event = json.loads(body)

    assert done.returncode == 0, done.stderr
    assert head.startswith("207 Multi-Status\n")
    assert "x-seen: one\nx-seen: two" in head.lower()
    assert (event["method"], event["userPath"], event["body"]) == ("POST", "/a", '{"n": 1}')
    assert event["queryParameters"] == {"x": ["1", "2"]}
    assert event["headers"]["x-a"] == ["1"]
    assert event["headers"]["content-type"] == ["application/json"]
    assert "authorization" not in event["headers"]
    assert (whole["status"], json.loads(whole["body"])["method"]) == (207, "DELETE")


@pytest.mark.node
def test_web_triggers_are_listed_with_their_addresses(called: EmulatorProcess) -> None:
    """By the command, in the status, and in a line of the start."""
    url = url_of(called, "hook")
    said = run_command("trigger", "web", "--app", called.app).stdout
    with connect_client(called.app) as client:
        status = client.request("GET", "/v1/status", dict)
    called.wait_for_type("call.succeeded")
    logs = [record["message"] for record in called.records_of("log")]

    assert [line.split() for line in said.splitlines()] == [
        ["hook", "hook-function", url],
        ["signed", "hook-function", url_of(called, "signed")],
        ["fixed", "fixed-function", url_of(called, "fixed")],
    ]
    assert status["web_triggers"]["hook"] == [url]
    assert f"web trigger hook: {url}" in logs


@pytest.mark.node
def test_what_a_call_of_a_web_trigger_cannot_do_is_said(called: EmulatorProcess) -> None:
    """A wrong key with the nearest; with --fail a bad status is exit code 1."""
    wrong = run_command("trigger", "web", "hok", "--app", called.app)
    failed = run_command(
        "trigger", "web", "hook", "--path", "/throw", "--fail", "--app", called.app
    )

    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "there is no web trigger 'hok'" in wrong.stderr
    assert "Did you mean hook?" in wrong.stderr
    assert failed.returncode == 1
    assert failed.stdout.startswith("500 ")
    assert "secret" not in failed.stdout
