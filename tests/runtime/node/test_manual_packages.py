"""Manual packages (`bundler: manual@2026`): the folder runs as it is, each file at its own path."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from forge_emu.clock import VirtualClock
from forge_emu.model import Failed, Success
from tests.runtime.node.harness import SharedApp, load_app

pytestmark = pytest.mark.node

COMMON = """\
const fs = require('fs');
const path = require('node:path');
const { shout } = require('./lib/shout');
const dep = require('dep');
let calls = 0;
exports.data = () => console.log(fs.readFileSync(path.join(__dirname, 'data.txt'), 'utf8'));
exports.joined = () => console.log(shout('x'), require('./some.json').name, dep.table());
exports.count = () => console.log(++calls, module.filename === __filename, require.main);
exports.fails = () => { throw new TypeError('of dist'); };
exports.prints = () => console.log(new Error('printed').stack);
exports.imports = async () => {
  const { keyOf, default: whole } = await import('./esm/keys.mjs');
  console.log(keyOf(), whole);
};
exports.outside = () => require('only-beside-the-manifest');
exports.above = () => require('../src/secret.js');
exports.caught = () => { try { require('absent'); } catch (e) { console.log(e.code); } };
exports.esmRequired = () => require('./esm/keys.mjs');
exports.undeclared = () => { leaked = 1; console.log(leaked); delete globalThis.leaked; };
"""
MODULE = """\
import fs, { readFileSync } from 'node:fs';
import { keyOf } from './keys.mjs';
import old, { name } from '../old.cjs';
import dep from 'dep';
import * as both from 'dual';
import data from '../some.json' with { type: 'json' };
let calls = 0;
export const count = () => console.log(++calls);
const { dirname, filename, resolve, url } = import.meta;
export const data_ = () => console.log(readFileSync(new URL('../data.txt', url), 'utf8'));
export const meta = () => console.log(filename.endsWith('dist/esm/index.mjs'),
  dirname === filename.slice(0, -10), resolve('./keys.mjs').slice(-8));
