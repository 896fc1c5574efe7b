"""Calls that nothing waits for, in JavaScript and TypeScript; and the many that are sound."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rules.apps import code_rule_problems
from tests.rules.examples import Example

pytestmark = pytest.mark.node

HEAD = """\
import api, { asApp, asUser, route, fetch as forgeFetch } from '@forge/api';
import { Queue } from '@forge/events';
import { kvs } from '@forge/kvs';
const queue = new Queue({ key: 'later' });
const save = async (x) => { await kvs.set(x, 1); };
const quick = (x) => kvs.set(x, 1);
const pure = async (x) => x + 1;
class Store { async save(x) { await kvs.set(x, 1); } forEach(f) { return f(1); } }
class Archive extends Store {
  keep = (x) => queue.push({ body: x });
  static async clear(x) { await kvs.delete(x); }
  get size() { return kvs.get('size'); }
  async look(x) { return pure(x); }
}
class Importer extends Archive {
  #queue = new Queue({ key: 'imports' });
  async #send(x) { await this.#queue.push({ body: x }); }
  async one(x) { await this.#send(x); }
  static async all(x) { await this.clear(x); }
  async save(x) { await super.save(x); }
}
const store1 = { async save(x) { await kvs.set(x, 1); } };
export const store = (event) => quick(event.body.key);
"""

FLOATING = [
    ("queue.push({ body: 1 });", "queue.push"),
    ("kvs.set('a' + xs, 1);", "kvs.set"),
    ("kvs.entity('thing').set('a', xs);", "kvs.entity().set"),
    ("kvs.transact().set('a' + xs, 1).execute();", "kvs.transact"),
    ("kvs.get('a').then((v) => console.log(v));", "kvs.get"),
    ("kvs.get('a').finally(() => console.log(1));", "kvs.get"),
    ("if (xs) kvs.delete('a');", "kvs.delete"),
    ("xs.length && kvs.delete('a');", "kvs.delete"),
    ("xs.length ? kvs.delete('a') : kvs.set(xs, 2);", "kvs.delete"),
    ("api.asApp().requestJira(route`/rest/api/3/myself`);", "requestJira"),
    ("asUser().requestConfluence(route`/wiki/api/v2/spaces`);", "requestConfluence"),
    ("const jira = asApp(); jira.requestJira(route`/x`);", "requestJira"),
    ("fetch('https://example.com');", "fetch"),
    ("forgeFetch('https://example.com');", "fetch"),
    ("save('a');", "kvs.set"),
    ("quick('a');", "kvs.set"),
    ("(async () => { await kvs.set(xs, 1); })();", "kvs.set"),
    ("Promise.all(xs.map((x) => kvs.set(x, 1)));", "kvs.set"),
    ("Promise.allSettled([quick(1), queue.push({ body: 1 })]);", "kvs.set"),
    ("const p = queue.push({ body: 1 });", "queue.push"),
    ("const later = save('a'); console.log('saved');", "kvs.set"),
    ("xs.forEach(async (x) => { await queue.push({ body: x }); });", "queue.push"),
    ("xs.forEach(async (x) => { const y = await pure(x); return save(y); });", "kvs.set"),
    ("xs.forEach(async (x) => save(x));", "kvs.set"),
    ("xs.forEach((x) => quick(x));", "kvs.set"),
    ("xs.forEach(save);", "kvs.set"),
    ("['a', 'b'].forEach(async function (x) { await kvs.set(x, 1); });", "kvs.set"),
    ("await ['a', 'b'].forEach(async (x) => { await kvs.set(x, 1); });", "kvs.set"),
    ("Object.keys(xs).forEach(async (x) => { await save(x); });", "kvs.set"),
    ("xs?.forEach(async (x) => { await save(x); });", "kvs.set"),
    ("xs.map(async (x) => { await queue.push({ body: x }); });", "queue.push"),
    ("new Set(xs).forEach(async (x) => { await save(x); });", "kvs.set"),
    ("const all = new Map(xs); all.forEach(async (x) => { await save(x); });", "kvs.set"),
    ("new Store().save(1);", "kvs.set"),
    ("const own = new Store(); own.save(1);", "kvs.set"),
    ("const own = new Archive(); own.save(1);", "kvs.set"),
    ("const own = new Archive(); own.keep(1);", "queue.push"),
    ("Archive.clear(1);", "kvs.delete"),
    ("store1.save(1);", "kvs.set"),
    ("new Importer().one(1);", "queue.push"),
    ("new Importer().save(1);", "kvs.set"),
    ("Importer.all(1);", "kvs.delete"),
    ("class A { run() { this.go(); } async go() { await save(1); } } new A().run();", "kvs.set"),
    ("class A { run() { this.#go(); } async #go() { await save(1); } } new A().run();", "kvs.set"),
    ("class A { run() { [1].map(() => { this.go(); }); } go = async () => save(1); }", "kvs.set"),
    ("class A { #go = async () => save(1); run() { this.#go(); } } new A().run();", "kvs.set"),
    (
        "class A { #all = new Queue({ key: 'a' }); run() { this.#all.push({ body: 1 }); } }",
        "queue.push",
    ),
    ("class A extends Store { save(x) { super.save(x); } } new A();", "kvs.set"),
    ("class A { static run() { this.go(); } static async go() { await save(1); } }", "kvs.set"),
    ("const o = { run() { this.go(); }, async go() { await save(1); } }; o.run();", "kvs.set"),
    ("const o = { run: function () { this.go(); }, go: async () => save(1) }; o.run();", "kvs.set"),
    ("xs.reduce(async (p, x) => { await p; await save(x); }, Promise.resolve());", "kvs.set"),
    ("xs.reduceRight(async (p, x) => { await p; await save(x); }, null);", "kvs.set"),
    ("for (const x of xs) quick(x);", "kvs.set"),
    ("setTimeout(() => { queue.push({ body: 1 }); }, 1000);", "queue.push"),
]


def found(root: Path, body: str, head: str = HEAD) -> list[tuple[int, str]]:
    """Line and message of each finding of the rule in a handler."""
    source = (
        f"{head}export async function created(event) {{\n  const xs = event.items;\n  {body}\n}}\n"
    )
    problems = code_rule_problems(root, Example(source))
    return [(p.line, p.message) for p in problems if p.rule == "not-awaited"]


@pytest.mark.parametrize(("body", "call"), FLOATING, ids=[body for body, _ in FLOATING])
def test_a_call_that_nothing_waits_for_is_found(body: str, call: str, tmp_path: Path) -> None:
    """With its line and the call of the platform in it."""
    lines = found(tmp_path, body)
    assert lines
    assert {line for line, _ in lines} == {HEAD.count("\n") + 3}
    assert f"{call}" in lines[0][1]


SOUND = [
    "await queue.push({ body: 1 });",
    "return queue.push({ body: 1 });",
    "return xs ? quick(1) : save(2);",
    "await Promise.all(xs.map((x) => kvs.set(x, 1)));",
    "return Promise.all(xs.map(async (x) => { await kvs.set(x, 1); }));",
    "for (const x of xs) { await save(x); }",
    "for await (const x of xs) { await save(x); }",
    "const p = queue.push({ body: 1 }); await p;",
    "const p = queue.push({ body: 1 }); console.log(1); return p;",
    "const ps = []; for (const x of xs) ps.push(quick(x)); await Promise.all(ps);",
    "const ps = []; xs.forEach((x) => { ps.push(quick(x)); }); await Promise.all(ps);",
    "const ps = []; xs.forEach(async (x) => { ps.push(quick(x)); }); await Promise.all(ps);",
    "const ps = xs.map(async (x) => { await save(x); }); await Promise.all(ps);",
    "let p = Promise.resolve(); xs.forEach((x) => { p = p.then(() => save(x)); }); await p;",
    "await xs.reduce((p, x) => p.then(() => save(x)), Promise.resolve());",
    "await xs.reduce(async (p, x) => { await p; await save(x); }, Promise.resolve());",
    "queue.push({ body: 1 }).catch((e) => console.error(e));",
    "kvs.get('a').then((v) => v).catch(() => {});",
    "kvs.get('a').then((v) => v, () => {});",
    "void queue.push({ body: 1 });",
    "await new Promise((resolve) => { kvs.get('a').then(resolve); });",
    "await new Promise((r) => { xs.forEach(async (x) => { await save(x); if (!--n) r(); }); });",
    "await new Promise((resolve) => setTimeout(async () => { await save('a'); resolve(); }, 5));",
    "const stack = []; stack.push(1); xs.push(2);",
    "kvs.query().where('key', 1); kvs.transact().set('a' + xs, 1);",
    "pure(1); xs.forEach(async (x) => { await pure(x); }); xs.map(async (x) => x);",
    "xs.forEach((x) => { console.log(x); }); xs.map((x) => x + 1);",
    "const fetch = (x) => x; fetch('a');",
    "const { get } = new Map(); get?.('a'); new Map().set('a', 1); new Set(xs).delete('a');",
    "const own = new Store(); await own.save(1); own.forEach(async (x) => { await save(x); });",
    "const own = new Archive(); own.look(1); own.clear(1); own.size(); Archive.save(1);",
    "class A { run() { this.go(); } static async go() { await save(1); } } new A().run();",
    "class A { run() { function f() { this.go(); } f(); } async go() { await save(1); } }",
    "class A { async run() { await this.#go(); } async #go() { await save(1); } }",
    "class A { run() { return super.run() ?? this.other.go(); } async go() { await save(1); } }",
    "const o = { run: () => { this.go(); }, go: async () => save(1) }; o.run();",
    "function f() { this.go(); } f.call({ go: async () => save(1) }); this.x?.go();",
    "xs.reduce((sum, x) => sum + x, 0); const last = xs.reduce(async (p, x) => { await p; "
    "await save(x); }, null); await last;",
    "await new Archive().save(1); await Archive.clear(1); await store1.save(1); store1.load(1);",
    "class Set { forEach(f) { return f(1); } } await new Set().forEach(async (x) => save(x));",
    "const odd = { async [xs]() { await save(1); } }; odd[event](); new Archive()[xs]();",
    "api.asApp(); asUser(); route`/x`;",
    "const value = (await kvs.get('a')) ?? 1; return value;",
    "const [a, b] = await Promise.all([kvs.get('a'), kvs.get('b')]); return a + b;",
    "const gets = [kvs.get('a'), kvs.get('b')]; return Promise.all(gets);",
    "const read = { a: kvs.get('a') }; return read.a;",
    "try { await save(1); } catch { await queue.push({ body: 1 }); } finally { await save(2); }",
    "const run = () => kvs.set(xs, 1); await run();",
    "xs.forEach((x) => x.on('data', () => x.read()));",
    "const t = setTimeout(() => {}, 5); await Promise.race([save(1), t]); clearTimeout(t);",
    "(await queue.push({ body: 1 })).jobId; (await kvs.get('a'))?.name;",
    "const out = []; for (const x of xs) out.push(await kvs.get(x)); return out;",
    "const task = save(1); try { console.log(1); } finally { await task; }",
    "return { promise: save(1) };",
    "event.done(save(1));",
    "await event.all([save(1)], () => quick(2));",
    "const f = async () => { await save(1); }; await f(); await (async () => save(2))();",
]


@pytest.mark.parametrize("body", SOUND)
def test_what_is_awaited_passed_on_or_kept_is_sound(body: str, tmp_path: Path) -> None:
    """Nothing is found in code that waits, or that says that it does not."""
    assert found(tmp_path, body) == []


def test_a_module_that_runs_its_top_level_is_sound(tmp_path: Path) -> None:
    """It runs when the app is loaded, for no event."""
    assert found(tmp_path, "return 1;", HEAD + "save('a'); const warm = kvs.get('a');\n") == []


def test_functions_of_other_modules_are_followed(tmp_path: Path) -> None:
    """In TypeScript as well."""
    helper = (
        "import { kvs } from '@forge/kvs';\n"
        "export async function remember(key: string): Promise<void> { await kvs.set(key, 1); }\n"
    )
    source = (
        "import { remember } from './helper';\n"
        "export const created = async (event) => {\n"
        "  remember(event.issue.key);\n"
        "  await remember('sound');\n"
        "};\nexport const store = () => {};\n"
    )
    problems = code_rule_problems(tmp_path, Example(source, files={"src/helper.ts": helper}))
    assert [(p.file, p.line) for p in problems if p.rule == "not-awaited"] == [("src/index.js", 3)]
