"""`forge-emu completion`, and what a shell is offered."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from forge_emu.model import Json
from tests.conftest import ROOT, Call
from tests.store.state_files import close, fill_state_file

ORDERS = ROOT / "tests" / "apps" / "app_events"
UUID = "0ffc2cc5-8729-4f86-8ade-53fe04bea390"
PUBLISHED = "avi:cloud:ecosystem::event/0c6f9c5e-9d5d-4b8a-9a34-5a8f2f1f7b21"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(call: Call, shell: str) -> None:
    """The shell itself takes it, where there is one."""
    said = call("completion", shell)
    assert said.code == 0
    assert "_FORGE_EMU_COMPLETE" in said.out
    if program := shutil.which(shell):
        done = subprocess.run([program, "-n"], input=said.out, text=True, check=False)
        assert done.returncode == 0


def test_a_value_may_follow_without_a_space_and_hold_commas(call: Call) -> None:
    """`--set NAME=` goes on, and so does `--type event.pushed,kvs.done`."""
    assert "compopt -o nospace" in call("completion", "bash").out
    zsh = call("completion", "zsh").out
    assert "[[ \"$key\" == *= ]] && no_space=(-S '')" in zsh
    assert zsh.count('"${no_space[@]}"') == 2
    assert 'string split --max 1 ","' in call("completion", "fish").out


@pytest.mark.skipif(shutil.which("fish") is None, reason="there is no fish")
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("forge-emu trigger avi:jira:created:issuel", "avi:jira:created:issuelink"),
        ("forge-emu run --set delivery.order=f", "delivery.order=fifo"),
        ("forge-emu tail --type event.pushed,kvs.d", "event.pushed,kvs.done"),
    ],
)
def test_fish_completes(call: Call, tmp_path: Path, line: str, offered: str) -> None:
    """Words with colons, equals signs and commas."""
    folder = _program_in(tmp_path)
    (tmp_path / "forge-emu.fish").write_text(call("completion", "fish").out)
    done = subprocess.run(
        ["fish", "-c", f"source {tmp_path}/forge-emu.fish; complete -C '{line}'"],
        env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.partition("\t")[0].strip() == offered, done.stderr


def completed(call: Call, monkeypatch: pytest.MonkeyPatch, words: str) -> list[str]:
    """What a shell is offered after `words`; the last may be empty."""
    monkeypatch.setenv("_FORGE_EMU_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", words)
    monkeypatch.setenv("COMP_CWORD", str(len(words.split(" ")) - 1))
    return [line.partition(",")[2] for line in call().out.splitlines() if line]


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
        (f"forge-emu trigger --app {ORDERS} avi:cl", f"{PUBLISHED}/order-placed"),
        (f"forge-emu trigger pre-uninstall --app {ORDERS} cl", "clean-up"),
        ("forge-emu queue re", "replay"),
        ("forge-emu trigger sch", "schedule"),
        ("forge-emu trigger we", "web"),
        ("forge-emu schedule re", "resume"),
        ("forge-emu simulate my-app issue-c", "issue-created"),
        ("forge-emu init x --template ty", "typescript"),
    ],
)
def test_completions(call: Call, monkeypatch: pytest.MonkeyPatch, words: str, offered: str) -> None:
    """Commands, events, settings, types of records."""
    assert offered in completed(call, monkeypatch, words)


def _program_in(folder: Path) -> Path:
    """A folder with the program `forge-emu`."""
    program = folder / "forge-emu"
    code = "from forge_emu.cli import main; main.main(prog_name='forge-emu')"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{code}" "$@"\n')
    program.chmod(0o755)
    return folder


_OFFERED = """\
source /dev/stdin <<< "$SCRIPT"
COMP_LINE="$1"; COMP_POINT=${#COMP_LINE}
# As bash ends words.
read -ra COMP_WORDS <<< "${COMP_LINE//:/ : }"; COMP_WORDS=("${COMP_WORDS[@]//=/}")
COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
_forge_emu_completion "$PROGRAM"
echo "${COMPREPLY[*]}"
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("forge-emu tr", "trigger"),
        ("forge-emu trigger avi:jira:created:issuel", "issuelink"),
        ("forge-emu run --set delivery.order=f", "fifo"),
        ("forge-emu run --set delivery.ord", "delivery.order="),
    ],
)
def test_bash_completes_words_with_colons_and_equals_signs(
    call: Call, tmp_path: Path, line: str, offered: str
) -> None:
    """What bash replaces is only what stands behind them."""
    program = _program_in(tmp_path) / "forge-emu"
    done = subprocess.run(
        ["bash", "-c", _OFFERED, "bash", line],
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "SCRIPT": call("completion", "bash").out,
            "PROGRAM": str(program),
            "COMP_WORDBREAKS": " \t\n\"'><=;|&(:",
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [offered], done.stderr


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, dict[str, object]]]:
    """An emulator with two events, one of them about an issue, and two keys; what it was asked."""
    asked: list[tuple[str, dict[str, object]]] = []
    events = [
        {"event_id": UUID, "queue": "q", "state": "waiting", "subject": None},
        {"product_event_id": "p-1", "trigger": "t", "state": "ready", "subject": "EMU-7"},
    ]

    def answer(app_dir: Path, path: str, **query: object) -> Json:
        asked.append((str(app_dir), {"path": path, **query}))
        entries: Json = [{"key": "snapshot:EMU-1"}, {"key": "other"}]
        return {"entries": entries} if path == "/v1/kvs" else {"events": events}

    monkeypatch.setattr("forge_emu.cli.parsing.emulator_answers.emulator_answer", answer)
    return asked


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("forge-emu queue show ", ["EMU-7", "p-1"]),
        (f"forge-emu queue show {UUID[:3]}", [UUID]),
        ("forge-emu queue cancel EMU", ["EMU-7"]),
        ("forge-emu queue run-now EMU", ["EMU-7"]),
        ("forge-emu queue replay EMU", ["EMU-7"]),
        ("forge-emu tail --event EMU", ["EMU-7"]),
        ("forge-emu logs EMU", ["EMU-7"]),
        ("forge-emu kvs get snap", ["snapshot:EMU-1"]),
        ("forge-emu kvs delete o", ["other"]),
        ("forge-emu kvs list --prefix snap", ["snapshot:EMU-1"]),
        ("forge-emu tail --outcome tim", ["timeout"]),
    ],
)
def test_what_the_running_emulator_has_is_offered(
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
    answering: list[tuple[str, dict[str, object]]],
    words: str,
    offered: list[str],
) -> None:
    """Events by what they are about, or by their ids once one begins to be typed; keys."""
    assert completed(call, monkeypatch, words) == offered


