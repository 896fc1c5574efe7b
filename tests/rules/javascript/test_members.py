"""Methods of classes and object literals that no code calls count as not run."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.rules.facts import Member, ModuleFacts, SourceFacts
from tests.rules.apps import code_rule_problems
from tests.rules.examples import Example

pytestmark = pytest.mark.node

KVS = "import { kvs } from '@forge/kvs';\n"
STATIC = (
    "export class Ai {"
    " static async read(key) { return kvs.get(key); }"
    " static async update(c) { await kvs.set('config', c); } }"
)
INSTANCE = (
    "export class Ai {"
    " async read(key) { return kvs.get(key); }"
    " async update(c) { await kvs.set('config', c); } }"
)
OBJECT = (
    "export const Ai = {"
    " read: async (key) => kvs.get(key),"
    " async update(c) { await kvs.set('config', c); } };"
)
SERVICE = INSTANCE.replace("export class Ai", "class Ai") + " export default new Ai();"
AI = "import { Ai } from './ai';\n"


def written_keys(root: Path, ai: str, index: str, **files: str) -> list[str]:
    """The rules that an app breaks whose trigger uses `src/ai.js`."""
    if "export" in index:
        source = index
    else:
        source = f"{AI}export const created = async (event) => {{ {index} }};\n"
    source += "export const store = () => {};\n"
    more = {f"src/{name}.js": KVS + text for name, text in files.items()}
    example = Example(source, files={"src/ai.js": KVS + ai, **more})
    found = code_rule_problems(root, example)
    return [p.message.split("'")[3] for p in found if p.rule == "overwritten-key"]


@pytest.mark.parametrize(
    ("ai", "index"),
    [
        (STATIC, "await Ai.read(event.key);"),
        (STATIC, "const { read } = Ai; await read(event.key);"),
        (STATIC, "if (Ai && typeof Ai !== 'object') await Ai?.['read'](event.key);"),
        (STATIC, "const A = Ai; await A.read(event.key);"),
        (INSTANCE, "await new Ai().read(event.key);"),
        (INSTANCE, "const ai = new Ai(); await ai.read(event.key);"),
        (INSTANCE, "let ai; ai = new Ai(); await ai.read(event.key);"),
        (OBJECT, "await Ai.read(event.key);"),
        (OBJECT, "const { read: r } = Ai; await r(event.key);"),
        (
            SERVICE,
            "import ai from './ai'; export const created = async (e) => { await ai.read(e.key); };",
        ),
        (
            STATIC,
            "import * as all from './ai';"
            "export const created = async (e) => { await all.Ai.read(e.key); };",
        ),
        (
            STATIC,
            "const { Ai } = require('./ai');"
            "export const created = async (e) => { await Ai.read(e.key); };",
        ),
        (
            "export class Ai { static read(key) { return this.#get(key); }"
            " static #get(key) { return kvs.get(key); }"
            " static #update(c) { return kvs.set('config', c); } }",
            "await Ai.read(event.key);",
        ),
        (
            "export class Ai { static read(key) { return kvs.get(key); }"
            " static update = async (c) => { await kvs.set('config', c); };"
            " static set latest(c) { kvs.set('config', c); }"
            " static reset() { return this.update({}); } }",
            "await Ai.read(event.key);",
        ),
        (
            INSTANCE + " export class More extends Ai { late() { return super.update(1); } }",
            "import { More } from './ai';"
            "export const created = async (e) => { await new More().read(e.key); };",
        ),
        (
            STATIC,
            AI + "import Resolver from '@forge/resolver'; const resolver = new Resolver();"
            "resolver.define('save', async (r) => Ai.update(r.payload));"
            "export const panel = resolver.getDefinitions();"
            "export const created = async (e) => { await Ai.read(e.key); };",
        ),
        (
            "class Ai { static read(key) { return kvs.get(key); }"
            " static update(c) { return kvs.set('config', c); } }"
            "module.exports = { Ai }; exports.other = Ai;",
            "await Ai.read(event.key);",
        ),
    ],
)
def test_methods_that_nothing_names_are_left_out(ai: str, index: str, tmp_path: Path) -> None:
    """Whatever else is used of the class, the instance or the object."""
    assert written_keys(tmp_path, ai, index) == []


@pytest.mark.parametrize(
    ("ai", "index"),
    [
        (STATIC, "await Ai.update(1);"),
        (STATIC, "await Ai['update'](1);"),
        (STATIC, "await Ai?.update?.(1);"),
        (STATIC, "const { update } = Ai; await update(1);"),
        (STATIC, "let u; ({ update: u } = Ai); await u(1);"),
        (STATIC, "const { read, ...more } = Ai; await more[event.name](1);"),
        (STATIC, "await Ai[event.name](1);"),
        (STATIC, "const A = Ai; await A[event.name](1);"),
        (STATIC, "let A = Ai; A = Ai; await A[event.name](1);"),
        (STATIC, "const run = (o) => o[event.name](1); await run(Ai);"),
        (STATIC, "const all = [Ai]; await all[0][event.name](1);"),
        (STATIC, "const made = { ai: Ai }; await made.ai[event.name](1);"),
        (STATIC, "class B extends Ai {} await B[event.name](1);"),
        (STATIC, "await event.list.map(Ai.update);"),
        (STATIC, "const run = ({ update }) => update(1); await run(Ai);"),
        (INSTANCE, "const ai = new Ai(); await ai.update(1);"),
        (INSTANCE, "const make = () => new Ai(); await make()[event.name](1);"),
        (INSTANCE, "const ai = event.x ? new Ai() : null; await ai?.[event.name](1);"),
        (INSTANCE, "await Ai.prototype[event.name].call(null, 1);"),
        (INSTANCE, "const ai = new Ai(); await ai.read(1); await event.run(ai);"),
        (OBJECT, "await Ai.update(1);"),
        (OBJECT, "for (const f of Object.values(Ai)) await f(1);"),
        (OBJECT, "const more = { ...Ai }; await more[event.name](1);"),
        (
            SERVICE,
            "import ai from './ai'; export const created = async (e) => { await ai[e.name](1); };",
        ),
        (
            STATIC,
            "import * as all from './ai'; all.Ai.read(1);"
            "export const created = async (e) => { await all.Ai[e.name](1); };",
        ),
        (
            STATIC,
            AI + "import * as all from './ai'; export const created = async (e) => {"
            " Ai.read(e.key); for (const A of Object.values(all)) await A[e.name](1); };",
        ),
        (
            STATIC,
            AI + "import * as all from './wrap'; export const created = async (e) => {"
            " Ai.read(e.key); for (const A of Object.values(all)) await A[e.name](1); };",
        ),
        (
            STATIC,
            "Ai.read(1); await import('./ai').then((all) => all[event.a][event.name](1));",
        ),
        (
            STATIC,
            AI + "import { wrap } from './wrap'; wrap(Ai);"
            "export const created = async (e) => { await Ai.read(e.key); };",
        ),
        (
            STATIC.replace("kvs.get(key)", "this.update(key)"),
            "await Ai.read(event.key);",
        ),
        (
            STATIC.replace("kvs.get(key)", "this[key](1)"),
            "await Ai.read(event.key);",
        ),
        (
            "export class Ai { static read() { return this.#update(1); }"
            " static #update(c) { return kvs.set('config', c); } }",
            "await Ai.read(event.key);",
        ),
        (
            "export class Ai { read() { return this.hook(); } }"
            "export class More extends Ai { hook() { return kvs.set('config', 1); } }",
            "import { More } from './ai';"
            "export const created = async (e) => { await new More().read(e.key); };",
        ),
        (
            "export class Ai { read(name) { return this[name](); } }"
            "export class More extends Ai { hook() { return kvs.set('config', 1); } }",
            "import { More } from './ai';"
            "export const created = async (e) => { await new More().read(e.key); };",
        ),
        (
            INSTANCE + " export class More extends Ai { read() { return super.update(1); } }",
            "import { More } from './ai';"
            "export const created = async (e) => { await new More().read(e.key); };",
        ),
        ("export class Ai { constructor() { kvs.set('config', 1); } read() {} }", "new Ai();"),
        ("export class Ai { static { kvs.set('config', 1); } static read() {} }", "Ai.read();"),
        ("export class Ai { done = kvs.set('config', 1); read() {} }", "new Ai().read();"),
        (
            "export class Ai { get latest() { return kvs.set('config', 1); } }",
            "await new Ai().latest;",
        ),
        ("export class Ai { set latest(x) { kvs.set('config', x); } }", "new Ai().latest = 1;"),
        ("export class Ai { toString() { kvs.set('config', 1); } }", "return `${new Ai()}`;"),
        ("export class Ai { [Symbol.iterator]() { kvs.set('config', 1); } }", "[...new Ai()];"),
        (
            "import { EventEmitter } from 'events';"
            "export class Ai extends EventEmitter { _call() { kvs.set('config', 1); } }",
            "new Ai().emit('x');",
        ),
        (
            "import { register } from 'x';"
            "@register export class Ai { static read() {} run() { kvs.set('config', 1); } }",
            "Ai.read();",
        ),
    ],
)
def test_methods_that_may_be_called_are_found(ai: str, index: str, tmp_path: Path) -> None:
    """By name, by a name that only running tells, or by code that gets the whole."""
    wrap = "export const wrap = (x) => x; export * from './ai';"
    assert written_keys(tmp_path, ai, index, wrap=wrap) == ["config"]


def test_types_are_no_use_of_a_class(tmp_path: Path) -> None:
    """A method that returns its class says nothing of what is called."""
    ai = (
        "import { kvs } from '@forge/kvs';\n"
        "export class Ai { private static one?: Ai;\n"
        " static read(key: string): Promise<Ai> { return kvs.get(key) as Promise<Ai>; }\n"
        " static update(c: typeof Ai) { return kvs.set('config', 1); } }\n"
    )
    source = AI + "export const created = (e) => Ai.read(e.key); export const store = () => {};"
    example = Example(source, files={"src/ai.ts": ai})
    assert not [p for p in code_rule_problems(tmp_path, example) if p.rule == "overwritten-key"]


def test_a_method_is_called_only_with_its_class() -> None:
    """A name that is used counts for no class that is not reached."""
    module = ModuleFacts(
        "a.js",
        {},
        {"run": [("a.js", "A")], "A": [], "A.go": [], "B": [], "B.go": []},
        members={"A.go": Member("A", "go"), "B.go": Member("B", "go")},
        mentions={"run": ["go"]},
    )
    reached = SourceFacts([module]).units_reached_from([("a.js", "run")])
    assert {unit for _, unit in reached if unit != "<load>"} == {"run", "A", "A.go"}
