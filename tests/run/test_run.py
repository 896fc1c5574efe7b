"""How a run ends, what it leaves behind, and what keeps it from starting."""

from __future__ import annotations

import asyncio
import re
import signal
from io import StringIO
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.console import Console

from forge_emu.control.contract import TriggerOrder
from forge_emu.control.session import FOLDER, lock_app
from forge_emu.emulator.starting.terminal import Terminal
from forge_emu.errors import ExitCode, ManifestError, UserError
from forge_emu.run.command import run
from forge_emu.run.options import RunOptions
from forge_emu.simulate.condition_judge import ConditionJudge
from forge_emu.store.schema import STATE_FILE
from tests.emulator.emulator_harness import text_of, text_terminal
from tests.engine.world import CREATED
from tests.python_app import write_app

ONE_EVENT = (TriggerOrder(CREATED),)
SLEEPER = "import time\n\ndef listen(event, context):\n    time.sleep(600)\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An app that prints the key of each created issue."""
    return write_app(tmp_path / "app").resolve()


def run_app(root: Path, terminal: Terminal | None = None, **options: Any) -> ExitCode:
    """Run an app in virtual time until all has settled, unless `options` say otherwise."""
    fields: dict[str, Any] = {
        "speed": None,
        "seed": 1,
        "watch": False,
        "until_idle": True,
        "orders": ONE_EVENT,
    }
    given = RunOptions(root, **{**fields, **options})
    return asyncio.run(run(given, terminal or text_terminal(width=160)))


def left_in(root: Path) -> set[str]:
    """What a run has left in the emulator's folder."""
    return {path.name for path in (root / FOLDER).iterdir()} if (root / FOLDER).exists() else set()


class StopOn(StringIO):
    """Asks for a stop, as Ctrl-C does, so many times when `word` is printed."""

    def __init__(self, word: str, times: int) -> None:
        super().__init__()
        self._word = word
        self._times = times

    def write(self, text: str) -> int:
        """Print."""
        if self._word in text:
            for _ in range(self._times):
                signal.raise_signal(signal.SIGINT)
            self._times = 0
        return super().write(text)

    def terminal(self) -> Terminal:
        """A terminal that prints here."""
        return Terminal(lambda: Console(file=self, width=160), lambda: text_terminal().stderr, None)


def test_a_run_ends_when_all_has_settled(root: Path) -> None:
    """With the summary below its lines."""
    terminal = text_terminal(width=160)
    assert run_app(root, terminal) is ExitCode.OK
    printed = text_of(terminal.stdout)
    assert all(word in printed for word in ("ready", "EMU-1", "succeeded", "Summary"))
    assert re.fullmatch(r"ready in [\d,]+ ms\n", text_of(terminal.stderr))


