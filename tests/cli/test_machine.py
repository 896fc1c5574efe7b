"""`doctor`, `reset`, `init` and `completion`."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from forge_emu.commands.init import package_name
from forge_emu.control.session import lock_app
from tests.conftest import Call
from tests.rules.apps import write_example
from tests.rules.examples import CLEAN, EXAMPLES


def signs(call: Call, app: Path) -> dict[str, dict[str, Any]]:
    """What the doctor finds, by subject."""
    said = call("doctor", app, "--json")
    found = {sign["subject"]: sign for sign in json.loads(said.out)}
    wrong = any(sign["state"] == "wrong" for sign in found.values())
    assert said.code == (1 if wrong else 0)
    return found


# --- doctor


@pytest.mark.node
def test_the_doctor_says_where_everything_is(call: Call, tmp_path: Path) -> None:
    """With versions, and nothing is wrong with a sound app."""
    found = signs(call, write_example(tmp_path, CLEAN))
    for subject in ("Python", "Node.js", "npm", "tool cache", "manifest", "@forge/events"):
        assert found[subject]["state"] == "ok", subject
    assert found["@forge/events"]["found"] == "3.0.8"
    assert found["@forge/events"]["why"] == str(tmp_path / "node_modules" / "@forge" / "events")
    assert found["emulator"]["found"] == "none is running"


@pytest.mark.node
def test_another_major_of_node_is_noted(call: Call, tmp_path: Path) -> None:
    """It is nothing wrong."""
    app = write_example(tmp_path, CLEAN)
    text = (app / "manifest.yml").read_text("utf-8")
    for major in (20, 22, 24):
        (app / "manifest.yml").write_text(text.replace("nodejs22.x", f"nodejs{major}.x"))
        if "runtime" in (found := signs(call, app)):
            assert found["runtime"]["state"] == "note"
            assert str(major) in found["runtime"]["mend"]
            return
    pytest.fail("one machine cannot have three versions")


def test_missing_packages_and_a_broken_manifest_are_wrong(call: Call, tmp_path: Path) -> None:
    """With the command that mends each."""
    app = write_example(tmp_path / "a", EXAMPLES["package-missing"])
    assert "npm install" in signs(call, app)["packages"]["mend"]
    app = write_example(tmp_path / "b", EXAMPLES["missing"])
    assert signs(call, app)["manifest"]["mend"] == f"forge-emu check {app}"


def test_a_session_left_behind_is_wrong(call: Call, tmp_path: Path) -> None:
    """Its process is gone; the command that clears it is named."""
    app = write_example(tmp_path, CLEAN)
    with lock_app(app) as ours:
        ours.write_session("http://127.0.0.1:1", "token", "now")
        file = app / ".forge-emu" / "session.json"
        text = file.read_text("utf-8")
    file.write_text(text.replace(str(os.getpid()), "999999999"))
    found = signs(call, app)["session file"]
    assert found["state"] == "wrong"
    assert "forge-emu reset" in found["mend"]


def test_an_emulator_that_does_not_answer_is_wrong(call: Call, tmp_path: Path) -> None:
    """Its process lives, but not its port."""
    app = write_example(tmp_path, CLEAN)
    with lock_app(app) as ours:
        ours.write_session("http://127.0.0.1:1", "token", "now")
        assert signs(call, app)["emulator"]["state"] == "wrong"


def test_without_node_only_apps_that_need_it_are_ill(
    call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine without Node.js is well for Python."""
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    found = signs(call, write_example(tmp_path / "app", CLEAN))
    assert found["Node.js"]["state"] == "wrong"
    assert "nodejs.org" in found["Node.js"]["mend"]
    (tmp_path / "nothing").mkdir()
    assert signs(call, tmp_path / "nothing")["Node.js"]["state"] == "note"


