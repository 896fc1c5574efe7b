"""From an app's files to running handlers: building, loading, generations, threads, processes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from forge_emu.model import ErrorReport, Failed, PlatformError, RetryRequested, Success
from forge_emu.ports import AppRequest, AppResponse
from forge_emu.runtime.host import handler_environment
from tests.runtime.stage import Shared, Stage, app_of, load, play, write_app

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
  const name = 'node:fs';
  const found = await import(name);
  console.log(own.shout('x'), typeof node.join, typeof found.readFileSync);
}
export function meta() {
  console.log(import.meta.url.startsWith('file:///'), import.meta.dirname === __dirname);
}
export function environment() {
  const { FORGE_USER_VAR_TOKEN, TOKEN, TZ, ELSE } = process.env;
  console.log(FORGE_USER_VAR_TOKEN, TOKEN, TZ, new Date(0).getHours(), ELSE ?? 'nothing');
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
export function addon() { return require('./some.node'); }
"""
FILES = {
    "src/index.ts": TYPED,
    "src/wish.d.ts": "export interface Wish { text: string }\n",
    "src/lib/shout.js": "export const shout = (text) => text.toUpperCase();\n",
    "src/data.json": '{"name": "from json"}',
    "src/h.js": "export const h = (name, props, ...inner) => ({ name, props, inner });\n",
    "src/view.tsx": "/** @jsx h */\nimport { h } from './h';\n"
    "export function tsx(): void { console.log(JSON.stringify(<b id='1'>x</b>)); }\n",
    "src/other.jsx": "/** @jsx h */\nimport { h } from './h';\n"
    "export const jsx = () => console.log(JSON.stringify(<i/>));\n",
    "src/marked.js": "/** @jsx h */\nimport { h } from './h';\n"
    "export const marked = () => console.log(JSON.stringify(<u/>));\n",
    "src/old.cjs": "const os = require('os'); exports.cjs = () => console.log(typeof os.cpus);\n",
    "src/deep/er/plain.js": PLAIN,
    "src/deep/er/some.node": "no addon",
    "node_modules/dep/package.json": '{"name": "dep", "main": "main.js"}',
    "node_modules/dep/main.js": "exports.fail = () => { throw new Error('of a package'); };\n",
    "src/dep.js": "import { fail } from 'dep';\nexport function package_() {\n  fail();\n}\n",
}
HANDLERS = {
    **{name: f"src/index.ts#{name}" for name in ("typed", "throws", "throwsLater")},
    "tsx": "src/view.tsx#tsx",
    "jsx": "src/other.jsx#jsx",
    "marked": "src/marked.js#marked",
    "cjs": "src/old.cjs#cjs",
    **{
        name: f"src/deep/er/plain.js#{name}"
        for name in (
            "imports", "meta", "environment", "values", "default", "odd-name", "has", "Kind",
            "addon",
        )
    },
    "package": "src/dep.js#package_",
}  # fmt: skip


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    """An app with a file of every kind, loaded once."""
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setenv("FORGE_USER_VAR_TOKEN", "s3cret")
        patch.setenv("ELSE", "of the machine")
        yield stack.enter_context(Shared(tmp_path_factory.mktemp("node"), FILES, HANDLERS))


@pytest.mark.parametrize(
    ("function", "printed"),
    [
        ("typed", "HELLO red from json"),
        ("tsx", '{"name":"b","props":{"id":"1"},"inner":["x"]}'),
        ("jsx", '{"name":"i","props":null,"inner":[]}'),
        ("marked", '{"name":"u","props":null,"inner":[]}'),
        ("cjs", "function"),
        ("imports", "X function function"),
        ("meta", "true true"),
        ("environment", "s3cret s3cret UTC 0 nothing"),
        ("values", '[{"text":"hello"},{"installContext":"here"}]'),
        ("default", "the default export"),
        ("odd-name", "by another name"),
        ("has", "0 function"),
    ],
)
def test_files_of_every_kind_run(shared: Shared, function: str, printed: str) -> None:
    """TypeScript, JSX, CommonJS, JSON, imports at run time, and what the platform's Node has."""
    outcome, lines = shared.run(function, {"text": "hello"}, context={"installContext": "here"})

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
def test_stacks_are_in_the_users_files(shared: Shared, function: str, stack: str) -> None:
    """File, line and column of the source, without the frames of packages and of the host."""
    outcome, _ = shared.run(function)

    assert isinstance(outcome, Failed)
    assert outcome.error.stack == stack