export const mixed = () => console.log(keyOf(), old.name, name, typeof fs.existsSync, data.name);
export const packages = () => console.log(dep.table(), both.kind);
export const dynamic = async () => console.log((await import('./late.mjs')).late);
export function fails() {
  throw new RangeError('of a module');
}
export { fails as default };
"""
MAP = base64.b64encode(
    msgspec.json.encode(
        {"version": 3, "sources": ["../src/origin.ts"], "names": [], "mappings": "AAKA"}
    )
).decode()
FILES = {
    "package.json": "{}",
    "src/secret.js": "exports.x = 1;",
    "node_modules/only-beside-the-manifest/index.js": "",
    "dist/index.js": COMMON,
    "dist/data.txt": "the data",
    "dist/some.json": '\ufeff{"name": "from json"}',
    "dist/lib/shout/index.js": "exports.shout = (text) => text.toUpperCase();",
    "dist/old.cjs": "exports.name = 'common';",
    "dist/node_modules/dep/package.json": '{"name": "dep", "main": "main.js"}',
    "dist/node_modules/dep/main.js": "const fs = require('fs');\n"
    "exports.table = () => fs.readFileSync(__dirname + '/table.txt', 'utf8');\n",
    "dist/node_modules/dep/table.txt": "a table",
    "dist/node_modules/dual/package.json": '{"name": "dual", "exports": '
    '{"import": "./m.mjs", "require": "./c.cjs"}}',
    "dist/node_modules/dual/m.mjs": "export const kind = 'module';",
    "dist/node_modules/dual/c.cjs": "exports.kind = 'commonjs';",
    "dist/esm/keys.mjs": "export const keyOf = () => 'key';\nexport default 'default';\n",
    "dist/esm/index.mjs": MODULE,
    "dist/esm/late.mjs": "export const late = await Promise.resolve('late');",
    "dist/esm/index.js": "export * from './index.mjs';",
    "dist/typed/package.json": '{"type": "module"}',
    "dist/typed/index.js": "import { name } from '../old.cjs';\n"
    "export const typed = () => console.log(name);",
    "dist/mapped.js": "exports.mapped = () => { throw new Error('mapped'); };\n"
    f"//# sourceMappingURL=data:application/json;base64,{MAP}\n",
}
COMMON_FUNCTIONS = [
    line.split(" ")[0][8:] for line in COMMON.splitlines() if "exports." in line[:8]
]
HANDLERS = {
    **{name: f"dist/index.js#{name}" for name in COMMON_FUNCTIONS},
    **{
        f"m-{name}": f"dist/esm/index.js#{name}"
        for name in ("count", "data_", "meta", "mixed", "packages", "dynamic", "fails")
    },
    "typed": "dist/typed/index.js#typed",
    "mapped": "dist/mapped.js#mapped",
}


@pytest.fixture(scope="module", params=["real", "virtual"])
def shared(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[SharedApp]:
    """A package of both kinds of modules, loaded once; in real and in virtual time."""
    options: dict[str, Any] = {} if request.param == "real" else {"clock": VirtualClock()}
    with SharedApp(tmp_path_factory.mktemp("manual"), FILES, HANDLERS, "dist", **options) as app:
        yield app


@pytest.mark.parametrize(
    ("function", "printed"),
    [
        ("data", "the data"),
        ("joined", "X from json a table"),
        ("count", "1 true undefined"),
        ("imports", "key default"),
        ("caught", "MODULE_NOT_FOUND"),
        ("undeclared", "1"),
        ("m-count", "1"),
        ("m-data_", "the data"),
        ("m-meta", "true true keys.mjs"),
        ("m-mixed", "key common common function from json"),
        ("m-packages", "a table module"),
        ("m-dynamic", "late"),
        ("typed", "common"),
    ],
)
def test_a_package_runs_as_it_is(shared: SharedApp, function: str, printed: str) -> None:
    """`__dirname`, data files, packages of its own, both kinds of modules, sloppy mode."""
    outcome, lines = shared.run_invocation(function)

    assert outcome == Success()
    assert lines == [printed]


@pytest.mark.parametrize("function", ["count", "m-count"])
def test_each_instance_has_its_own_modules(shared: SharedApp, function: str) -> None:
    """A counter goes on in a warm instance, and begins anew in another one."""
    one, other = f"{function}-one", f"{function}-other"
    counts = [shared.run_invocation(function, instance=i)[1][0][0] for i in (one, one, other)]

    assert counts == ["1", "2", "1"]


@pytest.mark.parametrize(
    ("function", "error"),
    [
        ("fails", "TypeError: of dist\n    at exports.fails (dist/index.js:9:31)"),
        ("m-fails", "RangeError: of a module\n    at fails (dist/esm/index.mjs:17:9)"),
        ("mapped", "Error: mapped\n    at exports.mapped (src/origin.ts:6:1)"),
    ],
)
def test_stacks_are_in_the_packages_files(shared: SharedApp, function: str, error: str) -> None:
    """File and line as the package has them, or those of a source map that it brings."""
    outcome, _ = shared.run_invocation(function)

    assert isinstance(outcome, Failed)
    assert outcome.error.stack == error


def test_a_printed_stack_is_in_the_packages_files(shared: SharedApp) -> None:
    """Paths of the machine and frames of the host are left out."""
    _, lines = shared.run_invocation("prints")

    assert lines == ["Error: printed\n    at exports.prints (dist/index.js:10:36)"]


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("outside", "Cannot find module 'only-beside-the-manifest': a manual package has only"),
        ("above", "Cannot find module '../src/secret.js': a manual package has only what is in"),
        ("esmRequired", "require() of the ES module"),
    ],
)
def test_what_is_not_in_the_folder_is_not_there(
    shared: SharedApp, function: str, message: str
) -> None:
    """Only the folder is deployed: packages beside the manifest are not found."""
    outcome, _ = shared.run_invocation(function)

    assert isinstance(outcome, Failed)
    assert outcome.error.message.startswith(message)


@pytest.mark.parametrize(
    ("source", "place", "words"),
    [
        ("exports.run = () => {\n  const x = ;\n};", "dist/index.js", "Unexpected token ';'"),
        ("import './gone.js';\nexport const run = () => 1;", "dist/index.js", "gone.js"),
        ("import 'gone';\nexport const run = () => 1;", "dist/index.js", "'gone'"),
        ("throw new Error('at once');", "dist/index.js:1:7", "Error: at once"),
        ("exports.other = () => 1;", "manifest.yml:10", 'has no export "run"'),
    ],
)
def test_a_package_that_does_not_load_says_where(
    tmp_path: Path, source: str, place: str, words: str
) -> None:
    """One problem, in the package's file or in the manifest."""
    build = load_app(tmp_path, {"dist/index.js": source}, {"run": "dist/index.js#run"}, "dist")

    assert [str(p).startswith(f"{place} ") for p in build.problems] == [True]
    assert words in build.problems[0].message
