"""What one handler does to itself harms no other, and memory ends only who has too much of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.emulator_process import EmulatorProcess, run_command

pytestmark = pytest.mark.node

HOSTILE = {
    "loops": "for (;;);",
    "microtasks": "for (;;) await null;",
    "heap": "const kept = []; for (;;) kept.push(new Array(10000).fill(kept.length));",
    "buffers": "const kept = []; for (;;) kept.push(Buffer.alloc(4_000_000, 1));",
    "exits": "process.exit(1);",
    "rejects": "Promise.reject(new Error('nobody')); await new Promise(() => {});",
    "never": "setInterval(() => {}, 1000); await new Promise(() => {});",
    "recurses": "const deep = () => deep() + 1; deep();",
}
GOOD = """
const held = [];
export async function good(event) {
  console.log('good', event.issue.key);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  console.log('done', event.issue.key);
}
"""
APP = "app:\n  id: ari:cloud:ecosystem::app/2f6f1f3a-8d3c-4c49-9d40-5d5a0a0f6f10\n"
APP += "  runtime:\n    name: nodejs22.x\n"


def app_with(folder: Path, source: str, functions: dict[str, tuple[str, int]]) -> Path:
    """An app whose functions are `{key: (short name of the event, memoryMB)}`."""
    names = {"created": "avi:jira:created:issue", "updated": "avi:jira:updated:issue"}
    lines = [APP + "modules:\n  trigger:"]
    for key, (event, _) in functions.items():
        lines.append(f"    - key: on-{key}\n      function: {key}\n      events: [{names[event]}]")
    lines.append("  function:")
    for key, (_, memory) in functions.items():
        lines.append(f"    - key: {key}\n      handler: index.{key}")
        lines.append(f"      runtime:\n        memoryMB: {memory}")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "manifest.yml").write_text("\n".join(lines) + "\n", "utf-8")
    (folder / "package.json").write_text("{}", "utf-8")
    (folder / "src").mkdir(exist_ok=True)
    (folder / "src" / "index.js").write_text(source, "utf-8")
    return folder


def hostile_app(folder: Path) -> Path:
    """Eight handlers that misbehave, and one that does not."""
    bodies = [f"export async function {key}() {{ {body} }}\n" for key, body in HOSTILE.items()]
    functions = {"good": ("created", 128), **dict.fromkeys(HOSTILE, ("updated", 128))}
    return app_with(folder, GOOD + "".join(bodies), functions)


def finished(records: Sequence[dict[str, Any]]) -> dict[str, Counter[str]]:
    """How the invocations of each function have ended."""
    outcomes: dict[str, Counter[str]] = {}
    for record in records:
        if record["type"] == "invocation.finished":
            outcomes.setdefault(record["function"], Counter())[record["outcome"]] += 1
    return outcomes


def simulate(app: Path, *arguments: str) -> list[dict[str, Any]]:
    """The records of a simulation."""
    file = app / "records.jsonl"
    done = run_command("simulate", app, *arguments, "--seed", "7", "--records", str(file))
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


ONE_ATTEMPT = ("--set", "product_events.max_retries=0")
SHORT = ("--set", "limits.invocations.trigger_timeout_seconds=3")


def check_good_ran_once(outcomes: dict[str, Counter[str]]) -> None:
    """Forty good ones, each once; the others each have their own end."""
    assert outcomes["good"] == {"success": 40}
    for key in ("loops", "microtasks", "never"):
        assert set(outcomes[key]) == {"timeout"}, key
    for key in ("heap", "buffers"):
        assert set(outcomes[key]) == {"out_of_memory"}, key
    for key in ("exits", "rejects", "recurses"):
        assert set(outcomes[key]) == {"error"}, key


def test_forty_good_events_beside_eight_hostile_handlers_run_once_each(tmp_path: Path) -> None:
    """In virtual time: an innocent function never hears of the others."""
    app = hostile_app(tmp_path / "app")

    records = simulate(
        app, "--event", "issue-created:40", "--event", "issue-updated:2", *ONE_ATTEMPT, *SHORT
    )

    check_good_ran_once(finished(records))


def test_the_same_in_real_time(tmp_path: Path) -> None:
    """Each gets forty events, and misbehaves at the first."""
    bodies = [
        f"export async function {key}(event) {{ if (event.issue.key === 'EMU-1') {{ {body} }} }}\n"
        for key, body in HOSTILE.items()
    ]
    functions = dict.fromkeys(("good", *HOSTILE), ("created", 128))
    run = EmulatorProcess(
        app_with(tmp_path / "app", GOOD + "".join(bodies), functions),
        *("--ephemeral", "--until-idle", *ONE_ATTEMPT, *SHORT),
        *("--trigger", "issue-created", "--count", "40"),
    )
    run.wait_for_summary()

    outcomes = finished(run.records)
    assert outcomes["good"] == {"success": 40}
    for key in ("loops", "microtasks", "never"):
        assert outcomes[key]["timeout"] >= 1, key
    for key in ("heap", "buffers"):
        # A busy machine may not fill the memory before the timeout.
        assert outcomes[key]["out_of_memory"] + outcomes[key]["timeout"] == 1, key


HOLDS = {
    "heap": "for (let i = 0; i < mb * 128; i++) kept.push(new Array(1024).fill(i + 0.5));",
    "buffer": "for (let i = 0; i < mb; i++) kept.push(Buffer.alloc(1 << 20, 1));",
    "one": "kept.push(Buffer.alloc(mb << 20, 1));",
    "wasm": "kept.push(new WebAssembly.Memory({ initial: mb * 16 }));",
    "awaits": "for (let i = 0; i < mb; i++) { kept.push(Buffer.alloc(1 << 20, 1));"
    " if (i % 10 === 0) await new Promise((r) => setTimeout(r, 1)); }",
}
AROUND_LIMITS = ((100, 128), (200, 128), (200, 256), (400, 256), (400, 512))
"""MB that a handler holds, and what its function may have."""


@pytest.mark.parametrize("how", HOLDS)
def test_who_outgrows_its_memory_is_ended_and_nobody_else(tmp_path: Path, how: str) -> None:
    """Less than the limit and more, several at once, in functions of 128, 256 and 512 MB."""
    source = f"async function hold(mb) {{ const kept = []; {HOLDS[how]}"
    source += " await new Promise((r) => setTimeout(r, 100)); return kept.length; }\n"
    functions = {}
    for mb, memory in AROUND_LIMITS:
        key = f"hold{mb}in{memory}"
        source += f"export const {key} = async () => {{ await hold({mb}); }};\n"
        functions[key] = ("created", memory)
    app = app_with(tmp_path / "app", source, functions)

    outcomes = finished(simulate(app, "issue-created:2", *ONE_ATTEMPT))

    for key, counts in outcomes.items():
        mb, memory = map(int, key.removeprefix("hold").split("in"))
        expected = "out_of_memory" if mb > memory else "success"
        del counts["interrupted"]
        assert counts == {expected: 2}, key
    assert len(outcomes) == len(AROUND_LIMITS)


def test_computing_takes_no_time_from_others(tmp_path: Path) -> None:
    """A handler that computes for seconds succeeds, and the one beside it runs once."""
    source = """
    import { pbkdf2Sync } from 'node:crypto';
    const hash = () => pbkdf2Sync('x', 's', 1e5, 32, 'sha256');
    export const computes = () => { for (let i = 0; i < 30; i++) hash(); };
    export const other = async () => { await new Promise((r) => setTimeout(r, 100)); };
    """
    app = app_with(
        tmp_path / "app", source, {"computes": ("created", 512), "other": ("created", 512)}
    )

    outcomes = finished(simulate(app, "issue-created:3", *SHORT))

    assert outcomes == {"computes": {"success": 3}, "other": {"success": 3}}
