"""From an app's files to running handlers: building, loading, and what fails where."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from forge_emu.model import Failed, Success
from forge_emu.runtime.host.environment import needed_variables
from tests.runtime.node.harness import RuntimeHarness, SharedApp, load_app, run_app

pytestmark = pytest.mark.node

TYPED = """\
import type { Wish } from './wish';
import { shout } from './lib/shout';
import data from './data.json';

enum Colour { Red = 'red' }

export async function typed(event: Wish): Promise<void> {
  console.log(shout(event.text), Colour.Red, data.name);
}

export const throws = (_: Wish): void => {
  const inner = (): never => {
    throw new TypeError('in the middle');
  };
  inner();
};

export async function throwsLater(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1));
  throw new RangeError('in the end');
}
"""
PLAIN = """
import { Worker } from 'node:worker_threads';
export async function imports() {
  const own = await import('../../lib/shout');
  const node = await import('node:path');
  console.log(own.shout('x'), typeof node.join);
}
export function meta() {
  console.log(import.meta.url.endsWith('/src/deep/er/plain.js'), import.meta.dirname, __dirname);
}
export function environment() {
  const { FORGE_USER_VAR_TOKEN, TOKEN, TZ, ELSE, NODE_ENV } = process.env;
  console.log(FORGE_USER_VAR_TOKEN, TOKEN, TZ, new Date(0).getHours(), ELSE ?? 'nothing', NODE_ENV);
}
export function values(...all) { console.log(JSON.stringify(all)); return { statusCode: 500 }; }
export default function () { console.log('the default export'); }
export class Kind {}
const local = () => console.log('by another name');
export { local as 'odd-name' };
export function has() {
  const names = ['fetch', 'Response', 'structuredClone', 'Buffer', 'AbortController', 'crypto'];
  console.log(names.filter((name) => globalThis[name] === undefined).length, typeof Worker);
}
"""
FILES = {
    "src/index.ts": TYPED,
    "src/wish.d.ts": "export interface Wish { text: string }\n",
    "src/lib/shout.js": "export const shout = (text) => text.toUpperCase();\n",
    "src/data.json": '{"name": "from json"}',
    "src/h.js": "export const h = (name, props, ...inner) => ({ name, props, inner });\n",
    "src/view.tsx": "/** @jsx h */\nimport { h } from './h';\n"
    "export function tsx(): void { console.log(JSON.stringify(<b id='1'>x</b>)); }\n",
    "src/old.cjs": "const os = require('os'); exports.cjs = () => console.log(typeof os.cpus);\n",
    "src/deep/er/plain.js": PLAIN,
    "node_modules/dep/package.json": '{"name": "dep", "main": "main.js"}',
    "node_modules/dep/main.js": "exports.fail = () => { throw new Error('of a package'); };\n",
    "src/dep.js": "import { fail } from 'dep';\nexport function package_() {\n  fail();\n}\n",
}
# fmt: off
HANDLERS = {
    **{name: f"src/index.ts#{name}" for name in ("typed", "throws", "throwsLater")},
    "tsx": "src/view.tsx#tsx",
    "cjs": "src/old.cjs#cjs",
    **{
        name: f"src/deep/er/plain.js#{name}"
        for name in (
            "imports", "meta", "environment", "values", "default", "odd-name", "has", "Kind",
        )
    },
    "package": "src/dep.js#package_",
}
# fmt: on


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedApp]:
    """An app with a file of every kind, loaded once."""
    seen = {**needed_variables(os.environ), "FORGE_USER_VAR_TOKEN": "s3cret", "TOKEN": "s3cret"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ELSE", "of the machine")
        root = tmp_path_factory.mktemp("node")
        with SharedApp(root, FILES, HANDLERS, environment=seen) as app:
            yield app


@pytest.mark.parametrize(
    ("function", "printed"),
    [
        ("typed", "HELLO red from json"),
        ("tsx", '{"name":"b","props":{"id":"1"},"inner":["x"]}'),
        ("cjs", "function"),
        ("imports", "X function"),
        ("meta", "true src/deep/er src/deep/er"),
        ("environment", "s3cret s3cret UTC 0 nothing production"),
        ("values", '[{"text":"hello"},{"installContext":"here"}]'),
        ("default", "the default export"),
        ("odd-name", "by another name"),
        ("has", "0 function"),
    ],
)
def test_files_of_every_kind_run(shared: SharedApp, function: str, printed: str) -> None:
    """TypeScript, JSX, CommonJS, JSON, imports at run time, and what the platform's Node has."""
    outcome, lines = shared.run_invocation(
        function, {"text": "hello"}, context={"installContext": "here"}
    )

    assert outcome == Success()
    assert lines == [printed]