def test_a_class_is_no_handler(shared: Shared) -> None:
    """Calling it fails, as on the platform."""
    outcome, _ = shared.run("Kind")

    assert isinstance(outcome, Failed)
    assert "cannot be invoked without 'new'" in outcome.error.message


def test_native_addons_are_found_beside_their_module(shared: Shared) -> None:
    """The one here is no real addon: Node opened the right file and says so."""
    outcome, _ = shared.run("addon")

    assert isinstance(outcome, Failed)
    assert "Cannot find module" not in outcome.error.message
    assert ".node" in outcome.error.message


def test_variables_that_handlers_see() -> None:
    """What a process needs and the user's own; nothing else of the machine, and UTC."""
    given = {"PATH": "/bin", "AWS_SECRET": "x", "FORGE_USER_VAR_": "y", "FORGE_USER_VAR_A": "1"}

    seen = handler_environment({**given, "TZ": "Asia/Tokyo", "NODE_OPTIONS": "--inspect"})

    assert seen == {"PATH": "/bin", "TZ": "UTC", "FORGE_USER_VAR_A": "1", "A": "1"}


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
        (
            "import { no } from './other';\nexport const run = () => no;",
            "src/index.ts:1:10",
            'No matching export in "src/other.js" for import "no"',
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

    build = load(tmp_path, files, {"run": "src/index.ts#run"})

    assert not build.ok
    problem = build.problems[0]
    assert words in problem.message
    assert str(problem).startswith(f"{place} ")


def test_a_near_export_is_offered(tmp_path: Path) -> None:
    """The hint has it first, and the other functions after it."""
    files = {"src/index.js": "export const zeta = () => 1, runs = () => 2, no = 3;"}

    build = load(tmp_path, files, {"run": "src/index.js#run"})

    assert build.problems[0].hint == "Did you mean runs? It exports: runs, zeta."


def test_errors_after_loading_are_told(tmp_path: Path) -> None:
    """What a module starts at its top level belongs to no invocation, and harms none."""
    source = (
        "export const run = () => 1;\nPromise.reject(new Error('rejected'));\n"
        "setTimeout(() => { throw new Error('thrown'); });\n"
    )

    async def scene(stage: Stage) -> None:
        await stage.until(lambda: len(stage.logs(None)) == 2)
        assert await stage.run("run") == Success()
        for line, (what, place) in zip(
            stage.logs(None), [("rejected", "2:16"), ("thrown", "3:26")], strict=True
        ):
            assert line.level == "error"
            assert what in line.message
            assert "outside any invocation" in line.message
            assert f"src/index.js:{place}" in line.message

    play(tmp_path, {"src/index.js": source}, scene, handlers={"run": "src/index.js#run"})


def test_printing_while_loading_belongs_to_no_invocation(tmp_path: Path) -> None:
    """A module's top level prints without an invocation, once per instance."""
    source = "console.log('loading');\nexport function run() {}\n"

    async def scene(stage: Stage) -> None:
        await stage.run("run")
        await stage.run("run")
        assert [m.message for m in stage.logs(None)] == ["loading"]
        assert [m.message for m in stage.logs()] == ["loading", "loading"]

    play(tmp_path, source, scene)


# --- generations


def test_a_change_leaves_running_invocations_on_the_old_code(tmp_path: Path) -> None:
    """Old and new run side by side; the old code goes when it is retired."""
    source = """
    export async function run() {
      const response = await __forge_fetch__({}, '/wait', {});
      console.log('WHICH', await response.text());
    }
    """
    held: list[int] = []

    def reply(request: AppRequest) -> AppResponse | None:
        held.append(request.request_id)
        return None

    async def scene(stage: Stage) -> None:
        old = stage.invoke("run")
        await stage.until(lambda: held)
        write_app(tmp_path, {"src/index.js": source.replace("WHICH", "new")})
        build = await stage.runtime.load(app_of({"run": "src/index.js#run"}), 2)
        assert build.ok
        new = stage.invoke("run", generation=2)
        await stage.until(lambda: len(held) == 2)
        for request in held:
            stage.runtime.respond(request, AppResponse(200, "code"))
        stage.runtime.flush()
        assert await stage.outcome(old) == await stage.outcome(new) == Success()
        assert [m.message for m in stage.logs(old)] == ["old code"]
        assert [m.message for m in stage.logs(new)] == ["new code"]
        stage.runtime.retire(1)
        assert sorted(p.name for p in (tmp_path / ".forge-emu" / "build").iterdir()) == ["g2"]
        assert await stage.run("run2", generation=2) != Success()

    play(tmp_path, source.replace("WHICH", "old"), scene, reply=reply)


def test_a_broken_change_leaves_the_old_code_running(tmp_path: Path) -> None:
    """Its problems are told, and the generation is gone again."""

    async def scene(stage: Stage) -> None:
        for broken in ("export function run( {", "export function walk() {}", "throw 1"):
            write_app(tmp_path, {"src/index.js": broken})
            assert not (await stage.runtime.load(app_of({"run": "src/index.js#run"}), 2)).ok
            assert await stage.run("run") == Success()

    play(tmp_path, "export function run() {}", scene)


def test_a_change_may_add_functions_and_memory(tmp_path: Path) -> None:
    """New functions are known at once."""

    async def scene(stage: Stage) -> None:
        write_app(tmp_path, {"src/more.js": "export const more = () => console.log('more');"})
        app = app_of({"run": "src/index.js#run", "more": "src/more.js#more"}, memory_mb=512)
        assert (await stage.runtime.load(app, 2)).ok
        assert await stage.run("more", generation=2) == Success()

    play(tmp_path, "export function run() {}", scene)


# --- threads and processes


def test_instances_are_spread_over_threads(tmp_path: Path) -> None:
    """An instance stays in its thread; every thread gets its share."""
    source = """
    import { threadId } from 'node:worker_threads';
    export function run() { console.log(threadId); }
    """

    async def scene(stage: Stage) -> None:
        names = [stage.invoke("run", instance=f"i{n % 4}") for n in range(12)]
        threads: dict[int, set[str]] = {}
        for n, name in enumerate(names):
            assert await stage.outcome(name) == Success()
            threads.setdefault(n % 4, set()).add(stage.logs(name)[0].message)
        assert all(len(seen) == 1 for seen in threads.values())
        assert len(set.union(*threads.values())) == 2

    play(tmp_path, source, scene, threads=2)


def test_a_crash_of_the_host_keeps_code_and_takes_new_invocations(tmp_path: Path) -> None:
    """What comes while it is down waits for the new one; requests of the old one are forgotten."""
    held: list[int] = []
    source = """
    export function run() {}
    export async function asks() { await __forge_fetch__({}, '/x', {}); }
    """

    def reply(request: AppRequest) -> AppResponse | None:
        held.append(request.request_id)
        return None

    async def scene(stage: Stage) -> None:
        asking = stage.invoke("asks")
        await stage.until(lambda: held)
        stage.kill_host()
        assert isinstance(await stage.outcome(asking), PlatformError)
        waiting = stage.invoke("run")
        stage.runtime.respond(held[0], AppResponse(200))
        assert await stage.outcome(waiting) == Success()
        again = stage.invoke("asks")
        await stage.until(lambda: len(held) == 2)
        assert held[0] != held[1]
        stage.runtime.respond(held[1], AppResponse(200))
        stage.runtime.flush()
        assert await stage.outcome(again) == Success()

    play(tmp_path, source, scene, reply=reply)


def test_a_host_that_keeps_crashing_is_told_of(tmp_path: Path) -> None:
    """Five times in a row without one finished invocation is an error, and it goes on trying."""

    async def scene(stage: Stage) -> None:
        for n in range(5):
            waiting = stage.invoke("waits")
            await stage.until(lambda n=n: len(stage.logs()) > n)  # type: ignore[misc]
            stage.kill_host()
            await stage.outcome(waiting)
            assert len(stage.notices()) == n + 1
        assert stage.notices()[-1].level == "error"
        assert "5 times in a row" in stage.notices()[-1].message

    source = "export async function waits() { console.log(1); await new Promise(() => {}); }"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("forge_emu.runtime.node._RESTART_DELAYS", (0.0,))
        play(tmp_path, source, scene)


def test_an_answer_after_an_abort_is_ignored(tmp_path: Path) -> None:
    """The code of the aborted invocation never goes on, and the next one is undisturbed."""
    held: list[int] = []

    def reply(request: AppRequest) -> AppResponse | None:
        held.append(request.request_id)
        return None

    async def scene(stage: Stage) -> None:
        name = stage.invoke("asks", instance="i")
        await stage.until(lambda: held)
        stage.runtime.abort(name)
        stage.runtime.respond(held[0], AppResponse(200))
        stage.runtime.respond(12345, AppResponse(200))
        stage.runtime.abort(name)
        stage.runtime.abort("never heard of")
        assert await stage.run("run", instance="i") == Success()
        assert not stage.logs(name)
        assert name not in [e.invocation_id for e in stage.ends()]

    source = """
    export function run() {}
    export async function asks() {
      try { await __forge_fetch__({}, '/x', {}); } finally { console.log('went on'); }
    }
    """
    play(tmp_path, source, scene, reply=reply)


def test_close_leaves_no_process_and_no_file(tmp_path: Path) -> None:
    """A handler's endless loop, and a process that it started, end with the host."""
    source = """
    import { spawn } from 'node:child_process';
    export function run() {
      const child = spawn('sleep', ['600']);
      console.log(process.pid, child.pid);
      for (;;);
    }
    """

    async def scene(stage: Stage) -> list[int]:
        name = stage.invoke("run")
        (line,) = await stage.until(lambda: stage.logs(name))
        return [int(pid) for pid in line.message.split()]

    pids = play(tmp_path, source, scene)

    assert not [pid for pid in pids if _alive(pid)]
    assert not (tmp_path / ".forge-emu" / "build").exists()


def _alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    except OSError:
        pass
    else:
        return state != "Z"
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


# --- outcomes and requests


@pytest.mark.parametrize(
    ("value", "outcome"),
    [
        ("undefined", Success()),
        ("false", Success()),
        ("{ statusCode: 500 }", Success()),
        ("{ _retry: 1 }", Success()),
        ("{ _retry: false }", Success()),
        ("(() => { const a = []; a.push(a); return a; })()", Success()),
        ("new Proxy({}, { get() { throw 1; } })", Failed(ErrorReport("Error", "1 was thrown"))),
        ("{ get _retry() { throw 1; } }", Success()),
        ("{ _retry: true }", RetryRequested()),
        ("{ _retry: true, retryOptions: null }", RetryRequested()),
        (
            "{ _retry: true, retryOptions: { retryAfter: 5, retryReason: 'R', retryData: [1] } }",
            RetryRequested(5, "R", [1], 3),
        ),
        (
            "{ _retry: true, retryOptions: { retryAfter: 'x', retryReason: { a: 1 } } }",
            RetryRequested("x", "[object Object]"),
        ),
        (
            "{ _retry: true, retryOptions: { retryData: (() => {"
            " const a = {}; a.a = a; return a; })() } }",
            RetryRequested(),
        ),
        ("{ _retry: true, retryOptions: { retryData: 10n } }", RetryRequested()),
        ("{ then(resolve) { resolve({ _retry: true }); } }", RetryRequested()),
    ],
)
def test_what_a_returned_value_means(shared_returns: Shared, value: str, outcome: Any) -> None:
    """Only an object with `_retry: true` asks for a retry, whatever else it holds."""
    found, _ = shared_returns.run("returns", value)

    assert found == outcome


@pytest.fixture(scope="module")
def shared_returns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shared]:
    """A handler that returns what it is told to."""
    source = "export async function returns(code) { return new Function(`return ${code}`)(); }"
    root = tmp_path_factory.mktemp("returns")
    with Shared(root, {"src/index.js": source}, {"returns": "src/index.js#returns"}) as shared:
        yield shared


