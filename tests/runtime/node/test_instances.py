"""Warm copies of the app: what they keep, what they never share, and whose code runs."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from forge_emu import records
from forge_emu.model import Success
from forge_emu.ports import AppRequest, AppResponse
from tests.runtime.node.harness import RuntimeHarness, run_app
from tests.runtime.node.packages.probe_app import probe_app

pytestmark = pytest.mark.node

RACE = """
import { setTimeout as sleep } from 'node:timers/promises';
import { readFile } from 'node:fs/promises';
import { state } from './state';

let mine = null;
export async function run({ name, waits }) {
  mine = name;
  state.name = name;
  for (const how of waits) {
    if (how === 'timer') await sleep(1);
    if (how === 'file') await readFile(__filename);
    if (how === 'answer') await (await __forge_fetch__({}, '/x', {})).text();
    if (how === 'turn') await new Promise((resolve) => setImmediate(resolve));
    if (how === 'tick') await new Promise((resolve) => process.nextTick(resolve));
    if (how === 'promise') await null;
    const seen = [mine, state.name, __forge_runtime__.appContext.invocationId];
    if (seen.some((value) => value !== name)) console.log(`${name} saw ${seen}`);
  }
}
"""
WAITS = ["timer", "file", "answer", "turn", "tick", "promise"] * 3


@pytest.mark.parametrize("threads", [1, 2])
def test_a_module_variable_is_never_anothers(tmp_path: Path, threads: int) -> None:
    """64 at once, with waits of every kind between setting it and reading it, in two modules."""
    files = {"src/index.js": RACE, "src/state.js": "export const state = { name: null };\n"}

    async def scene(harness: RuntimeHarness) -> None:
        names = []
        for n in range(64):
            waits = WAITS[n % 6 :] + WAITS[: n % 6]
            event = {"name": f"v{n + 1}", "waits": waits}
            names.append(harness.invoke("run", event, instance=f"i{n}"))
        for name in names:
            assert await harness.wait_for_outcome(name) == Success()
        assert [line.message for line in harness.logs()] == []

    run_app(
        tmp_path,
        files,
        scene,
        threads=threads,
        handlers={"run": "src/index.js#run"},
        reply=lambda _: AppResponse(200, "x"),
    )


def test_an_instance_keeps_its_state(tmp_path: Path) -> None:
    """Module-level variables survive between its invocations, and no other instance has them.

    Functions have instances of their own.
    """
    source = """
    import { more } from './more';
    let runs = 0;
    export function run() { runs += 1; console.log(runs, more()); }
    export function other() { runs += 10; console.log(runs, more()); }
    """
    files = {
        "src/index.js": source,
        "src/more.js": "const seen = []; export const more = () => seen.push(1);\n",
    }

    async def scene(harness: RuntimeHarness) -> list[str]:
        for function, instance in [("run", "a"), ("run", "a"), ("run", "b"), ("other", "a")]:
            await harness.run_invocation(function, instance=instance)
        return [line.message for line in harness.logs()]

    assert run_app(tmp_path, files, scene) == ["1 1", "2 2", "1 1", "10 1"]


def test_modules_are_evaluated_once_per_instance(tmp_path: Path) -> None:
    """The first instance is the one that was loaded at the start."""
    source = "Math.evaluated = (Math.evaluated ?? 0) + 1;\nexport function run() {"
    source += " console.log(Math.evaluated); }\n"

    async def scene(harness: RuntimeHarness) -> list[str]:
        for instance in ("a", "a", "b", "b", "c"):
            await harness.run_invocation("run", instance=instance)
        return [line.message for line in harness.logs()]

    assert run_app(tmp_path, source, scene) == ["1", "1", "2", "2", "3"]


def test_a_failed_invocation_leaves_its_instance_warm(tmp_path: Path) -> None:
    """A thrown error costs nothing; an exit or an uncaught error costs the instance."""
    source = """
    let runs = 0;
    export function run({ does }) {
      runs += 1;
      if (does === 'throws') throw new Error('thrown');
      if (does === 'exits') process.exit(1);
      console.log(runs);
    }
    """

    async def scene(harness: RuntimeHarness) -> list[str]:
        for does in ("runs", "throws", "runs", "exits", "runs"):
            await harness.run_invocation("run", {"does": does}, instance="a")
        return [line.message for line in harness.logs()]

    assert run_app(tmp_path, source, scene) == ["1", "3", "1"]


CONTEXTS = """
export async function context() {
  const { getAppContext, bindInvocationContext } = api;
  const ids = new Set();
  const look = () => ids.add(getAppContext().invocationId);
  look();
  await null; look();
  await new Promise((resolve) => setTimeout(resolve, 2)); look();
  await new Promise((resolve) => setTimeout(() => { look(); resolve(); }, 1));
  await new Promise((resolve) => process.nextTick(() => { look(); resolve(); }));
  await new Promise((resolve) => queueMicrotask(() => { look(); resolve(); }));
  await new Promise((resolve) => setImmediate(() => { look(); resolve(); }));
  await (await __forge_fetch__({ type: 'kvs' }, '/api/v1/get', {})).text(); look();
  await Promise.all([1, 2].map(async () => { await null; look(); }));
  const { EventEmitter } = await import('node:events');
  const emitter = new EventEmitter(); emitter.on('x', look); emitter.emit('x');
  console.log('@' + JSON.stringify([...ids]));
}
"""


@pytest.mark.parametrize("packages", ["api5", "api8"])
def test_the_context_is_the_invocations_own(tmp_path: Path, packages: str) -> None:
    """`getAppContext()` tells the same invocation across every kind of wait, 20 at once."""
    with probe_app(tmp_path, packages, CONTEXTS, context="contexts") as app:
        app.call(
            "for (let i = 0; i < 20; i++) await new Queue({ key: 'contexts' }).push({ body: {} })"
        )
        app.advance(1)

        started = [
            r.invocation_id
            for r in app.bodies_of(records.InvocationStarted)
            if r.function == "context"
        ]
        assert len(started) == 20
        assert sorted(app.printed_values()) == sorted([name] for name in started)


# --- with the engine above


COUNTING = """
let runs = 0;
let inside = 0;
export async function counted() {
  runs += 1;
  inside += 1;
  const most = inside;
  await new Promise((resolve) => setTimeout(resolve, 1));
  console.log('@' + JSON.stringify({ runs, most }));
  inside -= 1;
}
"""


def test_one_invocation_at_a_time_per_instance(tmp_path: Path) -> None:
    """The engine makes instances as concurrency asks for them, and uses them again."""
    with probe_app(tmp_path, "api8", COUNTING, counted="counted") as app:
        many = "Array.from({ length: 30 }, () => ({ body: {} }))"
        app.call(f"await new Queue({{ key: 'counted' }}).push({many})")
        app.call(f"await new Queue({{ key: 'counted' }}).push({many})")

        assert {p["most"] for p in app.printed_values()} == {1}
        started = [r for r in app.bodies_of(records.InvocationStarted) if r.function == "counted"]
        cold = [r.instance for r in started if r.cold_start]
        assert len(cold) == len(set(cold))
        assert {r.instance for r in started} >= set(cold)
        assert sum(not r.cold_start for r in started) >= 30
        # Each instance counts its own invocations.
        per_instance = Counter(r.instance for r in started)
        expected = sorted(n for runs in per_instance.values() for n in range(1, runs + 1))
        assert sorted(p["runs"] for p in app.printed_values()) == expected


def test_a_request_belongs_to_the_invocation_that_made_it(tmp_path: Path) -> None:
    """Also where the answers come in another order."""
    source = """
    export async function run({ name }) {
      const ask = async () => JSON.parse(await (await __forge_fetch__({}, name, {})).text());
      for (let i = 0; i < 5; i++) {
        const answer = await ask();
        if (answer.path !== name) console.log(name, answer.path);
      }
    }
    """
    held: list[AppRequest] = []

    def reply(request: AppRequest) -> None:
        held.append(request)

    async def scene(harness: RuntimeHarness) -> None:
        names = [harness.invoke("run", {"name": f"/{n}"}) for n in range(10)]
        for _ in range(5):
            await harness.wait_until(lambda: len(held) == 10)
            for request in reversed(held):
                assert request.path == f"/{names.index(request.invocation_id or '')}"
                body = json.dumps({"path": request.path})
                harness.runtime.respond(request.request_id, AppResponse(200, body))
            held.clear()
            harness.runtime.flush()
        for name in names:
            assert await harness.wait_for_outcome(name) == Success()
        assert not harness.logs()

    run_app(tmp_path, source, scene, reply=reply)
