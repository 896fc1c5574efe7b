"""`Emulator` of forge-emu-testing: what a test in JavaScript can do, and what it sees."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from forge_emu.testing import Emulator
from tests.testing.npm.runners import run, write_project

pytestmark = pytest.mark.node

Play = Callable[..., Any]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_project(tmp_path_factory.mktemp("project"), {})


def script(project: Path, body: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs `body` in Node.js, where `Emulator` and `print` are known."""
    head = (
        "import { Emulator, EmulatorError, CallError, PushError } from 'forge-emu-testing';\n"
        "const print = (value) => console.log(JSON.stringify(value));\n"
        "const told = (doing) =>\n"
        "  doing.then(() => 'nothing', (e) => [e.constructor.name, e.message]);\n"
    )
    (project / "script.mjs").write_text(head + body, "utf-8")
    return run(project, "node", "script.mjs", **environment)


def played(project: Path, body: str, **environment: str) -> list[Any]:
    """What it prints, each line as JSON."""
    done = script(project, body, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_it_does_what_the_one_in_python_does(project: Path) -> None:
    """Time, ids, attempts, logs, figures: the same seed gives the same."""
    printed = played(
        project,
        """
        const emu = await Emulator.start('my-app', { seed: 4, kvs: { slow: ['EMU-2'] } });
        const receipt = await emu.trigger('issue-created', { count: 3, spread: '30s' });
        print([receipt.count, receipt.last, emu.clock.now, (await emu.queue('notes')).pushed]);
        await emu.clock.advance('40s');
        print([(await emu.queue('notes')).pending, emu.clock.now]);
        const summary = await emu.untilIdle();
        print([summary.events.succeeded, summary.retries.total, summary.kvs, summary.push]);
        print(emu.events.map((e) => [e.id, e.subject, e.state, e.attempts, e.logs, e.pushedAt]));
        print([emu.dropped, emu.logs, await emu.kvs.entries(), emu.clock.now]);
        print([await emu.figure('attempts.max'), (await emu.advice()).length]);
        print(await emu.story(emu.events[1]));
        await emu.stop();
        """,
    )
    with Emulator(project / "my-app", seed=4, kvs={"slow": ["EMU-2"]}) as emu:
        emu.trigger("issue-created", 3, spread="30s")
        assert printed[0] == [3, "EMU-3", 0, 0]
        emu.clock.advance("40s")
        assert printed[1] == [emu.queue("notes").pending, 40_000]
        summary = emu.until_idle()
        kvs = {"calls": summary.kvs.calls, "refused": 0, "refusedBy": {}}
        push = {"refused": 0, "refusedEvents": 0, "refusedBy": {}}
        assert printed[2] == [3, 1, kvs, push]
        for event, seen in zip(emu.events, printed[3], strict=True):
            attempts = [
                {
                    "number": a.number,
                    "function": a.function,
                    "startedAt": a.started_at,
                    "endedAt": a.ended_at,
                    "outcome": a.outcome,
                    "error": None,
                }
                for a in event.attempts
            ]
            expected = [event.id, event.subject, event.state, attempts, event.logs, event.pushed_at]
            assert seen == expected
        stored = [list(item) for item in emu.kvs.items()]
        assert printed[4] == [[], emu.logs, stored, emu.clock.now]
        assert printed[5] == [2, len(emu.advice)]
        assert printed[6] == emu.events[1].story


def test_calls_pushes_and_the_store(project: Path) -> None:
    """What they answer, and the errors that they throw."""
    printed = played(
        project,
        """
        const settings = { 'limits.push.events_per_minute': 2 };
        const emu = await Emulator.start('my-app', { settings });
        print(await emu.invoke('double', { n: 21 }));
        print(await told(emu.invoke('double', {})));
        const [one] = await emu.push('notes', { key: 'K' }, { delay: '5s' });
        print([one.queue, one.state]);
        print(await told(emu.push('notes', { key: 'K' }, { count: 2 })));
        await emu.kvs.set('a', { b: 1 });
        await emu.kvs.secrets.set('s', 'x');
        print([await emu.kvs.get('a'), await emu.kvs.get('s'), await emu.kvs.secrets.get('s')]);
        print([await emu.kvs.delete('a'), await emu.kvs.delete('a'), await emu.kvs.get('a')]);
        print(await told(emu.event('nope')));
        print(await told(emu.queue('nope')));
        print(await told(emu.clock.advance('soon')));
        print(await told(emu.trigger('issue-craeted')));
        await emu.stop();
        """,
    )
    assert printed[0] == 42
    assert printed[1][0] == "CallError"
    assert "double failed: error, KeyError" in printed[1][1]
    assert printed[2] == ["notes", "pending"]
    assert printed[3][0] == "PushError"
    assert "limits.push.events_per_minute" in printed[3][1]
    assert printed[4] == [{"b": 1}, None, "x"]
    assert printed[5] == [True, False, None]
    assert [told[0] for told in printed[6:]] == ["EmulatorError"] * 4
    assert printed[6][1].startswith("there is no event 'nope'")
    assert "nope" in printed[7][1]
    assert '"soon" is no span of time' in printed[8][1]
    assert "issue-created" in printed[9][1]


def test_snapshots(project: Path) -> None:
    """Everything goes back, and does the same again."""
    printed = played(
        project,
        """
        const emu = await Emulator.start('my-app');
        const start = await emu.snapshot();
        for (let n = 0; n < 2; n++) {
          await emu.trigger('issue-created', { count: 2 });
          await emu.untilIdle();
          print([emu.events.map((e) => e.id), emu.logs, emu.clock.now, await emu.kvs.keys()]);
          await emu.restore(start);
          print([emu.events, emu.logs, emu.clock.now, await emu.kvs.keys()]);
        }
        print(await told(emu.restore({ number: 7 })));
        await emu.stop();
        """,
    )
    assert printed[0] == printed[2]
    assert len(printed[0][0]) == 2
    assert printed[1] == printed[3] == [[], [], 0, []]
    assert printed[4] == ["EmulatorError", "there is no snapshot 7"]


def test_stories_and_assertions(project: Path) -> None:
    """Of the events that have not succeeded, the first five."""
    printed = played(
        project,
        """
        const emu = await Emulator.start('my-app');
        print(emu.stories());
        await emu.trigger('issue-created', { count: 6 });
        await emu.clock.advance(1);
        await emu.assertNothingDropped();
        print(emu.stories());
        print(await told(emu.assertAllSucceeded()));
        await emu.untilIdle();
        await emu.assertAllSucceeded();
        await emu.stop();
        """,
    )
    assert printed[0] == "0 of 0 events not succeeded, at 0 ms:"
    lines = printed[1].splitlines()
    assert lines[0] == "6 of 12 events not succeeded, at 1000 ms:"
    assert lines[-1] == "… 1 more"
    assert printed[1].count("of notes, EMU-") == 5
    assert printed[2] == ["AssertionError", printed[1]]


def test_what_is_wrong_at_the_start_is_one_error(project: Path, tmp_path: Path) -> None:
    """In forge-emu's words; and where there is no forge-emu, how it is found."""
    printed = played(
        project,
        """
        print(await told(Emulator.start('nowhere')));
        print(await told(Emulator.start('my-app', { sed: 1 })));
        print(await told(Emulator.start('my-app', { settings: { 'limits.nope': 1 } })));
        print(await told(Emulator.start('my-app', { command: '/no/such/forge-emu' })));
        process.env.PATH = '/nonexistent';
        print(await told(Emulator.start('my-app')));
        """,
    )
    assert {told[0] for told in printed} == {"EmulatorError"}
    texts = [told[1] for told in printed]
    assert "'nowhere' is no directory" in texts[0]
    assert "unknown field `sed`" in texts[1]
    assert "limits.nope" in texts[2]
    assert texts[3].startswith("/no/such/forge-emu cannot be started")
    assert texts[4].startswith("forge-emu is not on the PATH")
    assert "FORGE_EMU=" in texts[4]
    assert not any("Traceback" in text for text in texts)


def test_the_variable_names_forge_emu(project: Path, tmp_path: Path) -> None:
    """Before the PATH, and after the option. What it warns of is not why it did not start."""
    fake = tmp_path / "fake"
    said = "echo 'warning: I am old' >&2\necho 'error: I am the fake one' >&2"
    fake.write_text(f"#!/bin/sh\n{said}\nexit 2\n", "utf-8")
    fake.chmod(0o755)
    printed = played(
        project,
        """
        print(await told(Emulator.start('my-app')));
        const emu = await Emulator.start('my-app', { command: ['forge-emu'] });
        print(emu.url.startsWith('http://127.0.0.1:'));
        await emu.stop();
        """,
        FORGE_EMU=str(fake),
    )
    assert printed == [
        ["EmulatorError", "forge-emu did not start: I am the fake one\nwarning: I am old"],
        True,
    ]


def test_it_ends_with_the_process_that_started_it(project: Path) -> None:
    """Also where that is killed: the pipe to its stdin closes, and then its stdout."""
    done = script(
        project,
        """
        import { spawn } from 'node:child_process';
        import { writeFileSync } from 'node:fs';
        if (process.argv[2] === 'inner') {
          const emu = await Emulator.start('my-app');
          console.log(emu.url);
          process.kill(process.pid, 'SIGKILL');
        }
        const stdio = ['ignore', 'pipe', 'inherit'];
        const inner = spawn(process.execPath, ['script.mjs', 'inner'], { stdio });
        let url = '';
        inner.stdout.on('data', (text) => { url += text; });
        const signal = await new Promise((resolve) => inner.on('close', (_, by) => resolve(by)));
        let tries = 0;
        while (tries < 600 && await fetch(url.trim()).then(() => true, () => false)) {
          await new Promise((resolve) => setTimeout(resolve, 50));
          tries += 1;
        }
        print([signal, tries < 600]);
        """,
    )
    assert json.loads(done.stdout.splitlines()[-1]) == ["SIGKILL", True], done.stderr
