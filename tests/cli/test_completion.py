"""`forge-emu completion`, and what a shell is offered."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from tests.conftest import ROOT, Call

ORDERS = ROOT / "tests" / "apps" / "app_events"
PUBLISHED = "avi:cloud:ecosystem::event/0c6f9c5e-9d5d-4b8a-9a34-5a8f2f1f7b21"


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
        assert done.stdout, words
        assert done.stderr.strip() == "[]", (words, done.stderr)
