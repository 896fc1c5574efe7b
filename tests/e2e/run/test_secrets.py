"""Secrets reach handlers, and nothing that is shown; what is not declared reaches no handler."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import run_command, running_emulator
from tests.npm import NEWEST

USER, PASSED, STORED, GIVEN = "canary-user-1", "canary-passed-2", "canary-stored-3", "canary-set-4"
CANARIES = (USER, PASSED, STORED, GIVEN)
DECLARED = "environment: [PASSED_ON, NOT_SET]\nvariables:\n  BASE_DELAY: 1.0\n"

SCRIPT = """\
import { Queue, InvocationError } from '@forge/events';
import { kvs } from '@forge/kvs';
import api, { route } from '@forge/api';
import fs from 'fs';

const queue = new Queue({ key: 'store-later' });
const { API_KEY, PASSED_ON, SET_TOKEN } = process.env;

export async function created(event) {
  const stored = fs.readFileSync('stored.txt', 'utf8');
  await kvs.setSecret('token', { value: stored });
  fs.writeFileSync('seen.json', JSON.stringify({
    ...process.env, stored: (await kvs.getSecret('token')).value,
  }));
  console.log('env', API_KEY, { PASSED_ON }, JSON.stringify([SET_TOKEN]), stored);
  process.stderr.write(`stderr ${API_KEY} ${stored}\\n`);
  await queue.push([{ body: { n: 1 } }, { body: { n: 2 } }]);
}

export async function store(event) {
  const stored = (await kvs.getSecret('token')).value;
  const all = [API_KEY, PASSED_ON, SET_TOKEN, stored].join(' ');
  const count = event.retryContext?.retryCount ?? 0;
  console.warn(all);
  await kvs.get(`read ${API_KEY} ${stored}`);
  try { await kvs.set(`long ${stored} ${'x'.repeat(600)}`, 1); } catch (e) { console.error(e); }
  try { await new Queue({ key: `to-${API_KEY}` }).push({ body: 1 }); } catch (e) { console.log(e); }
  try { await api.asApp().requestJira(route`/rest/${stored}`); } catch (e) { console.error(e); }
  if (event.body.n === 2 || count === 0) {
    return new InvocationError({ retryAfter: 1, retryReason: `because ${all}` });
  }
  if (count === 1) throw new TypeError(`thrown ${all}`);
}
"""

PYTHON = """\
import json
import os
import sys
from pathlib import Path

from forge_emu.sdk import InvocationError, Queue, kvs

queue = Queue(key="store-later")
NAMES = ("API_KEY", "PASSED_ON", "SET_TOKEN")


def created(event):
    stored = Path("stored.txt").read_text()
    kvs.set_secret("token", {"value": stored})
    seen = {**os.environ, "stored": kvs.get_secret("token")["value"]}
    Path("seen.json").write_text(json.dumps(seen))
    print("env", [os.environ.get(name) for name in NAMES], json.dumps({"s": stored}))
    print("stderr", os.environ["API_KEY"], stored, file=sys.stderr)
    queue.push([{"body": {"n": 1}}, {"body": {"n": 2}}])


def store(event):
    stored = kvs.get_secret("token")["value"]
    everything = " ".join([*(os.environ.get(name, "") for name in NAMES), stored])
    count = (event.get("retryContext") or {}).get("retryCount", 0)
    print(everything)
    kvs.get(f"read {os.environ['API_KEY']} {stored}")
    try:
        kvs.set(f"long {stored} {'x' * 600}", 1)
    except Exception as error:
        print(repr(error))
    try:
        Queue(key=f"to-{stored}").push({"body": 1})
    except Exception as error:
        print(error)
    if event["body"]["n"] == 2 or count == 0:
        return InvocationError(retry_after=1, retry_reason=f"because {everything}")
    if count == 1:
        raise TypeError(f"thrown {everything}")