def test_requests_in_every_form(tmp_path: Path) -> None:
    """Bodies, headers and methods arrive as text; answers have status, headers and body."""
    source = """
    export async function run() {
      const forms = [
        ['a', undefined],
        ['/b', { method: 'post', body: 'text', headers: { 'X-A': '1' } }],
        ['/c', { method: 'PUT', body: Buffer.from('bytes'), headers: new Headers({ b: '2' }) }],
        ['/d', { method: 'POST', body: new URLSearchParams({ q: '1' }), headers: [['c', '3']] }],
      ];
      for (const [path, init] of forms) {
        const r = await __forge_fetch__({ type: 'x' }, path, init);
        console.log(r.status, r.statusText, r.headers.get('x-h'), await r.text());
      }
      const empty = await __forge_fetch__({}, '/empty', {});
      console.log(empty.status, empty.body);
      try { await __forge_fetch__({}, '/bad', {}); } catch (e) { console.log(e.name); }
    }
    """

    def reply(request: AppRequest) -> AppResponse:
        if request.path == "/empty":
            return AppResponse(204)
        if request.path == "/bad":
            return AppResponse(999)
        return AppResponse(418, f"{request.method} {request.body}", {"x-h": "yes"}, "Odd")

    async def scene(stage: Stage) -> None:
        assert await stage.run("run") == Success()
        assert [m.message for m in stage.logs()] == [
            "418 Odd yes GET None",
            "418 Odd yes POST text",
            "418 Odd yes PUT bytes",
            "418 Odd yes POST q=1",
            "204 null",
            "RangeError",
        ]
        given = zip(stage.requests()[1:4], ["x-a", "b", "c"], strict=True)
        assert [r.headers[name] for r, name in given] == ["1", "2", "3"]
        assert not any(r.late for r in stage.requests())

    play(tmp_path, source, scene, reply=reply)


