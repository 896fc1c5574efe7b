"""Apps with Python handlers, as a user runs them; only the mixed one needs Node.js."""

from __future__ import annotations

import sys
import venv
from pathlib import Path

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import EmulatorProcess, run_command, running_emulator
from tests.npm import NEWEST

QUEUED = """\
import random
from forge_emu.sdk import InvocationError, Queue, RateLimitError, kvs

queue = Queue(key="store-later")

async def created(event):
    try:
        await queue.push({"body": {"key": event["issue"]["key"]}, "delay_in_seconds": 0.5})
    except RateLimitError:
        return InvocationError(retry_after=60 + random.random() * 30)

def store(event):
    kvs.set(event["body"]["key"], event["jobId"])
"""

SAYS = "import lib\ndef created(): print('{}', lib.WORD)\ndef store(): pass\n"


def python_app(root: Path, source: str) -> Path:
    """An app without packages, without a package.json."""
    return apps.write_files(root, {"manifest.yml": apps.MANIFEST, "src/index.py": source})


def send(app: Path) -> None:
    """Trigger an event."""
    assert run_command("trigger", "issue-created", "--app", app).returncode == 0


def test_a_machine_without_node_runs_a_thousand_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No Node.js, no npm, no esbuild is looked for, and nothing is written into the app."""
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("FORGE_EMU_CACHE", str(tmp_path / "cache"))
    app = python_app(tmp_path / "app", QUEUED)
    run = EmulatorProcess(
        app, "--virtual", "--trigger", "issue-created", "--count", "1000", "--until-idle"
    )
    summary = run.wait_for_summary()

    assert run.process.returncode == 0, run.stderr
    assert run.records_of("app.loaded")[0]["problems"] == []
    assert summary["events"]["succeeded"] == 1000
    assert summary["events"]["pending"] == summary["events"]["dropped"] == 0
    assert not (tmp_path / "cache").exists()
    assert {path.name for path in app.rglob("*.py*")} == {"index.py"}


def test_changed_modules_are_used_from_the_next_invocation_on(tmp_path: Path) -> None:
    """Those that handlers import, too; a broken one is told of and not taken."""
    app = python_app(tmp_path, SAYS.format("old"))
    (app / "src" / "lib.py").write_text("WORD = 1\n")
    with running_emulator(app) as run:
        send(app)
        assert run.wait_for_type("log")["message"] == "old 1"
        (app / "src" / "lib.py").write_text("WORD = 2\n")
        assert run.wait_for_type("app.reloaded")["generation"] == 2
        send(app)
        assert run.wait_for_type("log")["message"] == "old 2"
        (app / "src" / "index.py").write_text("def created(:\n")
        (problem,) = run.wait_for_type("app.rejected")["problems"]
        assert (problem["file"], problem["line"]) == ("src/index.py", 1)
        assert problem["message"] == "SyntaxError: invalid syntax"
        send(app)
        assert run.wait_for_type("log")["message"] == "old 2"
        (app / "src" / "index.py").write_text(SAYS.format("new"))
        run.wait_for_type("app.reloaded")
        send(app)
        assert run.wait_for_type("log")["message"] == "new 2"


def test_what_runs_finishes_on_the_old_modules(tmp_path: Path) -> None:
    """A swap in the middle of a handler changes nothing for it."""
    held = """\
import os, time
def created():
    print("begun")
    while not os.path.exists("release"): time.sleep(0.005)
    import late
    print("old end", late.WORD)
