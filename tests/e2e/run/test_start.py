"""What keeps a run from starting, and who else may not start."""

from __future__ import annotations

import json
import re
import shlex
import stat
from pathlib import Path

import pytest

from tests.e2e import apps
from tests.e2e.emulator_process import run_command, running_emulator

ROOT = Path(__file__).parents[3]

QUIET = "exports.created = () => {}; exports.store = () => {};"


@pytest.mark.parametrize(
    ("files", "arguments", "words"),
    [
        ({}, (), ["no manifest.yml", "hint"]),
        ({"manifest.yml": ""}, (), ["manifest.yml:1:1", "empty"]),
        ({"manifest.yml": "app: [\n"}, (), ["manifest.yml:2:1"]),
        ({"manifest.yml": "x" * 10_500_000}, (), ["10.5 MB"]),
        ({"manifest.yml": apps.MANIFEST}, (), ["manifest.yml:18:16", "index"]),
        (
            {"manifest.yml": apps.MANIFEST, "src/index.js": "exports.created = 1;"},
            (),
            ["manifest.yml:18:16", "manifest.yml:20:16", "created", "store"],
        ),
        (
            {"manifest.yml": apps.MANIFEST, "src/index.js": "import x from './gone';"},
            (),
            ["src/index.js:1:15", "./gone"],
        ),
        (
            {"manifest.yml": apps.MANIFEST, "src/index.js": "throw new Error('at the top');"},
            (),
            ["src/index.js:1:7", "at the top"],
        ),
        (
            {"manifest.yml": apps.MANIFEST, "src/index.js": QUIET, "forge-emu.yml": "preset: old"},
            (),
            ["forge-emu.yml:1:9", "old", "legacy"],
        ),
        (
            {
                "manifest.yml": apps.MANIFEST,
                "src/index.js": QUIET,
                "forge-emu.yml": "limits:\n  kvs:\n    write_unit_per_minute: 5",
            },
            (),
            ["forge-emu.yml:3:5", "write_units_per_minute"],
        ),
        (
            {"manifest.yml": apps.MANIFEST, "src/index.js": QUIET},
            ("--set", "limits.kvs.depth=deep"),
            ["deep", "whole number"],
        ),
        ({"manifest.yml": apps.MANIFEST, "src/index.js": QUIET}, ("--speed", "0"), ["'0'"]),
        ({"manifest.yml": apps.MANIFEST, "src/index.js": QUIET}, ("--port", "99999"), ["99999"]),
        (
            {"manifest.yml": apps.MANIFEST, "src/index.js": QUIET},
            ("--trigger", "issue-crated"),
            ["issue-crated", "issue-created"],
        ),
        (
            {
                "manifest.yml": apps.MANIFEST,
                "src/index.js": QUIET,
                "package.json": '{"dependencies": {"@forge/events": "^2"}}',
            },
            (),
            ["@forge/events", "npm install"],
        ),
    ],
)
@pytest.mark.node
def test_bad_input_ends_in_one_clear_message(
    tmp_path: Path, files: dict[str, str], arguments: tuple[str, ...], words: list[str]
) -> None:
    """Exit code 2, the place and the user's own word, no traceback, no session left behind."""
    done = run_command("run", apps.write_files(tmp_path, files), "--json", *arguments)
    assert done.returncode == 2, done.stderr
    for word in words:
        assert word in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / ".forge-emu" / "session.json").exists()


@pytest.mark.node
def test_a_second_emulator_of_an_app_is_refused(tmp_path: Path) -> None:
    """It says who holds the app and where; the first one is not disturbed."""
    with running_emulator(apps.app_without_packages(tmp_path, QUIET)) as run:
        session = tmp_path / ".forge-emu" / "session.json"
        known = json.loads(session.read_text())
        assert stat.S_IMODE(session.stat().st_mode) == 0o600
        assert known["pid"] == run.process.pid

        done = run_command("run", tmp_path)

        assert done.returncode == 2
        assert str(run.process.pid) in done.stderr
        assert known["url"].rpartition(":")[2] in done.stderr
        assert run_command("trigger", "issue-created", "--app", tmp_path).returncode == 0


@pytest.mark.node
def test_a_taken_port_is_said(tmp_path: Path) -> None:
    """With the option that mends it."""
    with running_emulator(apps.app_without_packages(tmp_path / "a", QUIET)):
        url = json.loads((tmp_path / "a" / ".forge-emu" / "session.json").read_text())["url"]
        port = url.rpartition(":")[2]
        done = run_command("run", apps.app_without_packages(tmp_path / "b", QUIET), "--port", port)
        assert done.returncode == 2
        assert port in done.stderr
        assert "--port" in done.stderr


@pytest.mark.node
def test_a_killed_emulator_leaves_the_app_free(tmp_path: Path) -> None:
    """Its session file is stale: trigger says so, run starts."""
    app = apps.app_without_packages(tmp_path, QUIET)
    with running_emulator(app) as run:
        run.process.kill()
        run.process.wait()
        assert run_command("trigger", "issue-created", "--app", app).returncode == 3
    with running_emulator(app):
        assert run_command("trigger", "issue-created", "--app", app).returncode == 0


@pytest.mark.node
def test_the_demo_prints_thirty_lines_where_no_terminal_reads_them() -> None:
    """With its command, which make prints: the run, its figures, limits and advice."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    command = makefile.split("$(BIN)/forge-emu run sample_app", 1)[1].splitlines()[0]
    # No figure follows from the speed, and the last one counts.
    quick = ("--seed", "1", "--speed", "200")
    done = run_command("run", ROOT / "sample_app", *shlex.split(command), *quick)
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stderr
    assert len(lines) + 1 <= 30
    for words in ("ready", "1,000 sent", "Summary", "events pushed", "limits", "Advice"):
        assert any(words in line for line in lines), words


@pytest.mark.node
def test_without_a_terminal_a_run_prints_plain_lines(tmp_path: Path) -> None:
    """No cursor codes, the summary at the end, and a seed to repeat it. Where the run ends by
    itself, `--plain` asks for the lines."""
    app = apps.app_without_packages(tmp_path, QUIET)
    run = ("run", app, "--trigger", "issue-created", "--count", "3", "--until-idle", "--seed", "7")
    brief = run_command(*run, "--ephemeral")
    assert brief.stdout.count("✓ succeeded") == 0
    assert "Summary" in brief.stdout
    done = run_command(*run, "--plain")
    assert done.returncode == 0
    assert "\x1b" not in done.stdout
    assert "Summary" in done.stdout
    assert "seed 7" in done.stdout
    assert done.stdout.count("✓ succeeded") == 3


@pytest.mark.node
def test_quiet_prints_no_records(tmp_path: Path) -> None:
    """What the emulator says of itself stays, and the summary; how long it took is on stderr."""
    app = apps.app_without_packages(tmp_path, QUIET)
    done = run_command(
        "run", app, "--ephemeral", "--quiet", "--trigger", "issue-created", "--until-idle"
    )
    assert done.returncode == 0
    first, *rest = done.stdout.splitlines()
    assert "ready" in first
    assert rest[0].startswith("── Summary")
    assert re.search(r"^ready in [\d,]+ ms$", done.stderr, re.MULTILINE)


@pytest.mark.parametrize("pair", [("--json", "--quiet"), ("--plain", "--quiet")])
def test_a_run_prints_in_one_way(tmp_path: Path, pair: tuple[str, str]) -> None:
    """Two of them are an error, before anything runs."""
    done = run_command("run", tmp_path, *pair)
    assert done.returncode == 2
    assert "--quiet excludes --json and --plain" in done.stderr