def test_records_go_to_stdout_and_the_address_does_not(
    root: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    """So that a pipe gets records alone, the summary last."""
    terminal = text_terminal(width=160)
    assert run_app(root, terminal, output="json") is ExitCode.OK
    lines = [msgspec.json.decode(line) for line in capsysbinary.readouterr().out.splitlines()]
    assert (lines[0]["type"], lines[-1]["type"]) == ("app.loaded", "summary")
    said = text_of(terminal.stderr)
    assert re.fullmatch(r"ready in [\d,]+ ms at http://127\.0\.0\.1:\d+, seed 1\n", said)


def test_an_event_that_no_trigger_wants_is_said_before_it_is_sent(root: Path) -> None:
    """As a record, so in every kind of output."""
    terminal = text_terminal(width=160)
    orders = (TriggerOrder("page-created"),)
    run_app(root, terminal, orders=orders, output="lines")
    lines = text_of(terminal.stdout)
    assert lines.index("no trigger of the app wants avi:confluence:created:page") < lines.index(
        "sent  "
    )


def test_a_variable_of_the_command_line_reaches_the_handlers(root: Path) -> None:
    """As `--set env.NAME` gives it."""
    source = "import os\n\ndef listen(event, context):\n    print(os.environ['WORD'])\n"
    (root / "src" / "index.py").write_text(source)
    terminal = text_terminal(width=160)
    run_app(root, terminal, variables={"WORD": "xyzzy"})
    assert "xyzzy" in text_of(terminal.stdout)


def test_a_run_in_real_time_leaves_its_state(root: Path) -> None:
    """And goes on from it the next time, with the next issue."""
    for issue in ("EMU-1", "EMU-2"):
        terminal = text_terminal(width=160)
        assert run_app(root, terminal, speed=1.0) is ExitCode.OK
        assert issue in text_of(terminal.stdout)
    assert STATE_FILE in left_in(root)


def test_virtual_time_leaves_no_state(root: Path) -> None:
    """So that a seed repeats a run."""
    first, second = text_terminal(width=160), text_terminal(width=160)
    run_app(root, first)
    run_app(root, second)
    assert text_of(first.stdout) == text_of(second.stdout)
    assert STATE_FILE not in left_in(root)


@pytest.mark.parametrize("speed", [None, 1.0])
def test_an_ephemeral_run_leaves_nothing(root: Path, speed: float | None) -> None:
    """But what was there before it is not touched."""
    run_app(root, speed=speed, ephemeral=True)
    assert not (root / FOLDER).exists()
    run_app(root, speed=1.0)
    before = (root / FOLDER / STATE_FILE).read_bytes()
    run_app(root, speed=speed, ephemeral=True)
    assert (root / FOLDER / STATE_FILE).read_bytes() == before


def test_a_trace_is_written_at_the_end(root: Path, tmp_path: Path) -> None:
    """And named."""
    terminal, trace = text_terminal(width=160), tmp_path / "trace.json"
    run_app(root, terminal, trace=trace)
    assert text_of(terminal.stderr).endswith(f" ms\nwrote {trace}\n")
    assert msgspec.json.decode(trace.read_bytes())["otherData"]["seed"] == 1


@pytest.mark.parametrize(
    ("until_idle", "code"), [(False, ExitCode.OK), (True, ExitCode.INTERRUPTED)]
)
def test_a_stop_is_an_interruption_only_where_an_end_was_awaited(
    root: Path, until_idle: bool, code: ExitCode
) -> None:
    """A run without end has no other way to end; either has its summary."""
    stdout = StopOn("EMU-1", 1)
    orders = (TriggerOrder(CREATED, 2, spread_ms=7_200_000),)
    ended = run_app(root, stdout.terminal(), speed=1.0, until_idle=until_idle, orders=orders)
    assert ended is code
    assert "Summary" in stdout.getvalue()
    assert "EMU-2" not in stdout.getvalue()


def test_a_second_stop_waits_for_nothing(root: Path) -> None:
    """What runs is ended, and no summary is made of it."""
    (root / "src" / "index.py").write_text(SLEEPER)
    stdout = StopOn("started", 2)
    assert run_app(root, stdout.terminal(), speed=1.0) is ExitCode.INTERRUPTED
    assert "Summary" not in stdout.getvalue()


def test_an_address_of_nobody_is_refused_before_anything_is_touched(root: Path) -> None:
    """The app is not even looked at."""
    with pytest.raises(UserError, match="no address"):
        run_app(root, host="no address")
    assert not (root / FOLDER).exists()


def test_an_app_that_runs_already_is_refused(root: Path) -> None:
    """Two emulators would write one state."""
    with lock_app(root), pytest.raises(UserError, match="an emulator already runs for this app"):
        run_app(root)


def test_code_that_cannot_be_loaded_is_the_users_to_mend(root: Path) -> None:
    """Nobody finds an emulator that has not started, and a new state holds nothing of it."""
    (root / "src" / "index.py").write_text("def listen(:\n")
    with pytest.raises(ManifestError) as caught:
        run_app(root, ephemeral=True)
    assert [problem.file for problem in caught.value.problems] == ["src/index.py"]
    assert not (root / FOLDER).exists()


@pytest.mark.parametrize(
    ("condition", "code", "line"),
    [
        ("product_events.sent>0", ExitCode.CONDITION_FAILED, "✗ product_events.sent == 0: 1"),
        ("dropped>0", ExitCode.OK, "✓ dropped == 0"),
    ],
)
def test_conditions_judge_a_run_that_ends_by_itself(
    root: Path,
    capsysbinary: pytest.CaptureFixture[bytes],
    condition: str,
    code: ExitCode,
    line: str,
) -> None:
    """On stderr, as the exit code, and in the summary."""
    terminal = text_terminal(width=160)
    judge = ConditionJudge([condition])
    assert run_app(root, terminal, judge=judge, output="json") is code
    assert line in text_of(terminal.stderr).splitlines()
    summary = msgspec.json.decode(capsysbinary.readouterr().out.splitlines()[-1])
    assert [each["condition"] for each in summary["conditions"]] == [condition]


def test_a_run_that_is_interrupted_is_not_judged(root: Path) -> None:
    """What is missing was not lost by the app."""
    terminal = StopOn("EMU-1", 1).terminal()
    judge = ConditionJudge(["product_events.sent>0"])
    orders = (TriggerOrder(CREATED, 2, spread_ms=7_200_000),)
    ended = run_app(root, terminal, speed=1.0, orders=orders, judge=judge)
    assert ended is ExitCode.INTERRUPTED
    assert "product_events.sent" not in text_of(terminal.stderr)
    assert "the conditions were not judged" in text_of(terminal.stderr)