"""


def script(root: Path) -> Path:
    """The app in JavaScript, on the real packages."""
    apps.app_without_packages(root, SCRIPT)
    return apps.link_packages(root, NEWEST)


def python(root: Path) -> Path:
    """The same in Python."""
    return apps.write_files(root, {"manifest.yml": apps.MANIFEST, "src/index.py": PYTHON})


@pytest.fixture(params=[pytest.param(script, marks=pytest.mark.node), python])
def app(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An app that tells all it knows, started by a developer who has secrets."""
    monkeypatch.setenv("FORGE_USER_VAR_API_KEY", USER)
    monkeypatch.setenv("PASSED_ON", PASSED)
    monkeypatch.setenv("CANARY_UNDECLARED", "canary-undeclared")
    monkeypatch.delenv("NOT_SET", raising=False)
    root: Path = request.param(tmp_path / "app")
    return apps.write_files(root, {"stored.txt": STORED, "forge-emu.yml": DECLARED})


def told(text: str) -> list[str]:
    """The canaries in a text."""
    return [canary for canary in CANARIES if canary in text]


def test_secrets_are_seen_by_handlers_and_by_nobody_else(app: Path, tmp_path: Path) -> None:
    """In records, report, trace, tail, queue, store, export, and after a restart."""
    report, trace, file = (tmp_path / name for name in ("r.html", "t.json", "monday.state"))
    out: list[str] = []
    arguments = (
        "--speed",
        "60",
        # The handler reads and writes in the app's folder.
        "--layout",
        "source",
        "--set",
        f"env.SET_TOKEN={GIVEN}",
        "--report",
        str(report),
        "--trace",
        str(trace),
    )
    with running_emulator(app, *arguments) as run:
        for words in (
            ("trigger", "issue-created", "--wait"),
            ("tail", "--json", "--since", "all", "--no-follow"),
            ("tail", "--since", "all", "--no-follow"),
            ("queue",),
            ("queue", "--json"),
            ("queue", "show", "EMU-1"),
            ("kvs", "list", "--secret"),
            ("kvs", "export"),
            ("doctor",),
        ):
            where = () if words[0] == "doctor" else ("--app", str(app))
            done = run_command(*words, *where, cwd=app)
            assert done.returncode == 0, done.stderr
            out += [done.stdout, done.stderr]
        run.interrupt()
        run.wait_for_summary()
    records = [json.dumps(record) for record in run.records]
    out += [*records, run.stderr, report.read_text(), trace.read_text()]

    seen = json.loads((app / "seen.json").read_text())
    assert seen["API_KEY"] == USER
    assert (seen["PASSED_ON"], seen["SET_TOKEN"], seen["stored"]) == (PASSED, GIVEN, STORED)
    assert (seen["BASE_DELAY"], seen["TZ"]) == ("1.0", "UTC")
    assert not {"CANARY_UNDECLARED", "NOT_SET"} & set(seen)

    exported = run_command("state", "export", file, "--app", app)
    assert exported.returncode == 0, exported.stderr
    assert "1 secret left out" in exported.stderr
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    out.append(file.read_bytes().decode("latin-1"))
    assert [told(text) for text in out if told(text)] == []
    everything = "\n".join(out)
    for mark in ("[API_KEY]", "[PASSED_ON]", "[SET_TOKEN]", "[secret token]"):
        assert mark in everything, mark
    assert "env.SET_TOKEN=[SET_TOKEN]" in report.read_text()
    warnings = [r for r in run.records_of("log") if "NOT_SET" in r["message"]]
    assert len(warnings) == 1
    for type, field in (
        ("retry.scheduled", "because [API_KEY] [PASSED_ON] [SET_TOKEN] [secret token]"),
        ("invocation.finished", "thrown [API_KEY]"),
        ("kvs.done", "[secret token]"),
        ("kvs.refused", "long [secret token]"),
        ("log", "stderr [API_KEY] [secret token]"),
    ):
        assert any(field in json.dumps(record) for record in run.records_of(type)), type

    with running_emulator(app, "--speed", "60") as run:
        (app / "stored.txt").write_text("another")
        done = run_command("trigger", "issue-created", "--wait", "--app", app)
        tailed = run_command("tail", "--since", "all", "--no-follow", "--json", "--app", app)
    texts = [json.dumps(run.records), run.stderr, done.stdout, done.stderr, tailed.stdout]
    assert [told(text) for text in texts if told(text)] == []


