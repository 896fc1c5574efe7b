"""The many ways to write the same thing in JavaScript and TypeScript."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from tests.rules.apps import code_rule_problems
from tests.rules.examples import (
    IMPORTS,
    MANIFEST,
    SOURCE,
    Example,
    with_consumer_body,
    with_trigger_body,
)

pytestmark = pytest.mark.node


def rules(root: Path, example: Example) -> list[str]:
    """The rules about code that fire."""
    return [p.rule for p in code_rule_problems(root, example)]


SAME_QUEUE = [
    "import { Queue } from '@forge/events'; const q = new Queue({ key: 'latre' });"
    "export const created = () => q.push({ body: {} });",
    "import { Queue as Q } from '@forge/events'; const KEY = `latre`;"
    "export function created() { const q = new Q({ key: KEY }); return q.push([{ body: {} }]); }",
    "import * as events from '@forge/events'; let q; q = new events.Queue({ 'key': 'lat' + 're' });"
    "export const created = async () => { await q.push({ body: {} }); };",
    "const { Queue } = require('@forge/events'); const queues = { a: new Queue({ key: 'latre' }) };"
    "exports.created = () => queues.a.push({ body: {} });",
    "const events = require('@forge/events');"
    "module.exports = { store() {},"
    " created() { return new events.Queue({ key: 'latre' }).push({ body: {} }); } };",
    "import { Queue } from '@forge/events';"
    "class Work { queue = new Queue({ key: 'latre' });"
    " go() { return this.queue.push({ body: {} }); } }"
    "export const created = () => new Work().go();",
    "import { Queue } from '@forge/events';"
    "class Work { constructor() { this.q = new Queue({ key: 'latre' }); }"
    " async go(xs) { await this.q.push(xs.map((x) => ({ body: x }))); } }"
    "export const created = () => new Work().go([]);",
    "import { latre } from './queues'; export const created = () => latre.push({ body: {} });",
    "import * as queues from './queues.js'; const { latre: q } = queues;"
    "export default {}; export async function created() { return q?.push({ body: {} }); }",
]
QUEUES = (
    "import { Queue } from '@forge/events';\n"
    "export { latre } from './more/index';\nexport const other = 1;\n"
)
MORE = (
    "import { Queue } from '@forge/events';\nconst queue: Queue = new Queue({ key: 'latre' });\n"
    "export { queue as latre };\n"
)


@pytest.mark.parametrize("source", SAME_QUEUE)
def test_a_queue_is_followed_to_where_it_is_made(source: str, tmp_path: Path) -> None:
    """Through aliases, namespaces, requires, fields, objects and modules."""
    files = {"src/queues.js": QUEUES, "src/more/index.ts": MORE}
    store = "" if "module.exports" in source else "\nexport const store = () => {};"
    store = (
        store.replace("export const", "exports.store =").replace("store = store", "store")
        if ("exports.created" in source)
        else store
    )
    assert "queue-without-consumer" in rules(tmp_path, Example(source + store, files=files))


@pytest.mark.parametrize(
    "source",
    [
        "const list = []; export const created = () => list.push({ a: 1 }, 2);"
        "export const store = 0;",
        "export const created = (queue) => queue.push({ key: 1 }); export const store = 0;",
        "import { Queue } from './mine'; const q = new Queue({ key: 'x y' });"
        "export const created = () => q.push(1); export const store = 0;",
        "import { kvs } from './mine'; export const created = () => kvs.set('a', 1);"
        "export const store = 0;",
        "import { Queue } from '@forge/events';"
        "export function created(Queue) { return new Queue({ key: 'x y' }); }"
        "export const store = 0;",
        "// new Queue({ key: 'x y' })\nconst t = \"throw new InvocationError()\";"
        "export const created = () => t; export const store = 0;",
    ],
)
def test_what_only_looks_like_it_is_left_alone(source: str, tmp_path: Path) -> None:
    """Other lists, other classes, shadowed names, comments and texts."""
    files = {"src/mine.js": "export class Queue { push() {} }\nexport const kvs = new Map();\n"}
    quiet = {"consumer-without-push", "export"}
    assert set(rules(tmp_path, Example(source, files=files))) <= quiet


THROWN = [
    "throw new InvocationError();",
    "const e = new InvocationError({ retryAfter: 5 }); throw e;",
    "throw event.a ? new InvocationError() : new Error();",
    "return Promise.reject(new InvocationError());",
    "try { await kvs.get('a'); } catch { throw new InvocationError({ retryAfter: 5 }); }",
]
RETURNED = [
    "return new InvocationError({ retryAfter: 5 });",
    "const e = new InvocationError({ retryAfter: 5 }); return e;",
    "return event.a ? new InvocationError() : undefined;",
    "return event.a && new InvocationError();",
    "const again = () => new InvocationError(); return again();",
]


@pytest.mark.parametrize("body", THROWN)
def test_a_thrown_request_for_a_retry_is_found(body: str, tmp_path: Path) -> None:
    """However it is thrown."""
    assert rules(tmp_path, Example(with_consumer_body(body))) == ["retry-thrown"]


@pytest.mark.parametrize("body", RETURNED)
def test_a_returned_request_for_a_retry_is_sound(body: str, tmp_path: Path) -> None:
    """However it is returned."""
    assert rules(tmp_path, Example(with_consumer_body(body))) == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ("{ retryAfter: 900 }", []),
        ("{ retryAfter: 900.5 }", ["retry-after"]),
        ("{ retryAfter: 15 * 60 + 1 }", ["retry-after"]),
        ("{ retryAfter: 0 }", ["retry-after"]),
        ("{ retryAfter: -5 }", ["retry-after"]),
        ("{ retryAfter: 1 }", []),
        ("{ retryAfter: event.wait }", []),
        ("{ retryAfter: Math.min(2000, 900) }", []),
        ("{ retryAfter: Math.random() * 5000 }", []),
        ("{ ...event.options }", []),
        ("event.options", []),
        ("", []),
        ("{ retryData: 'x'.repeat(4094) }", []),
        ("{ retryData: 'x'.repeat(4095) }", ["retry-data-size"]),
        ("{ retryData: { list: ['é'.repeat(3000), event.x] } }", ["retry-data-size"]),
    ],
)
def test_options_of_a_retry(options: str, expected: list[str], tmp_path: Path) -> None:
    """Judged at the very bound, and only where they are known."""
    body = f"return new InvocationError({options});"
    assert rules(tmp_path, Example(with_consumer_body(body))) == expected


@pytest.mark.parametrize(
    ("push", "expected"),
    [
        ("{ body: {}, delayInSeconds: 900 }", []),
        ("{ body: {}, delayInSeconds: 15 * 60 + 1 }", ["push-delay"]),
        ("{ body: {}, delayInSeconds: -1 }", ["push-delay"]),
        ("[{ body: {} }, { body: {}, delayInSeconds: 1e9 }]", ["push-delay"]),
        ("event.list.map((x) => ({ body: x, delayInSeconds: 901 }))", ["push-delay"]),
        ("event.list.map((x) => { const y = x; return { payload: y }; })", ["events-1-form"]),
        ("[]", ["push-size"]),
        (f"[{', '.join(['{ body: {} }'] * 50)}]", []),
        (f"[{', '.join(['{ body: {} }'] * 51)}]", ["push-size"]),
        ("{ body: { x: 'x'.repeat(204776) } }", []),
        ("{ body: { x: `${'x'.repeat(204800)}${event.y}` } }", ["push-size"]),
        ("'text'", ["events-1-form"]),
        ("{ body: {} }, { delayInSeconds: 5 }", ["events-1-form"]),
        ("{ ...event.item }", []),
        ("event.item", []),
    ],
)
def test_pushes(push: str, expected: list[str], tmp_path: Path) -> None:
    """One event, several, and events made one by one."""
    assert rules(tmp_path, Example(with_trigger_body(f"await queue.push({push});"))) == expected


@pytest.mark.parametrize(
    ("bytes", "timeout", "expected"),
    [(102_380, 56, []), (102_401, 56, ["push-size"]), (102_401, 55, [])],
)
def test_long_running_consumers_take_smaller_events(
    bytes: int, timeout: int, expected: list[str], tmp_path: Path
) -> None:
    """From a timeout of over 55 s on."""
    source = with_trigger_body(f"await queue.push({{ body: {{ x: 'x'.repeat({bytes}) }} }});")
    manifest = MANIFEST.replace("index.store}", f"index.store, timeoutSeconds: {timeout}}}")
    assert rules(tmp_path, Example(source, manifest=manifest)) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("await kvs.set('latest', 1);", ["overwritten-key"]),
        ("await kvs.setSecret('latest', 1);", ["overwritten-key"]),
        ("const KEY = 'a'; await kvs.set(`${KEY}:b`, 1);", ["overwritten-key"]),
        ("const { set } = kvs; await set('a', 1);", ["overwritten-key"]),
        ("await kvs.entity('e').set('a', {});", ["overwritten-key"]),
        ("await kvs.set(`issue:${event.body.key}`, 1);", []),
        ("await kvs.set(event.body.key, 1);", []),
        ("await kvs.get('settings');", []),
        ("await kvs.entity('e').set(event.body.key, {});", []),
        ("await remember(1);", ["overwritten-key"]),
        ("return kvs.batchSet([{ key: 'a', value: 1 }]);", ["overwritten-key"]),
        (
            "const KEY = 'a'; const items = [{ key: event.body.key }, { key: KEY }, { key: 'b' }];"
            "return kvs.batchSet(items);",
            ["overwritten-key", "overwritten-key"],
        ),
        ("return kvs.batchSet(event.body.items.map((key) => ({ key, value: 1 })));", []),
        ("return kvs.batchGet([{ key: 'a' }]);", []),
        ("await kvs.transact().set('a', 1).execute();", ["overwritten-key"]),
        (
            "await kvs.transact().delete('b').set(event.body.key, 1).set('a', 1).execute();",
            ["overwritten-key"],
        ),
        ("const tx = kvs.transact(); tx.set('a', 1); await tx.execute();", ["overwritten-key"]),
        ("await kvs.transact().set(event.body.key, 1).delete('a').execute();", []),
        ("await new Map().set('a', 1);", []),
    ],
)
def test_keys_that_every_event_overwrites(body: str, expected: list[str], tmp_path: Path) -> None:
    """In the consumer itself, and in what it calls in another module."""
    files = {
        "src/memory.ts": "import kvs from '@forge/kvs';\n"
        "export function remember(x: number) { return kvs.set('last', x); }\n"
        "export function forget() { return kvs.set('unused', 0); }\n"
    }
    source = "import { remember } from './memory';\n" + with_consumer_body(body)
    found = code_rule_problems(tmp_path, Example(source, files=files))
    assert [p.rule for p in found] == expected
    if "remember" in body:
        assert (found[0].file, found[0].line) == ("src/memory.ts", 2)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("await kvs.batchSet(event.body.items);", ["failed-keys"]),
        ("kvs.batchDelete(event.body.items);", ["failed-keys", "not-awaited"]),
        ("const { failedKeys } = await kvs.batchSet(event.body.items);", []),
        ("return kvs.batchSet(event.body.items);", []),
        ("await kvs.batchSet(event.body.items).then(look);", []),
        ("await Promise.all(event.body.parts.map((part) => kvs.batchSet(part)));", []),
        ("await kvs.batchGet(event.body.items);", []),
        ("await kvs.set(event.body.key, 1);", []),
    ],
)
def test_batches_whose_answer_nobody_sees(body: str, expected: list[str], tmp_path: Path) -> None:
    """Keys that fail throw nothing."""
    source = with_consumer_body(body) + "function look() {}\n"
    assert rules(tmp_path, Example(source)) == expected


def test_a_finding_says_where(tmp_path: Path) -> None:
    """Line and column of the very expression, in the user's own TypeScript."""
    source = (
        "import { InvocationError } from '@forge/events';\n"
        "interface A { n: number }\n"
        "export const created = async (): Promise<void> => {};\n"
        "export const store = <T extends A>(event: T): unknown =>\n"
        "  new InvocationError({ retryReason: 'X', retryAfter: 1_000 } as never);\n"
    )
    example = Example(source="", files={"src/index.ts": source}, without=("src/index.js",))
    (found,) = [p for p in code_rule_problems(tmp_path, example) if p.rule == "retry-after"]
    column = source.splitlines()[4].index("1_000") + 1
    assert (found.file, found.line, found.column) == ("src/index.ts", 5, column)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("await queue.push({ a: 1 }, { delayInSeconds: 5 });", []),
        ("await queue.push({ body: {}, delayInSeconds: 5 });", ["events-2-form"]),
        ("const { jobId } = await queue.push({ a: 1 }); return jobId;", ["events-2-form"]),
        (
            "const id = await queue.push('text'); const r = await queue.getJob(id).getStats();"
            "return await r.json();",
            [],
        ),
    ],
)
def test_forms_of_version_one(source: str, expected: list[str], tmp_path: Path) -> None:
    """With @forge/events 1 its own forms are right, and the later ones are not."""
    example = Example(with_trigger_body(source), packages={"@forge/events": "1.0.3"})
    assert rules(tmp_path, example) == expected