@pytest.mark.parametrize(
    ("function", "stack"),
    [
        (
            "throws",
            "TypeError: in the middle\n    at inner (src/index.ts:13:11)\n"
            "    at throws (src/index.ts:15:3)",
        ),
        ("throwsLater", "RangeError: in the end\n    at throwsLater (src/index.ts:20:9)"),
        ("package", "Error: of a package\n    at package_ (src/dep.js:3:3)"),
    ],
)
def test_stacks_are_in_the_users_files(shared: SharedApp, function: str, stack: str) -> None:
    """File, line and column of the source, without the frames of packages and of the host."""
    outcome, _ = shared.run_invocation(function)

    assert isinstance(outcome, Failed)
    assert outcome.error.stack == stack


def test_a_class_is_no_handler(shared: SharedApp) -> None:
    """Calling it fails, as on the platform."""
    outcome, _ = shared.run_invocation("Kind")

    assert isinstance(outcome, Failed)
    assert "cannot be invoked without 'new'" in outcome.error.message


# --- builds that fail


@pytest.mark.parametrize(
    ("source", "place", "words"),
    [
        ("export function run() {\n  const x = ;\n}", "src/index.ts:2:13", 'Unexpected ";"'),
        (
            "import x from './gone';\nexport const run = () => x;",
            "src/index.ts:1:15",
            'there is no file for the import "./gone"',
        ),
        (
            "import x from '@forge/gone/sub';\nexport const run = () => x;",
            "src/index.ts:1:15",
            'the package "@forge/gone/sub" is not installed',
        ),
        (
            "export const run = () => 1;\nawait run();",
            "src/index.ts:2:1",
            "await outside a function is not possible",
        ),
        ("import x from './bad.json';\nexport const run = () => x;", "src/bad.json:1:3", "JSON"),
        (
            "const o: any = undefined;\nexport const run = () => 1;\nconsole.log(o.x);",
            "src/index.ts:3:15",
            "src/index.ts failed while loading: TypeError: Cannot read properties of undefined",
        ),
        ("throw { a: 1 };", "src/index.ts", "failed while loading: Error: { a: 1 } was thrown"),
        ("process.exit(1);", "src/index.ts:1:9", "process.exit(1) was called"),
        ("export function runs() {}", "manifest.yml:10", 'has no export "run"'),
        ("export const run = 5;", "manifest.yml:10", "no function but a value of type number"),
        ("", "manifest.yml:10", 'has no export "run"'),
        ("module.exports = null;", "manifest.yml:10", 'has no export "run"'),
        ("module.exports = () => {};", "manifest.yml:10", 'has no export "run"'),
        (
            "module.exports = { get run() { throw new Error('got'); } };",
            "src/index.ts:1:38",
            "failed while loading: Error: got",
        ),
    ],
)
def test_a_build_that_fails_says_where(tmp_path: Path, source: str, place: str, words: str) -> None:
    """One problem in the user's file or in the manifest, and nothing was loaded."""
    files = {"src/index.ts": source, "src/other.js": "export const a = 1;", "src/bad.json": "{ x"}

    build = load_app(tmp_path, files, {"run": "src/index.ts#run"})

    assert not build.ok
    problem = build.problems[0]
    assert words in problem.message
    assert str(problem).startswith(f"{place} ")


def test_a_near_export_is_offered(tmp_path: Path) -> None:
    """The hint has it first, and the other functions after it."""
    files = {"src/index.js": "export const zeta = () => 1, runs = () => 2, no = 3;"}

    build = load_app(tmp_path, files, {"run": "src/index.js#run"})

    assert build.problems[0].hint == "Did you mean runs? It exports: runs, zeta."


def test_errors_after_loading_are_told(tmp_path: Path) -> None:
    """What a module starts at its top level belongs to no invocation, and harms none."""
    source = (
        "export const run = () => 1;\nPromise.reject(new Error('rejected'));\n"
        "setTimeout(() => { throw new Error('thrown'); });\n"
    )

    async def scene(harness: RuntimeHarness) -> None:
        await harness.wait_until(lambda: len(harness.logs(None)) == 2)
        assert await harness.run_invocation("run") == Success()
        for line, (what, place) in zip(
            harness.logs(None), [("rejected", "2:16"), ("thrown", "3:26")], strict=True
        ):
            assert line.level == "error"
            assert what in line.message
            assert "outside any invocation" in line.message
            assert f"src/index.js:{place}" in line.message

    run_app(tmp_path, {"src/index.js": source}, scene, handlers={"run": "src/index.js#run"})


def test_printing_while_loading_belongs_to_no_invocation(tmp_path: Path) -> None:
    """A module's top level prints without an invocation, once per instance."""
    source = "console.log('loading');\nexport function run() {}\n"

    async def scene(harness: RuntimeHarness) -> None:
        await harness.run_invocation("run")
        await harness.run_invocation("run")
        assert [m.message for m in harness.logs(None)] == ["loading"]
        assert [m.message for m in harness.logs()] == ["loading", "loading"]

    run_app(tmp_path, source, scene)
