"""`trigger` against a running emulator."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import TIMEOUT_SECONDS, run_command, running_emulator

pytestmark = pytest.mark.node

ECHO = """\
exports.created = (event) => console.log(JSON.stringify(event.issue ?? event));
exports.store = () => {};
"""


def test_without_an_emulator(tmp_path: Path) -> None:
    """Exit code 3 and the command that starts one."""
    app = apps.app_without_packages(tmp_path, ECHO)
    done = run_command("trigger", "issue-created", "--app", app)
    assert done.returncode == 3
    assert f"forge-emu run {app}" in done.stderr


def test_both_names_of_an_event_mean_the_same(tmp_path: Path) -> None:
    """The short one and the platform's own."""
    with running_emulator(apps.app_without_packages(tmp_path, ECHO)) as run:
        for name in ("issue-created", "avi:jira:created:issue"):
            assert run_command("trigger", name, "--app", tmp_path).returncode == 0
            assert run.wait_for_type("product_event.sent")["name"] == "avi:jira:created:issue"


def test_payloads_are_changed_and_numbered(tmp_path: Path) -> None:
    """`--set` with `{n}`, `--data` from stdin, keys that count on."""
    with running_emulator(apps.app_without_packages(tmp_path, ECHO)) as run:
        run_command(
            "trigger",
            "issue-created",
            "--count",
            "2",
            "--app",
            tmp_path,
            "--set",
            "issue.fields.summary=No. {n}",
            "--wait",
        )
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "forge_emu",
                "trigger",
                "issue-created",
                "--data",
                "-",
                "--app",
                str(tmp_path),
                "--wait",
                "--json",
            ],
            input='{"issue": {"fields": {"labels": ["a"]}}}',
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=True,
        )
        assert json.loads(done.stdout)["product_events"]["succeeded"] == 1
        run.interrupt()
        run.wait_for_summary()
        issues = [json.loads(r["message"]) for r in run.records_of("log")]
        assert {i["key"]: i["fields"]["summary"] for i in issues[:2]} == {
            "EMU-1": "No. 1",
            "EMU-2": "No. 2",
        }
        assert issues[2]["key"] == "EMU-3"
        assert issues[2]["fields"]["labels"] == ["a"]
        assert issues[2]["fields"]["issuetype"]["name"]


def test_a_seed_repeats_ids(tmp_path: Path) -> None:
    """The same events in two runs of one seed."""
    seen = []
    app = apps.app_without_packages(tmp_path, ECHO)
    for _ in range(2):
        with running_emulator(app, "--ephemeral", "--seed", "5") as run:
            run_command("trigger", "issue-created", "--count", "5", "--app", app, "--wait")
            run.interrupt()
            run.wait_for_summary()
            sent = run.records_of("product_event.sent")
            seen.append([(r["product_event_id"], r["subject"]) for r in sent])
    assert seen[0] == seen[1]
    assert len(seen[0]) == 5


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("issue-crated",), ["issue-crated", "issue-created"]),
        (("issue-created", "--count", "0"), ["0"]),
        (("issue-created", "--rate", "fast"), ["fast", "50/s"]),
        (("issue-created", "--spread", "later"), ["later", "10s"]),
        (("issue-created", "--rate", "5/s", "--spread", "5s"), ["--rate", "--spread"]),
        (("issue-created", "--set", "summary"), ["summary", "="]),
        (("issue-created", "--set", "issue..x=1"), ["issue..x"]),
        (("issue-created", "--data", "nowhere.json"), ["nowhere.json", "--data - <"]),
    ],
)
def test_wrong_words_are_said_before_anything_is_sent(
    tmp_path: Path, arguments: tuple[str, ...], words: list[str]
) -> None:
    """Exit code 2, the user's own word, and no traceback."""
    done = run_command("trigger", "--app", tmp_path, *arguments)
    assert done.returncode == 2, done.stderr
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("pace", "offsets"),
    [
        (("--rate", "2/s"), [0, 500, 1_000, 1_500]),
        (("--spread", "40s"), [0, 10_000, 20_000, 30_000]),
    ],
)
def test_a_pace_is_kept_in_emulated_time(
    tmp_path: Path, pace: tuple[str, str], offsets: list[int]
) -> None:
    """Each event is sent at its own time."""
    with running_emulator(apps.app_without_packages(tmp_path, ECHO), "--virtual") as run:
        done = run_command(
            "trigger", "issue-created", "--count", "4", *pace, "--app", tmp_path, "--wait"
        )
        assert done.returncode == 0, done.stderr
        run.interrupt()
        run.wait_for_summary()
        sent = [r["at"] for r in run.records_of("product_event.sent")]
        assert [at - sent[0] for at in sent] == offsets