def test_keys_of_a_stopped_emulator_are_offered(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """From the state that it has left, which stays as it is."""
    folder = tmp_path / ".forge-emu"
    folder.mkdir()
    state = close(fill_state_file(folder, 2))
    before = state.read_bytes()
    where = f"--app {tmp_path}"
    assert completed(call, monkeypatch, f"forge-emu kvs get {where} k") == ["key0", "key1"]
    assert completed(call, monkeypatch, f"forge-emu kvs get --secret {where} ") == ["hidden"]
    assert state.read_bytes() == before


def test_the_app_of_the_group_is_asked(
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
    answering: list[tuple[str, dict[str, object]]],
) -> None:
    """Wherever `--app` stands."""
    for words in ("forge-emu kvs --app there get s", "forge-emu kvs get --app there s"):
        completed(call, monkeypatch, words)
    assert [app for app, _ in answering] == ["there", "there"]


@pytest.mark.parametrize("words", ["forge-emu queue show E", "forge-emu kvs get s"])
def test_without_an_emulator_nothing_is_offered(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: str
) -> None:
    """And nothing is said in the middle of a line."""
    monkeypatch.chdir(tmp_path)
    assert completed(call, monkeypatch, words) == []


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("queue pause", "orders"),
        ("tail --queue", "orders"),
        ("queue --queue", "orders"),
    ],
)
def test_queues_of_the_app(
    call: Call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: str, offered: str
) -> None:
    """Those that its consumers serve."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "manifest.yml").write_text("modules: {consumer: [{key: c, queue: orders}]}")
    assert completed(call, monkeypatch, f"forge-emu {words} or") == [offered]


def test_completing_loads_nothing_heavy() -> None:
    """Neither the HTTP client nor the server: a shell waits for each TAB."""
    code = (
        "import sys\n"
        "from forge_emu.cli import main\n"
        "try: main.main([], prog_name='forge-emu')\n"
        "except SystemExit: pass\n"
        "heavy = {'httpx', 'starlette', 'uvicorn', 'watchdog', 'jsonschema_rs', 'rich.table'}\n"
        "print(sorted(heavy & set(sys.modules)), file=sys.stderr)\n"
    )
    for words in (
        "forge-emu trigger iss",
        "forge-emu tail --type k",
        "forge-emu queue sh",
        "forge-emu run --set l",
        "forge-emu kvs g",
        "forge-emu events p",
        "forge-emu simulate --set l",
        "forge-emu simulate --fail-on r",
        "forge-emu run --fault k",
        "forge-emu queue show E",
        "forge-emu kvs get E",
    ):
        environment = {
            **os.environ,
            "_FORGE_EMU_COMPLETE": "bash_complete",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split(" ")) - 1),
        }
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stdout or words.endswith(" E"), words
        assert done.stderr.strip() == "[]", (words, done.stderr)
