"""`useEmulator` of each runner: one emulator for a file, and stories under what fails."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.testing.npm.runners import run, write_project

pytestmark = pytest.mark.node

BODY = """
const emu = useEmulator('my-app', { kvs: { bad: ['EMU-1'], slow: ['EMU-2'] } });

test('one is lost, one is late', async () => {
  await emu.trigger('issue-created', { count: 3 });
  await emu.untilIdle();
  if (emu.dropped.length !== 0) throw new RangeError('something is lost');
});

test('each finds it as it was at its start', async () => {
  if (emu.events.length !== 0 || emu.clock.now !== 0) throw new Error('not as at its start');
  await emu.kvs.set('bad', []);
  await emu.trigger('issue-created', { count: 3 });
  await emu.untilIdle();
  await emu.assertNothingDropped();
});

test('late alone', async () => {
  await emu.kvs.set('bad', []);
  await emu.trigger('issue-created', { key: 'EMU-2' });
  await emu.untilIdle();
  throw 'a text';
});

test('an assertion that tells by itself', async () => {
  await emu.trigger('issue-created');
  await emu.untilIdle();
  await emu.assertNothingDropped();
});
"""
HEADS = {
    "node": (
        "app.test.mjs",
        "import { test } from 'node:test';\n"
        "import { useEmulator } from 'forge-emu-testing/node';\n",
        ("node", "--test"),
    ),
    "vitest": (
        "app.test.ts",
        "import { test } from 'vitest';\nimport { useEmulator } from 'forge-emu-testing/vitest';\n",
        ("vitest", "run"),
    ),
    "jest": (
        "app.test.cjs",
        "const { useEmulator } = require('forge-emu-testing/jest');\n",
        ("jest", "--testMatch=**/*.test.cjs"),
    ),
}
COUNTS = {
    "node": r"# pass 1\n# fail 3\n",
    "vitest": r"Tests  3 failed \| 1 passed",
    "jest": r"Tests: +3 failed, 1 passed",
}


def said(root: Path, name: str, body: str) -> str:
    """What a runner prints of a file of tests, which has to fail."""
    file, head, command = HEADS[name]
    done = run(write_project(root, {file: head + body}), *command)
    assert done.returncode == 1, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("name", HEADS)
def test_stories_stand_under_what_fails(tmp_path: Path, name: str) -> None:
    """Of lost events and of those that had trouble, by itself, and once; none under what passes."""
    text = said(tmp_path, name, BODY)
    assert re.search(COUNTS[name], text), text
    assert "something is lost" in text
    head = "forge-emu at 180000 ms: 3 product events, 3 events of queues, 1 of all not succeeded"
    assert text.count(f"{head}, 1 only after trouble") >= 1, text
    assert "of notes, EMU-1: dropped (max_retries) after" in text
    assert "ValueError: no EMU-1" in text
    assert "of notes, EMU-2: succeeded after 2 attempts" in text
    assert "a text" in text
    assert "1 product event, 1 event of queues, 0 of all not succeeded, 1 only after" in text
    assert "\\\\n" not in text
    assert "1 of 2 events dropped, at" in text
    assert "not as at its start" not in text
    assert "open handle" not in text


def test_findings_about_the_app_stand_there_too(tmp_path: Path) -> None:
    """With their places: here of an event that no trigger listens to."""
    body = """
    const emu = useEmulator('my-app');
    test('wrong event', async () => {
      await emu.trigger('issue-deleted', { count: 2 });
      await emu.untilIdle();
      throw new Error('nothing came');
    });
    """
    text = said(tmp_path, "node", body)
    assert "! 2 product events `avi:jira:deleted:issue` reached no trigger" in text, text


@pytest.mark.parametrize("name", HEADS)
def test_a_start_that_fails_is_told(tmp_path: Path, name: str) -> None:
    """In forge-emu's words; the emulator before its tests says how it is used."""
    body = """
    let outside = 'nothing';
    const never = useEmulator('my-app');
    try { never.events; } catch (error) { outside = error.message; }
    const emu = useEmulator('my-ap');
    test('it says so', () => {});
    console.log(outside);
    """
    text = said(tmp_path, name, body)
    assert "'my-ap' is no directory" in text, text
    assert "the emulator does not run yet, or no more" in text
    assert "Traceback" not in text
