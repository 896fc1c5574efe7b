"""The verbs of the commands in JavaScript: those that `Emulator` in Python has."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.testing.npm.runners import run, write_project
from tests.testing.verbs_app import MANIFEST, SOURCE

pytestmark = pytest.mark.node


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write_project(tmp_path_factory.mktemp("project"), {})
    (root / "my-app" / "manifest.yml").write_text(MANIFEST, "utf-8")
    (root / "my-app" / "src" / "index.py").write_text(SOURCE, "utf-8")
    return root


def played(project: Path, body: str) -> list[Any]:
    """What a script prints, each line as JSON. `emu` drops an event that fails once."""
    head = """
    import { Emulator } from 'forge-emu-testing';
    const print = (value: unknown) => console.log(JSON.stringify(value));
    const told = (doing: Promise<unknown>) => doing.then(() => 'nothing', (e: Error) => e.message);
    await using emu = await Emulator.start('my-app', {
      settings: { 'async_events.max_retries': 0 },
    });
    """
    (project / "script.mts").write_text(head + body, "utf-8")
    tsc = run(
        project, "tsc", "--target", "es2022", "--module", "nodenext", "--strict", "--types", "node",
        "--lib", "es2022,esnext.disposable,dom,dom.iterable", "script.mts",
    )  # fmt: skip
    assert tsc.stdout == ""
    done = run(project, "node", "script.mjs")
    assert (done.returncode, done.stderr) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_options_that_there_are_not_are_refused(project: Path) -> None:
    """TypeScript does so; in JavaScript an event more or less would be sent without a word."""
    printed = played(
        project,
        """
        const js = emu as any;
        print(await told(js.trigger('issue-created', { cuont: 2 })));
        print(await told(js.trigger('issue-created', 100)));
        print(await told(js.push('parcels', { to: 'Ada' }, { dealy: '15m' })));
        print(await told(js.triggerWeb('hook', null, { verb: 'PUT' })));
        print(await told(js.invoke('nothing', null, { contxt: {} })));
        print(await told(js.replay('EMU-1', { to: 'Ada' })));
        print(await told(js.kvs.set('a', 1, { tll: '15m' })));
        print([emu.productEvents.length, emu.events.length, await emu.kvs.keys()]);
        """,
    )
    said = [text.partition("\n")[0] for text in printed[:-1]]
    assert said == [
        'there is no option "cuont"',
        "100 is no object of options",
        *(f'there is no option "{name}"' for name in ("dealy", "verb", "contxt", "to", "tll")),
    ]
    assert printed[0].endswith("with count, data, sets, key, rate, spread, from, to.")
    assert printed[-1] == [0, 0, []]


def test_events_are_sent_again_cancelled_and_not_waited_for(project: Path) -> None:
    """By themselves, by id, by what they are about."""
    printed = played(
        project,
        """
        const [lost] = await emu.push('parcels', { to: 'nobody' });
        await emu.untilIdle();
        const [again] = await emu.replay(lost!);
        const [mended] = await emu.replay(lost!.id, { body: { to: 'Ada' } });
        await emu.untilIdle();
        print([(await emu.event(again!.id)).state, (await emu.event(mended!.id)).state]);
        print((await emu.payload(mended!)).body);
        print((await emu.payload(mended!)).invocations.length);
        const late = { count: 2, delay: '15m' };
        const [first, second] = await emu.push('parcels', { to: '{n}' }, late);
        print([(await emu.cancel(first!))[0]?.state, (await emu.runNow(second!))[0]?.state]);
        await emu.clock.advance(0);
        print((await emu.event(second!.id)).state);
        print(await told(emu.cancel(second!)));
        await emu.trigger('issue-created');
        await emu.clock.advance(1);
        print((await emu.runNow('EMU-1')).length);
        await emu.clock.advance(0);
        const [product] = await emu.replay(emu.productEvents[0]!);
        print([product!.kind, (await emu.replay()).length]);
        """,
    )
    assert printed[:5] == [
        ["dropped", "succeeded"],
        {"to": "Ada"},
        1,
        ["cancelled", "pending"],
        "succeeded",
    ]
    assert "is open, was dropped or expired" in printed[5]
    assert printed[6:] == [1, ["product_event", 1]]


def test_web_triggers_schedules_and_what_runs_before_an_uninstallation(project: Path) -> None:
    """Time moves on until they have answered."""
    printed = played(
        project,
        """
        const more = { path: '/more', query: { page: '2' } };
        const answer = await emu.triggerWeb('hook', { a: 1 }, more);
        print([answer.status, answer.headers.get('x-kind'), answer.problem, answer.json()]);
        print((await emu.triggerWeb('hook', null, { method: 'delete' })).json().method);
        print((await emu.triggerWeb('signed', 'x')).status);
        print(await told(emu.triggerWeb('hok')));
        await emu.triggerSchedule('hourly');
        await emu.clock.advance(0);
        print([(await emu.schedules())[0]!.lastOutcome, await emu.kvs.get('runs')]);
        await emu.pauseSchedule('hourly');
        await emu.clock.advance('3h');
        print([(await emu.schedules())[0]!.paused, await emu.kvs.get('runs')]);
        await emu.resumeSchedule();
        await emu.clock.next();
        print((await emu.kvs.get('runs')) > 1);
        print([await emu.triggerPreUninstall(), await emu.kvs.get('left')]);
        """,
    )
    told = {"method": "POST", "body": '{"a":1}', "query": {"page": ["2"]}, "path": "/more"}
    assert printed[0] == [201, "told", None, told]
    assert printed[1:3] == ["DELETE", 401]
    assert "there is no web trigger 'hok'" in printed[3]
    assert "hook" in printed[3].replace("'hok'", "")
    assert printed[4:7] == [["succeeded", 1], [True, 1], True]
    farewell = {"moduleKey": "farewell", "reason": None, "error": None}
    assert printed[7] == [[farewell], "farewell"]


def test_pauses_the_site_and_values_that_expire(project: Path) -> None:
    """And the statuses of a transition."""
    printed = played(
        project,
        """
        await emu.pause('parcels');
        const [event] = await emu.push('parcels', { to: 'Ada' });
        await emu.clock.advance('1m');
        print((await emu.event(event!.id)).attempts.length);
        await emu.resume('parcels');
        await emu.clock.advance(0);
        print((await emu.event(event!.id)).state);
        print([await emu.site.seed({ issues: 3 }) > 2, (await emu.site.issues()).length]);
        await emu.site.add({ issues: [{ key: 'EMU-50', summary: 'Ada' }] });
        print((await emu.site.issue('EMU-50')).fields.summary);
        const found = await emu.site.issues('summary ~ Ada');
        print([found.length, (await emu.site.counts())['issue']]);
        print([await told(emu.site.issue('EMU-51')), await told(emu.site.issues('summary ~'))]);
        await emu.site.clear();
        print((await emu.site.issues()).length);
        await emu.kvs.set('a', 1, { ttl: '15m' });
        await emu.clock.advance('16m');
        print((await emu.kvs.get('a')) ?? null);
        await emu.trigger('issue-updated', { from: 'To Do', to: 'Done' });
        print(await told(emu.trigger('issue-updated', { from: 'Nowhere' })));
        """,
    )
    assert printed[:5] == [0, "succeeded", [True, 3], "Ada", [1, 4]]
    assert printed[5][0].startswith("there is no issue 'EMU-51' on the site")
    assert printed[5][1].startswith("site.issues: Error in the JQL Query")
    assert printed[6:8] == [0, None]
    assert "no status is called 'Nowhere'" in printed[8]
