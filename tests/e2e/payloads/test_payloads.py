"""What is in events of a real app: shown, kept over a restart and a kill, and sent again."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from forge_emu.control.session import FOLDER
from tests.e2e.emulator_process import (
    TIMEOUT_SECONDS,
    EmulatorProcess,
    run_command,
    running_emulator,
)
from tests.e2e.situations import copied_app


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """One whose handlers log, ask and return."""
    return copied_app("payloads", tmp_path, "api8")


@pytest.fixture
def run(app: Path) -> Iterator[EmulatorProcess]:
    """An emulator of it."""
    with running_emulator(app, "--offline") as run:
        yield run


def payload_of(app: Path, name: str) -> dict[str, Any]:
    """What `queue show --payload --json` prints."""
    done = run_command("queue", "show", name, "--payload", "--json", "--app", app)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def pushed_event(app: Path, run: EmulatorProcess) -> str:
    """Trigger an issue, and wait until the event that its handler pushes has succeeded."""
    assert run_command("trigger", "issue-created", "--app", app).returncode == 0
    return str(run.wait_for_type("event.succeeded")["event_id"])


def edited(app: Path, id: str, script: str) -> subprocess.CompletedProcess[str]:
    """Replay with an editor that is a script in Python: `text` is what it is given."""
    editor = app.parent / "editor.py"
    editor.write_text(
        "import pathlib, sys\n"
        "file = pathlib.Path(sys.argv[1])\n"
        f"text = file.read_text()\n{script}\n"
        "file.write_bytes(text if isinstance(text, bytes) else text.encode())\n"
    )
    return subprocess.run(
        [sys.executable, "-m", "forge_emu", "queue", "replay", id, "--edit", "--app", str(app)],
        env={**os.environ, "VISUAL": f"{sys.executable} {editor}"},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )


@pytest.mark.node
def test_an_event_from_its_push_to_its_end(app: Path, run: EmulatorProcess) -> None:
    """Body, arguments, value, log and requests, without a secret of the store and any header."""
    found = payload_of(app, pushed_event(app, run))
    (attempt,) = found["invocations"]

    assert (found["kind"], found["note"]) == ("event", None)
    assert found["body"] == {"key": "EMU-1", "wanted": "first"}
    assert attempt["given"]["event"]["body"] == found["body"]
    assert attempt["returned"] == {"status": 200}
    assert [log["message"] for log in attempt["logs"]] == ["looking at EMU-1 for the first time"]
    asked = [(r["url"].partition("?")[0], r["status"]) for r in attempt["requests"]]
    assert asked[-1] == ("/rest/api/3/issue/EMU-1", 200)
    assert len(asked) == 3
    assert json.loads(attempt["requests"][-1]["answer"])["key"] == "EMU-1"
    text = json.dumps(found)
    assert "canary" not in text
    assert "4711" not in text
    assert payload_of(app, "EMU-1")["invocations"][0]["returned"] == {"queued": "EMU-1"}


@pytest.mark.node
def test_people_read_it_below_the_timeline(app: Path, run: EmulatorProcess) -> None:
    """With the request and its answer."""
    id = pushed_event(app, run)
    shown = run_command("queue", "show", id, "--payload", "--app", app).stdout

    assert "pushed" in shown.splitlines()[0]
    assert f"event {id}" in shown
    assert "info  looking at EMU-1 for the first time" in shown
    assert "request GET /rest/api/3/issue/EMU-1  200" in shown


@pytest.mark.node
def test_a_timeline_is_shown_without_what_is_in_it(app: Path) -> None:
    """And then the reason why that is not there."""
    with running_emulator(app, "--offline", "--set", "state.payloads_mb=0") as run:
        id = pushed_event(app, run)
        done = run_command("queue", "show", id, "--payload", "--app", app)
        refused = run_command("queue", "replay", id, "--app", app)

    assert done.returncode == 2
    assert "succeeded" in done.stdout
    assert "this run keeps no payloads" in done.stderr
    assert refused.returncode == 2
    assert "state.payloads_mb is 0 MB" in refused.stderr


@pytest.mark.node
def test_it_is_there_after_a_kill(app: Path, run: EmulatorProcess) -> None:
    """And can be sent again then."""
    id = pushed_event(app, run)
    before = payload_of(app, id)
    run.kill()

    with running_emulator(app, "--offline") as again:
        assert payload_of(app, id) == before
        done = run_command("queue", "replay", id, "--app", app)
        assert done.returncode == 0, done.stderr
        pushed = again.wait_for_type("event.pushed")
        assert pushed["replay_of"] == id
        assert again.wait_for_type("event.succeeded")["event_id"] == pushed["event_id"]


@pytest.mark.node
def test_the_body_is_edited_before_it_is_sent(app: Path, run: EmulatorProcess) -> None:
    """What the handler then returns and throws is there for each attempt."""
    id = pushed_event(app, run)
    done = edited(app, id, "text = text.replace('first', 'retry')")
    assert done.returncode == 0, done.stderr
    new = done.stdout.split()[-1]
    run.wait_for(lambda r: r["type"] == "event.succeeded" and r["event_id"] == new)

    found = payload_of(app, new)
    assert found["body"] == {"key": "EMU-1", "wanted": "retry"}
    first, second = found["invocations"]
    assert first["outcome"] == "retry_requested"
    assert first["returned"]["retryOptions"]["retryData"] == {"seen": 200}
    assert second["given"]["event"]["retryContext"]["retryData"] == {"seen": 200}


@pytest.mark.node
@pytest.mark.parametrize(
    ("script", "words", "kept"),
    [
        ("text = text + ','", "nothing was sent", b","),
        ("text = '[1]'", "must be an object", b"[1]"),
        ("text = b'\\xff'", "is not UTF-8 text", b"\xff"),
        ("text = '{\"a\": \"' + 205_000 * 'x' + '\"}'", "bytes, and may have 200 KB", b'x"}'),
        ("file.write_text('mine'); sys.exit(1)", "the editor did not work", b"mine"),
        ("text = '\\n'", "the edited body:2:1", None),
        ("file.unlink(); sys.exit(0)", "what the editor saved cannot be read", None),
        ("pass", "was not changed, so nothing was sent", None),
        ("sys.exit(1)", "the editor did not work", None),
    ],
)
def test_a_wrong_edit_sends_nothing(
    app: Path, run: EmulatorProcess, script: str, words: str, kept: bytes | None
) -> None:
    """One error says why, and where a text is kept that is more than what was there."""
    id = pushed_event(app, run)
    done = edited(app, id, script)

    assert done.returncode == 2, done.stderr
    assert words in done.stderr
    assert done.stderr.startswith("error: ")
    names = re.findall(r"/\S*forge-emu-body-\S*\.json", done.stderr)
    assert bool(names) == (kept is not None), done.stderr
    for name in names:
        assert kept is not None
        assert Path(name).read_bytes().endswith(kept)
        Path(name).unlink()
    assert run_command("trigger", "issue-deleted", "--app", app).returncode == 0
    run.wait_for_type("product_event.dropped")
    assert run.records_of("queue.by_hand") == []


@pytest.mark.node
def test_an_edited_text_outlives_the_emulator(app: Path, run: EmulatorProcess) -> None:
    """It stops while the editor is open; and Ctrl-C there is a key of the editor."""
    id = pushed_event(app, run)
    stop = f"import os, signal; os.kill({run.process.pid}, signal.SIGKILL)"
    done = edited(app, id, f"{stop}; os.kill(os.getppid(), signal.SIGINT); text = '{{\"a\": 1}}'")

    assert done.returncode == 3, done.stderr
    (name,) = re.findall(r"/\S*forge-emu-body-\S*\.json", done.stderr)
    assert Path(name).read_text() == '{"a": 1}'
    Path(name).unlink()


@pytest.mark.node
def test_headers_that_a_web_trigger_is_given_are_not_shown(app: Path, run: EmulatorProcess) -> None:
    """Those that look secret; the handler gets them."""
    header = ("--header", "Authorization: Bearer caller-canary", "--header", "X-Trace: seen")
    done = run_command("trigger", "web", "hook", *header, "--app", app)
    assert done.returncode == 0, done.stderr
    call = run.wait_for_type("call.received")["call_id"]
    run.wait_for_type("call.succeeded")

    text = json.dumps(payload_of(app, call))
    assert "canary" not in text
    assert "seen" in text


@pytest.mark.node
def test_records_are_the_same_with_payloads_and_without(app: Path) -> None:
    """They stand beside them, never in them."""
    lines = []
    for most in ("0", "64"):
        done = run_command(
            *("run", app, "--virtual", "--seed", "1", "--trigger", "issue-created", "--count"),
            *("20", "--until-idle", "--json", "--offline", "--set", f"state.payloads_mb={most}"),
        )
        assert done.returncode == 0, done.stderr
        lines.append([line for line in done.stdout.splitlines() if '"type":"summary"' not in line])
    assert lines[0] == lines[1]
    assert len(lines[0]) > 100
    assert not (app / FOLDER / "state.sqlite").exists()


@pytest.mark.node
def test_a_simulation_puts_payloads_into_its_report_if_asked(app: Path) -> None:
    """And keeps nothing otherwise; the state of the app is not there at all."""
    page = app.parent / "out.html"
    played = ("simulate", app, "issue-created", "--no-tries", "--report", page)
    assert run_command(*played).returncode == 0
    assert "looking at EMU-1" not in page.read_text("utf-8")
    done = run_command(*played, "--with-payloads")
    assert done.returncode == 0, done.stderr

    (text,) = re.findall(r'id="run">(.*?)</script>', page.read_text("utf-8"), re.S)
    payloads = json.loads(text)["payloads"].values()
    assert sorted(each["kind"] for each in payloads) == ["event", "product_event"]
    assert "looking at EMU-1" in text
    assert "canary" not in text
    assert not (app / FOLDER / "state.sqlite").exists()
    refused = run_command("simulate", app, "issue-created", "--with-payloads")
    assert refused.returncode == 2
    assert "--with-payloads needs --report" in refused.stderr