@pytest.mark.parametrize(
    "source",
    [
        "const id = await queue.push({ body: {} }); return queue.getJob(id);",
        "const job = queue.getJob(event.id); return (await job.getStats()).json();",
        "const stats = await queue.getJob(event.id).getStats(); return await stats.json();",
    ],
)
def test_forms_of_version_one_in_two(source: str, tmp_path: Path) -> None:
    """Ids and figures that changed their shape."""
    assert rules(tmp_path, Example(with_trigger_body(source))) == ["events-1-form"]


def test_a_resolver_consumer_is_the_old_form(tmp_path: Path) -> None:
    """At the consumer's line of the manifest, as a warning."""
    manifest = MANIFEST.replace(
        "queue: later, function: store", "queue: later, resolver: {function: store, method: m}"
    )
    found = code_rule_problems(tmp_path, Example(SOURCE, manifest=manifest))
    assert [(p.rule, p.severity) for p in found] == [("events-1-form", "warning")]


def test_only_installed_packages_can_be_undeclared(tmp_path: Path) -> None:
    """A path of tsconfig.json looks like a package and is none; a guest is told once a file."""
    source = (
        "import a from '@/lib/a';\nimport b from 'lib/b';\nimport fs from 'fs';\n"
        "import guest from 'guest';\nimport more from 'guest/more';\n" + SOURCE
    )
    files = {"node_modules/guest/package.json": '{"name": "guest", "version": "1.0.0"}'}
    assert rules(tmp_path, Example(source, files=files)) == ["package-undeclared"]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ("[avi:forge:installed:app, avi:forge:upgraded:app]", []),
        ("[avi:forge:installed:app, avi:jira:created:issue]", ["overwritten-key"]),
    ],
)
def test_events_of_the_installation_come_once(
    events: str, expected: list[str], tmp_path: Path
) -> None:
    """A key that they write is overwritten by no other of them."""
    manifest = MANIFEST.replace("['avi:jira:created:issue']", events)
    assert events in manifest
    source = (
        "import { kvs } from '@forge/kvs';\nexport const store = () => {};\n"
        "export const created = async () => { await kvs.set('site', 1); };\n"
    )
    found = rules(tmp_path, Example(source, manifest=manifest))
    assert [rule for rule in found if rule == "overwritten-key"] == expected