def test_requests_after_the_return_are_marked_late(tmp_path: Path) -> None:
    """They are answered all the same."""
    source = """
    export function run() {
      setTimeout(async () => console.log((await __forge_fetch__({}, '/x', {})).status), 5);
    }
    """

    async def scene(stage: Stage) -> None:
        name = stage.invoke("run")
        await stage.until(lambda: stage.logs(name))
        assert [r.late for r in stage.requests()] == [True]
        assert stage.requests()[0].invocation_id == name

    play(tmp_path, source, scene)


def test_events_of_five_megabytes(tmp_path: Path) -> None:
    """Large arguments and answers go through whole, many at once."""
    source = """
    export async function run(event) {
      const r = await __forge_fetch__({}, '/x', { method: 'POST', body: event.text });
      console.log(event.text.length, (await r.text()).length);
    }
    """

    async def scene(stage: Stage) -> None:
        names = [stage.invoke("run", {"text": "ä" * 5_000_000}) for _ in range(3)]
        for name in names:
            assert await stage.outcome(name) == Success()
            assert stage.logs(name)[0].message == "5000000 5000000"

    play(tmp_path, source, scene, reply=lambda r: AppResponse(200, r.body or ""), memory_mb=512)


def test_loading_may_be_called_off(tmp_path: Path) -> None:
    """A cancelled load ends its bundler and leaves nothing running."""

    async def scene(stage: Stage) -> None:
        task = asyncio.create_task(stage.runtime.load(app_of({"run": "src/index.js#run"}), 2))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await stage.run("run") == Success()

    play(tmp_path, "export function run() {}", scene)