def test_the_doctor_needs_a_directory(call: Call) -> None:
    """Quoted, exit code 2."""
    said = call("doctor", "/nowhere")
    assert said.code == 2
    assert "/nowhere" in said.err


# --- reset


def with_state(tmp_path: Path) -> Path:
    """An app with state of its own and a link out of it."""
    app = write_example(tmp_path / "app", CLEAN)
    with lock_app(app):
        pass
    (app / ".forge-emu" / "build").mkdir()
    (app / ".forge-emu" / "build" / "x").write_text("12345")
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "y").write_text("keep")
    (app / ".forge-emu" / "link").symlink_to(tmp_path / "precious")
    return app


def test_reset_shows_and_removes_the_state_alone(call: Call, tmp_path: Path) -> None:
    """The app and what a link leads to stay."""
    app = with_state(tmp_path)
    said = call("reset", app, "--yes")
    assert said.code == 0
    assert "5 bytes" in said.err
    assert not (app / ".forge-emu").exists()
    assert (app / "src" / "index.js").exists()
    assert (tmp_path / "precious" / "y").read_text() == "keep"
    assert "nothing to clear" in call("reset", app, "--yes").err


def test_reset_asks_and_removes_nothing_where_nobody_answers(call: Call, tmp_path: Path) -> None:
    """In a pipe it needs --yes."""
    app = with_state(tmp_path)
    said = call("reset", app)
    assert said.code == 2
    assert "--yes" in said.err
    assert (app / ".forge-emu" / "build" / "x").exists()


def test_reset_refuses_while_an_emulator_runs(call: Call, tmp_path: Path) -> None:
    """Its lock is held."""
    app = with_state(tmp_path)
    with FileLock(app / ".forge-emu" / "lock"):
        said = call("reset", app, "--yes")
    assert said.code == 2
    assert "an emulator runs" in said.err
    assert (app / ".forge-emu" / "build" / "x").exists()


def test_reset_keeps_off_what_is_not_its_own(call: Call, tmp_path: Path) -> None:
    """A link or a file in the folder's place, and a directory without an app."""
    app = write_example(tmp_path / "app", CLEAN)
    (tmp_path / "other").mkdir()
    (app / ".forge-emu").symlink_to(tmp_path / "other")
    assert call("reset", app, "--yes").code == 2
    (app / ".forge-emu").unlink()
    (app / ".forge-emu").write_text("")
    assert call("reset", app, "--yes").code == 2
    assert call("reset", tmp_path, "--yes").code == 2
    assert (tmp_path / "other").is_dir()


# --- init


@pytest.mark.parametrize("template", ["javascript", "typescript"])
def test_a_new_app_is_written(call: Call, tmp_path: Path, template: str) -> None:
    """The next commands on stdout, each a line; the directory's name within."""
    said = call("init", tmp_path / "My App", "--template", template)
    assert said.code == 0
    assert said.out.splitlines()[0] == f"cd '{tmp_path / 'My App'}'"
    assert "npm install" in said.out
    assert "forge-emu run" in said.out.splitlines()
    app = tmp_path / "My App"
    assert (app / "README.md").read_text("utf-8").startswith("# my-app\n")
    assert (app / ".gitignore").is_file()
    assert "{name}" not in "".join(p.read_text("utf-8") for p in app.rglob("*") if p.is_file())