def test_what_a_resolver_defines_runs_for_its_handler(tmp_path: Path) -> None:
    """Its callbacks stand at the top of the module, not in the handler."""
    source = (
        "import Resolver from '@forge/resolver';\n" + IMPORTS + "const resolver = new Resolver();\n"
        "resolver.define('work', async () => { await kvs.set('state', 1); });\n"
        "export const store = resolver.getDefinitions();\n"
    )
    assert rules(tmp_path, Example(source)) == ["overwritten-key"]


def test_imports_that_are_no_code_are_passed_over(tmp_path: Path) -> None:
    """Data, a module that is not there, and one that is loaded late."""
    source = (
        "import data from './data.json';\nimport gone from './gone';\n"
        "const late = () => import('./late.mjs');\n" + with_consumer_body("return late();")
    )
    files = {
        "src/data.json": "{}",
        "src/late.mjs": "import { InvocationError } from '@forge/events';\n"
        "export const f = () => { throw new InvocationError(); };\n",
    }
    assert rules(tmp_path, Example(source, files=files)) == ["retry-thrown"]


def test_limits_are_those_in_force(tmp_path: Path) -> None:
    """forge-emu.yml moves the bounds."""
    files = {"forge-emu.yml": "limits.push.max_delay_seconds: 10\n"}
    source = with_trigger_body("await queue.push({ body: {}, delayInSeconds: 11 });")
    assert rules(tmp_path, Example(source, files=files)) == ["push-delay"]


def test_problems_are_plain_values(tmp_path: Path) -> None:
    """What --json prints can be read back."""
    found = code_rule_problems(
        tmp_path, Example(with_consumer_body("throw new InvocationError();"))
    )
    (again,) = msgspec.json.decode(msgspec.json.encode(found))
    assert again["rule"] == "retry-thrown"
    assert again["hint"]
