"""How often the host looks at a thread: seldom where nothing happens, which costs a laptop less."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from forge_emu.runtime.node.starting.host_start import PROGRAM
from tests.runtime.node.harness import tools_or_skip

pytestmark = pytest.mark.node

SCRIPT = """
const intervals = [];
let cleared = 0;
globalThis.setInterval = (check, ms) => intervals.push(ms);
globalThis.clearInterval = (timer) => { if (timer) cleared += 1; };
const { CheckTimer } = require(process.argv[1]);
const timer = new CheckTimer(() => {});
timer.start();
const steps = { idle: () => timer.noteAnswer(true), busy: () => timer.noteAnswer(false),
  given: () => timer.give(), unanswered: () => timer.start() };
const paces = process.argv.slice(2).map((step) => { steps[step](); return intervals.at(-1); });
console.log(JSON.stringify([paces, intervals.length - cleared]));
"""


@pytest.mark.parametrize(
    ("steps", "paces"),
    [
        ("busy busy", [20, 20]),
        ("idle idle idle", [20, 200, 200]),
        ("idle idle given idle busy idle", [20, 200, 20, 20, 20, 200]),
        ("idle idle unanswered idle", [20, 200, 20, 200]),
        ("idle given given idle idle", [20, 20, 20, 20, 200]),
    ],
)
def test_a_thread_is_looked_at_often_until_it_has_answered_with_nothing_under_way(
    steps: str, paces: list[int], tmp_path: Path
) -> None:
    """What it is given is watched from the first moment; one timer runs at a time."""
    node = tools_or_skip(tmp_path).node.path
    program = PROGRAM.with_name("check_timer.cjs")
    done = subprocess.run(
        [node, "-e", SCRIPT, str(program), *steps.split()], capture_output=True, text=True
    )
    assert done.stderr == ""
    assert json.loads(done.stdout) == [paces, 1]