def test_a_directory_that_is_not_empty_is_refused(call: Call, tmp_path: Path) -> None:
    """And left as it was; a file as well; an empty one will do."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("")
    for name in ("full", "full/x"):
        said = call("init", tmp_path / name)
        assert said.code == 2
        assert name in said.err
    assert [p.name for p in (tmp_path / "full").iterdir()] == ["x"]
    (tmp_path / "empty").mkdir()
    assert call("init", tmp_path / "empty").code == 0


def test_a_directory_that_cannot_be_made(call: Call, tmp_path: Path) -> None:
    """One message."""
    (tmp_path / "file").write_text("")
    said = call("init", tmp_path / "file" / "app")
    assert said.code == 2
    assert "Traceback" not in said.err
    assert call("init", tmp_path / "x", "--template", "cobol").code == 2


@pytest.mark.parametrize(
    ("folder", "name"),
    [("demo", "demo"), ("My App!", "my-app"), ("...", "forge-app"), ("äöü", "forge-app")],
)
def test_package_names(folder: str, name: str) -> None:
    """What npm accepts."""
    assert package_name(folder) == name


# --- completion


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(call: Call, shell: str) -> None:
    """The shell itself takes it, where there is one."""
    said = call("completion", shell)
    assert said.code == 0
    assert "_FORGE_EMU_COMPLETE" in said.out
    if shell == "bash" and (bash := shutil.which("bash")):
        done = subprocess.run([bash, "-n"], input=said.out, text=True, check=False)
        assert done.returncode == 0


def completed(call: Call, monkeypatch: pytest.MonkeyPatch, words: str) -> list[str]:
    """What a shell is offered after `words`; the last may be empty."""
    monkeypatch.setenv("_FORGE_EMU_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split(" ")) - 1))
    return [line.partition(",")[2] for line in call().out.splitlines()]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("forge-emu tr", "trigger"),
        ("forge-emu trigger issue-c", "issue-created"),
        ("forge-emu trigger avi:jira:created:iss", "avi:jira:created:issue"),
        ("forge-emu events page-", "page-created"),
        ("forge-emu run --set limits.push.ev", "limits.push.events_per_minute="),
        ("forge-emu run --set delivery.order=f", "delivery.order=fifo"),
        ("forge-emu run --trigger iss", "issue-created"),
        ("forge-emu limits --set storage.leg", "storage.legacy="),
        ("forge-emu tail --type retry", "retry.scheduled"),
        ("forge-emu tail --type event.pushed,kvs", "event.pushed,kvs.done"),
        ("forge-emu run --fault kvs.e", "kvs.error=5%"),
        ("forge-emu simulate --fault product.l", "product.latency=x10"),
        ("forge-emu simulate --fail-on drop", "dropped.max_retries"),
        ("forge-emu simulate --fail-on 'faults.pro", "faults.product.error"),
        ("forge-emu simulate --fail-on refused.kvs.k", "refused.kvs.key"),
        ("forge-emu simulate --fail-on refused.kvs.w", "refused.kvs.write_units_per_minute"),
        ("forge-emu simulate --fail-on refused.lim", "refused.limits.kvs.value_kb"),
        ("forge-emu simulate --fail-on dropped>0,p9", "dropped>0,p95"),
        ("forge-emu queue re", "replay"),
        ("forge-emu init x --template ty", "typescript"),
    ],
)
def test_completions(call: Call, monkeypatch: pytest.MonkeyPatch, words: str, offered: str) -> None:
    """Commands, events, settings, types of records."""
    assert offered in completed(call, monkeypatch, words)


def test_completing_loads_nothing_heavy() -> None:
    """Neither the HTTP client nor the server: a shell waits for each TAB."""
    code = (
        "import sys\n"
        "from forge_emu.cli import main\n"
        "try: main.main([], prog_name='forge-emu')\n"
        "except SystemExit: pass\n"
        "heavy = {'httpx', 'starlette', 'uvicorn', 'watchdog', 'jsonschema', 'rich.table'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    for words in ("forge-emu trigger iss", "forge-emu tail --type k", "forge-emu queue sh",
                  "forge-emu run --set l", "forge-emu kvs g", "forge-emu events p",
                  "forge-emu simulate --set l", "forge-emu simulate --fail-on r",
                  "forge-emu run --fault k"):  # fmt: skip
        environment = {
            **os.environ, "_FORGE_EMU_COMPLETE": "bash_complete", "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split(" ")) - 1),
        }  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout, words
        assert done.stderr.strip() == "[]", (words, done.stderr)
