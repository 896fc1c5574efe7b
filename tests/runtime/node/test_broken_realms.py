"""Apps that replace parts of the language: their own affair, and nobody hangs for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.model import Failed, PlatformError, Success
from forge_emu.ports import AppResponse
from tests.runtime.node.harness import RuntimeHarness, run_app

pytestmark = pytest.mark.node

GOOD = """
export async function good() {
  await new Promise((resolve) => setTimeout(resolve, 1));
  const answer = await __forge_fetch__({}, '/x', { method: 'POST', body: '{}' });
  console.log('good', await answer.text());
}
export function fails() { throw new TypeError('ordinary'); }
"""
THROW = "() => { throw new Error('replaced'); }"


def run(root: Path, body: str) -> None:
    """Run `body` in a handler, and then sound handlers on other instances of the same thread."""
    source = f"{GOOD}export async function bad() {{ {body} }}\n"

    async def scene(harness: RuntimeHarness) -> None:
        await harness.run_invocation("bad", instance="bad")
        name = harness.invoke("good")
        assert await harness.wait_for_outcome(name) == Success()
        assert [line.message for line in harness.logs(name)] == ["good {}"]
        outcome = await harness.run_invocation("fails")
        assert isinstance(outcome, Failed)
        assert (outcome.error.name, outcome.error.message) == ("TypeError", "ordinary")

    run_app(root, source, scene, reply=lambda request: AppResponse(200, request.body or ""))


@pytest.mark.parametrize(
    "body",
    [
        "Object.freeze(globalThis);",
        "for (const { prototype } of [Object, Array, Function, Promise]) Object.freeze(prototype);",
        f"JSON.stringify = JSON.parse = {THROW};",
        "globalThis.JSON = null;",
        f"Atomics.store = Atomics.add = Atomics.load = {THROW}; globalThis.Atomics = {{}};",
        f"Promise.resolve = Promise.all = {THROW};",
        "globalThis.fetch = globalThis.Response = globalThis.Headers = globalThis.Request = null;",
        f"process.nextTick = process.emit = {THROW};",
        f"performance.now = Date.now = {THROW}; globalThis.Date = null;",
        f"require('fs').readFileSync = {THROW};",
        f"require('util').inspect = {THROW};",
        "Error.prepareStackTrace = (error, sites) => sites; Error.stackTraceLimit = 0;",
        f"Error.prepareStackTrace = {THROW};",
        "for (const [name, value] of Object.entries({ toJSON: () => 'polluted', type: 'x', n: 5 }))"
        " Object.defineProperty(Object.prototype, name,"
        " { value, configurable: true, writable: true });",
        "Object.defineProperty(Object.prototype, 'outcome', { set() { throw 1; } });",
        "process.removeAllListeners();",
        "process.chdir?.('/');",
        "process.exitCode = 5; process.emit('exit', 1);",
        "require('async_hooks').AsyncLocalStorage.prototype.run = null;",
    ],
)
def test_what_one_handler_replaces_leaves_the_others_sound(tmp_path: Path, body: str) -> None:
    """What runs below the app does not use what the app can replace."""
    run(tmp_path, body)


@pytest.mark.parametrize(
    "body",
    [
        f"Array.prototype[Symbol.iterator] = {THROW};",
        f"RegExp.prototype.exec = RegExp.prototype.test = {THROW};",
        f"Function.prototype.call = Function.prototype.apply = {THROW};",
        f"MessagePort.prototype.postMessage = {THROW};",
        "require('worker_threads').workerData.port.close();",
        f"require('async_hooks').AsyncLocalStorage.prototype.getStore = {THROW};",
    ],
)
def test_a_thread_that_cannot_go_on_is_replaced(tmp_path: Path, body: str) -> None:
    """Nobody waits for a timeout: what ran there is delivered again, and finds a sound thread."""
    source = f"{GOOD}export async function bad() {{ {body} }}\n"

    async def scene(harness: RuntimeHarness) -> None:
        await harness.run_invocation("bad")
        for _ in range(3):
            outcome = await harness.run_invocation("good")
            if outcome == Success():
                return
            assert isinstance(outcome, PlatformError | Failed)
        pytest.fail(f"never sound again: {outcome}")

    run_app(tmp_path, source, scene, reply=lambda request: AppResponse(200, request.body or ""))


@pytest.mark.parametrize(
    "body",
    [
        "globalThis.Promise = class { then() { throw new Error('replaced'); } };",
        f"Promise.prototype.then = {THROW};",
        f"Array.prototype.push = Array.prototype.map = Array.prototype.slice = {THROW};",
        f"Object.keys = Object.defineProperty = Object.getOwnPropertyNames = {THROW};",
        f"String.prototype.split = String.prototype.replace = {THROW};",
        "globalThis.Symbol = globalThis.Object = globalThis.Array = globalThis.process = null;",
        f"globalThis.setTimeout = globalThis.setImmediate = globalThis.queueMicrotask = {THROW};",
        "Object.prototype.then = function (resolve) { resolve('x'); };",
        "Object.prototype.get = Object.prototype.toJSON = () => 1;",
        f"Map.prototype.get = Map.prototype.set = Map.prototype.delete = {THROW};",
    ],
)
def test_what_breaks_the_app_itself_never_hangs(tmp_path: Path, body: str) -> None:
    """Its instances in one thread share `globalThis`: their invocations end, well or badly."""
    source = f"{GOOD}export async function bad() {{ {body} }}\n"

    async def scene(harness: RuntimeHarness) -> None:
        await harness.run_invocation("bad")
        await harness.run_invocation("good")
        await harness.run_invocation("fails")
        assert len(harness.ended_invocations()) == 3

    run_app(tmp_path, source, scene, reply=lambda request: AppResponse(200, request.body or ""))


@pytest.mark.parametrize(
    "body",
    [
        "process.on('exit', () => { for (;;); });",
        "const { Worker } = require('worker_threads'); new Worker('for (;;);', { eval: true });",
        "require('net').createServer().listen(0);",
        "setInterval(() => {}, 1);",
        "require('child_process').spawn('sleep', ['600'], { stdio: 'inherit' }).unref();",
        "process.stdin.resume(); process.stdout.end(); process.stderr.destroy();",
    ],
)
def test_what_a_handler_leaves_behind_does_not_delay_the_end(tmp_path: Path, body: str) -> None:
    """The invocation has succeeded, others run on, and closing takes everything with it."""
    run(tmp_path, body)