def store(): pass
"""
    app = python_app(tmp_path, held)
    (app / "src" / "lib.py").write_text("WORD = 1\n")
    (app / "src" / "late.py").write_text("WORD = 3\n")
    with running_emulator(app) as run:
        send(app)
        run.wait_for(lambda r: r.get("message") == "begun")
        (app / "src" / "index.py").write_text(SAYS.format("new"))
        run.wait_for_type("app.reloaded")
        send(app)
        run.wait_for(lambda r: r.get("message") == "new 1")
        (app / "release").touch()
        run.wait_for(lambda r: r.get("message") == "old end 3")


def test_a_handler_that_hangs_is_timed_out(tmp_path: Path) -> None:
    """In real time, by the engine; the process is gone then."""
    source = "import os\ndef created():\n    print(os.getpid())\n    while True: pass\n"
    app = python_app(tmp_path, source + "def store(): pass\n")
    with running_emulator(app, "--set", "limits.invocations.trigger_timeout_seconds=1") as run:
        send(app)
        pid = int(run.wait_for_type("log")["message"])
        finished = run.wait_for_type("invocation.finished")
        assert finished["outcome"] == "timeout"
        run.wait_for_type("retry.scheduled")
        while Path(f"/proc/{pid}").exists():
            pass


@pytest.mark.node
def test_an_app_may_mix_languages(tmp_path: Path) -> None:
    """The trigger in JavaScript, the consumer in Python; the run repeats itself byte for byte."""
    script = """\
const { Queue } = require('@forge/events');
exports.created = async (event) => {
  await new Queue({ key: 'store-later' }).push({ body: { key: event.issue.key } });
};
"""
    module = """\
from forge_emu.sdk import kvs
async def store(event):
    await kvs.set(event["body"]["key"], 1)
    print(event["body"]["key"])
"""
    manifest = apps.MANIFEST.replace("index.store", "storing.store")
    app = apps.write_files(
        tmp_path,
        {"manifest.yml": manifest, "src/index.js": script, "src/storing.py": module},
    )
    apps.link_packages(app, NEWEST)
    arguments = (
        "run",
        app,
        "--json",
        "--virtual",
        "--seed",
        "1",
        "--trigger",
        "issue-created",
        "--count",
        "30",
        "--until-idle",
    )
    first, again = run_command(*arguments), run_command(*arguments)

    assert first.returncode == 0, first.stderr
    assert first.stdout == again.stdout
    assert first.stdout.count('"type":"event.succeeded"') == 30
    assert first.stdout.count('"type":"log"') == 30


def test_the_apps_own_virtual_environment_counts(tmp_path: Path) -> None:
    """forge-emu need not be installed there, and only the SDK is lent to it."""
    source = """\
import sys, importlib.util
from forge_emu.sdk import kvs
def created():
    kvs.set("k", 1)
    print(sys.prefix, importlib.util.find_spec("msgspec"))
def store(): pass
"""
    app = python_app(tmp_path, source)
    venv.create(app / ".venv", with_pip=False, symlinks=True)
    with running_emulator(app) as run:
        send(app)
        assert run.wait_for_type("log")["message"] == f"{app / '.venv'} None"


@pytest.mark.parametrize(
    ("chosen", "said"),
    [("nosuch-python", "is 'nosuch-python', which is no program"), ("false", "does not run")],
)
def test_an_interpreter_that_does_not_serve_is_a_user_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chosen: str, said: str
) -> None:
    """The variable is named, and what to do."""
    monkeypatch.setenv("FORGE_EMU_PYTHON", chosen)
    done = run_command("run", python_app(tmp_path, SAYS))

    assert done.returncode == 2
    assert said in done.stderr
    assert "FORGE_EMU_PYTHON" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_user_may_choose_an_interpreter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes before the app's own environment."""
    app = python_app(tmp_path, "import sys\ndef created(): print(sys.executable)\ndef store(): 0\n")
    (app / ".venv").mkdir()
    (app / ".venv" / "pyvenv.cfg").touch()
    monkeypatch.setenv("FORGE_EMU_PYTHON", sys.executable)
    with running_emulator(app) as run:
        send(app)
        assert run.wait_for_type("log")["message"] == sys.executable


def test_both_languages_for_one_handler_are_an_error(tmp_path: Path) -> None:
    """It names both files and the place in the manifest."""
    app = python_app(tmp_path, SAYS)
    (app / "src" / "index.ts").write_text("")
    done = run_command("run", app)

    assert done.returncode == 2
    assert "manifest.yml:" in done.stderr
    assert "there are src/index.ts and src/index.py" in done.stderr