def test_a_simulation_tells_no_secret(app: Path, tmp_path: Path) -> None:
    """Not in its records, report, trace or JUnit file, nor in the line that repeats it."""
    files = {name: tmp_path / f"file.{name}" for name in ("records", "report", "trace", "junit")}
    written = [word for name, path in files.items() for word in (f"--{name}", str(path))]
    done = run_command(
        "simulate",
        app,
        "issue-created",
        "--set",
        f"env.SET_TOKEN={GIVEN}",
        "--fail-on",
        "retries>0",
        "--no-tries",
        "--layout",
        "source",
        *written,
    )
    assert done.returncode == 1, done.stderr
    assert "NOT_SET" in done.stderr
    texts = [done.stdout, done.stderr, *(path.read_text() for path in files.values())]
    assert [told(text) for text in texts if told(text)] == []
    assert "env.SET_TOKEN=[SET_TOKEN]" in files["report"].read_text()
    assert "env.SET_TOKEN=[SET_TOKEN]" in files["junit"].read_text()
    assert json.loads((app / "seen.json").read_text())["SET_TOKEN"] == GIVEN

    compared = run_command(
        "simulate",
        app,
        "issue-created",
        "--compare",
        f"env.SET_TOKEN={GIVEN},other-token",
        "--layout",
        "source",
        "--json",
    )
    assert compared.returncode == 0, compared.stderr
    assert told(compared.stdout + compared.stderr) == []
    columns = json.loads(compared.stdout)["columns"]
    assert [column["value"] for column in columns] == ["[SET_TOKEN 1]", "[SET_TOKEN 2]"]


@pytest.mark.parametrize("words", [("run",), ("check",), ("run", "--virtual")])
def test_a_module_that_tells_a_secret_while_it_loads(app: Path, words: tuple[str, ...]) -> None:
    """The message of what it throws is shown, without the secret."""
    if (path := app / "src/index.py").exists():
        path.write_text(path.read_text() + "\nraise ValueError(os.environ['API_KEY'])\n")
    else:
        path = app / "src/index.js"
        path.write_text(path.read_text() + "\nthrow new Error(process.env.API_KEY);\n")
    done = run_command(words[0], app, *words[1:])
    assert done.returncode in (1, 2), done.stderr
    assert told(done.stdout + done.stderr) == []
    assert "[API_KEY]" in done.stdout + done.stderr


def test_the_doctor_tells_names_and_where_they_are_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what is missing; never a value."""
    monkeypatch.setenv("FORGE_USER_VAR_API_KEY", USER)
    monkeypatch.delenv("NOT_SET", raising=False)
    app = apps.write_files(python(tmp_path / "app"), {"forge-emu.yml": DECLARED})
    done = run_command("doctor", app, "--json")
    found = {(sign["found"], sign["why"]) for sign in json.loads(done.stdout)}
    assert ("BASE_DELAY", "variables: in forge-emu.yml") in found
    assert ("API_KEY", "FORGE_USER_VAR_NAME") in found
    assert ("not set: PASSED_ON, NOT_SET", "environment: in forge-emu.yml") in found
    assert told(done.stdout) == []


def test_all_of_the_environment_if_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What would break the host is left out."""
    monkeypatch.setenv("UNDECLARED", "seen now")
    monkeypatch.setenv("PYTHONSTARTUP", "/nowhere")
    source = "import os\n\n\ndef created():\n    print(dict(os.environ))\n\n\nstore = created\n"
    files = {"manifest.yml": apps.MANIFEST, "src/index.py": source}
    app = apps.write_files(tmp_path / "app", {**files, "forge-emu.yml": "environment: all\n"})
    done = run_command(
        "run", app, "--virtual", "--trigger", "issue-created", "--until-idle", "--json"
    )
    assert "'UNDECLARED': 'seen now'" in done.stdout
    assert "PYTHONSTARTUP" not in done.stdout
    assert f"'PATH': '{os.environ['PATH']}'" in done.stdout


def test_changed_variables_apply_from_the_next_start(tmp_path: Path) -> None:
    """As settings do, and the user is told."""
    app = apps.write_files(python(tmp_path / "app"), {"forge-emu.yml": "variables: {A: 1}\n"})
    with running_emulator(app, "--virtual") as run:
        apps.write_files(app, {"forge-emu.yml": "variables: {A: 2}\n"})
        said = run.wait_for(lambda r: r["type"] == "log" and "forge-emu.yml" in r["message"])
    assert said["message"].endswith("its settings and variables apply from the next start")
