"""Tests of an app in Vitest, Jest and node:test pass and fail for the right reasons."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from tests.testing.npm.runners import run, write_project

pytestmark = pytest.mark.node

BODY = """
test('nothing is lost', async () => {
  const emu = await Emulator.start('my-app', { seed: 1, kvs: { slow: ['EMU-2'] } });
  await emu.trigger('issue-created', { count: 20 });
  await emu.untilIdle();
  await emu.assertNothingDropped();
  if ((await emu.kvs.keys('note:')).length !== 20) throw new Error('not all are stored');
  await emu.stop();
}, LONG);

test('one is lost', async () => {
  const emu = await Emulator.start('my-app', {
    kvs: { bad: ['EMU-1'] }, settings: { 'async_events.max_retries': 0 },
  });
  await emu.trigger('issue-created', { count: 2 });
  await emu.untilIdle();
  await emu.assertNothingDropped();
}, LONG);
"""
IMPORT = "import { Emulator } from 'forge-emu-testing';\n"
STORY = ("1 of 4 events dropped, at 60000 ms:", "of notes, EMU-1: dropped (max_retries) after 1")


def runner_says(root: Path, name: str) -> tuple[subprocess.CompletedProcess[str], str]:
    """What a runner prints of the two tests, both its streams."""
    match name:
        case "node":
            head = f"import test from 'node:test';\n{IMPORT}const LONG = undefined;\n"
            # Its third argument is none of time.
            files, command = {"app.test.mjs": head + BODY}, ("node", "--test")
        case "vitest":
            head = f"import {{ test }} from 'vitest';\n{IMPORT}const LONG = 60_000;\n"
            files, command = {"app.test.ts": head + BODY}, ("vitest", "run")
        case _:
            head = "const { Emulator } = require('forge-emu-testing');\nconst LONG = 60_000;\n"
            files, command = {"app.test.cjs": head + BODY}, ("jest", "--testMatch=**/*.test.cjs")
    done = run(write_project(root, files), *command)
    return done, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("node", r"# pass 1\n# fail 1\n"),
        ("vitest", r"Tests  1 failed \| 1 passed"),
        ("jest", r"Tests: +1 failed, 1 passed"),
    ],
)
def test_a_lost_event_fails_its_test_with_its_story(tmp_path: Path, name: str, counts: str) -> None:
    """And the other one passes. The emulator that nobody has stopped holds nothing up."""
    done, said = runner_says(tmp_path, name)
    assert done.returncode == 1, said
    assert re.search(counts, said), said
    for line in (*STORY, "no EMU-1"):
        assert line in said
    assert "open handle" not in said


def test_types_say_what_there_is(tmp_path: Path) -> None:
    """A strict TypeScript accepts a right test, and names each mistake."""
    source = (
        IMPORT
        + """
const emu = await Emulator.start('my-app', { seed: 1, limits: 'off' });
const attempts: number = (await emu.event('x')).attempts.length;
const refused: number = (await emu.summary()).kvs.refused;
const pending: number = (await emu.queue('q')).pending;
const lost: string | null = emu.dropped[0]!.reason;
for (const event of emu.events) console.log(event.queue, event.jobId);
console.log(attempts, refused, pending, lost);
await using other = await Emulator.start('my-app');
await other.clock.advance('15m');
// @ts-expect-error
await Emulator.start('my-app', { sed: 1 });
// @ts-expect-error
emu.productEvents[0]!.queue;
// @ts-expect-error
await emu.untilIdel();
"""
    )
    root = write_project(tmp_path, {"app.test.mts": source})
    for module in ("nodenext", "esnext"):
        resolution = "nodenext" if module == "nodenext" else "bundler"
        # fmt: off
        done = run(
            root, "tsc", "--noEmit", "--strict", "--target", "es2022", "--module", module,
            "--moduleResolution", resolution, "--lib", "es2022,esnext.disposable",
            "--types", "node", "app.test.mts",
        )
        # fmt: on
        assert (done.returncode, done.stdout) == (0, "")
