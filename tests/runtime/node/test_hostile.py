"""Handlers that misbehave end their own invocation and cost nobody else anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.model import Failed, Interrupted, OutOfMemory, PlatformError, Success
from forge_emu.ports import AppResponse
from tests.runtime.node.harness import RuntimeHarness, run_app

GOOD = "export async function good() { await new Promise((r) => setTimeout(r, 30)); }\n"


async def _beside_good(harness: RuntimeHarness, function: str) -> Failed:
    """Run `function` between good neighbours on the same thread, which must all succeed."""
    before = harness.invoke("good")
    bad = harness.invoke(function, instance="bad")
    after = harness.invoke("good")
    outcome = await harness.wait_for_outcome(bad)
    assert await harness.wait_for_outcome(before) == Success()
    assert await harness.wait_for_outcome(after) == Success()
    assert await harness.run_invocation("good", instance="bad") == Success()
    assert len(harness.ended_invocations()) == 4
    assert isinstance(outcome, Failed), outcome
    return outcome


@pytest.mark.parametrize(
    ("body", "name", "message"),
    [
        ("throw new TypeError('no');", "TypeError", "no"),
        ("throw undefined;", "Error", "undefined was thrown"),
        ("throw 'plain words';", "Error", "plain words"),
        ("throw null;", "Error", "null was thrown"),
        ("throw { code: 7 };", "Error", "{ code: 7 } was thrown"),
        ("throw 10n;", "Error", "10n was thrown"),
        ("throw Symbol('s');", "Error", "Symbol(s) was thrown"),
        ("const e = new Error('round'); e.self = e; throw e;", "Error", "round"),
        (
            "throw { get message() { throw 1; }, get name() { throw 2; },"
            " get stack() { throw 3; } }",
            "Error",
            "{ message: [Getter], name: [Getter], stack: [Getter] } was thrown",
        ),
        (
            "throw new Proxy({}, { get() { throw 1; }, ownKeys() { throw 2; } });",
            "Error",
            "{} was thrown",
        ),
        ("class Full extends Error {}; throw new Full('up');", "Full", "up"),
        ("process.exit(3);", "ProcessExit", "process.exit(3) was called"),
        ("process.abort();", "ProcessExit", "process.abort() was called"),
        ("process.kill(process.pid);", "ProcessExit", "process.kill"),
        (
            "setTimeout(() => { throw new RangeError('late'); }, 5); await new Promise(() => {});",
            "RangeError",
            "late",
        ),
        (
            "queueMicrotask(() => { throw new RangeError('soon'); }); await new Promise(() => {});",
            "RangeError",
            "soon",
        ),
        (
            "Promise.reject(new Error('nobody')); await new Promise(() => {});",
            "Error",
            "nobody",
        ),
        ("(async () => { throw 'x'; })(); await new Promise(() => {});", "Error", "x"),
        ("return { then() { throw new Error('then'); } };", "Error", "then"),
        ("return { get then() { throw new Error('got'); } };", "Error", "got"),
        (
            "process.nextTick(() => process.exit(1)); await new Promise(() => {});",
            "ProcessExit",
            "",
        ),
        ("globalThis.gone.x", "TypeError", "Cannot read properties of undefined"),
        ("const deep = () => deep() + 1; deep();", "RangeError", "Maximum call stack"),
    ],
)
def test_whatever_goes_wrong_ends_only_its_own_invocation(
    tmp_path: Path, body: str, name: str, message: str
) -> None:
    """The error is told as the handler's; neighbours and the next run on its instance succeed."""
    source = GOOD + f"export async function bad() {{ {body} }}\n"

    outcome = run_app(tmp_path, source, lambda harness: _beside_good(harness, "bad"))

    assert outcome.error.name == name
    assert message in outcome.error.message


@pytest.mark.parametrize(
    "body",
    [
        "begun(); for (;;);",
        "begun(); const again = () => Promise.resolve().then(again); await again();",
        "await new Promise((r) => setTimeout(r, 5)); begun(); for (;;);",
        "await require('fs').promises.readFile(__filename); begun(); for (;;);",
        "const spin = () => process.nextTick(spin); begun(); spin(); await new Promise(() => {});",
        "begun(); try { process.exit(); } catch { for (;;); }",
    ],
)
def test_who_keeps_its_thread_harms_no_other_function(tmp_path: Path, body: str) -> None:
    """When it is aborted, its thread is replaced; the others never hear of it."""
    source = (
        "export async function waits() { await __forge_fetch__({}, '/wait', {}); }\n"
        "export function good() {}\n"
        "const begun = () => console.log('begun');\n"
        f"export async function bad() {{ {body} }}\n"
    )

    async def scene(harness: RuntimeHarness) -> None:
        harness.reply = lambda _: None
        other = harness.invoke("waits")
        bad = harness.invoke("bad")
        await harness.wait_until(lambda: harness.logs(bad))
        [request] = await harness.wait_until(harness.requests)
        harness.runtime.abort_invocation(bad)
        harness.runtime.flush()
        assert await harness.run_invocation("good") == Success()
        harness.runtime.respond(request.request_id, AppResponse(200, "{}"))
        harness.runtime.flush()
        assert await harness.wait_for_outcome(other) == Success()
        assert {e.invocation_id for e in harness.ended_invocations()} - {bad} == {other, "v3"}

    run_app(tmp_path, source, scene)


SAME_FUNCTION = """
export async function mixed({ does, file }) {
  console.log('begun');
  if (does === 'waits') await new Promise(() => {});
  if (does === 'loops') for (;;);
  if (does === 'computes') {
    const { existsSync } = require('fs');
    while (!existsSync(file)) ;
    await __forge_fetch__({ type: 'kvs' }, '/after', {});
  }
}
"""


def test_others_of_its_function_do_not_wait_for_who_keeps_the_thread(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has not begun goes on in another thread, what has is delivered again, and it is told."""
    monkeypatch.setattr("forge_emu.runtime.host.isolation.INTERRUPT_FROM_MS", 2_000)

    async def scene(harness: RuntimeHarness) -> None:
        waiting = harness.invoke("mixed", {"does": "waits"})
        bad = harness.invoke("mixed", {"does": "loops"})
        await harness.wait_until(lambda: harness.logs(bad))
        behind = [harness.invoke("mixed", {"does": ""}) for _ in range(3)]
        for name in behind:
            assert await harness.wait_for_outcome(name) == Success()
            assert len(harness.logs(name)) == 1
        assert isinstance(await harness.wait_for_outcome(waiting), Interrupted)
        assert "mixed keeps its thread" in harness.notices()[0].message
        assert bad not in [e.invocation_id for e in harness.ended_invocations()]
        harness.runtime.abort_invocation(bad)
        harness.runtime.flush()
        assert await harness.run_invocation("mixed", {"does": ""}) == Success()

    run_app(tmp_path, SAME_FUNCTION, scene)


def test_a_slow_handler_that_lets_go_in_the_end_succeeds(tmp_path: Path) -> None:
    """It keeps its own outcome and its requests are answered; nothing of the others runs twice."""
    file = tmp_path.with_name(f"{tmp_path.name}-let-go")

    async def scene(harness: RuntimeHarness) -> None:
        slow = harness.invoke("mixed", {"does": "computes", "file": str(file)})
        await harness.wait_until(lambda: harness.logs(slow))
        behind = [harness.invoke("mixed", {"does": ""}) for _ in range(3)]
        for name in behind:
            assert await harness.wait_for_outcome(name) == Success()
        file.touch()
        assert await harness.wait_for_outcome(slow) == Success()
        assert [r.invocation_id for r in harness.requests()] == [slow]
        assert await harness.run_invocation("mixed", {"does": ""}) == Success()
        assert [len(harness.logs(name)) for name in behind] == [1, 1, 1]

    run_app(tmp_path, SAME_FUNCTION, scene)


def test_an_instance_goes_on_after_it_has_kept_its_thread(tmp_path: Path) -> None:
    """Its next invocation begins on a thread that takes invocations."""
    source = (
        "export function keeps({ ms }) { for (const to = Date.now() + ms; Date.now() < to; ) ; }\n"
    )

    async def scene(harness: RuntimeHarness) -> None:
        name = harness.invoke("keeps", {"ms": 3000}, instance="i")
        await harness.wait_until(harness.notices)
        assert await harness.wait_for_outcome(name) == Success()
        assert await harness.run_invocation("keeps", {"ms": 0}, instance="i") == Success()

    run_app(tmp_path, source, scene)


def test_time_to_let_go_counts_from_the_end(tmp_path: Path) -> None:
    """What an invocation has computed before its end does not shorten what it has after it."""
    source = (
        "const compute = (ms) => { for (const to = Date.now() + ms; Date.now() < to; ) ; };\n"
        "export async function slow() {\n"
        "  compute(700);\n"
        "  let later = Promise.resolve();\n"
        "  for (let i = 0; i < 20; i++) later = later.then(() => 0);\n"
        "  later.then(() => process.nextTick(compute, 200));\n"
        "}\n"
    )

    async def scene(harness: RuntimeHarness) -> None:
        assert await harness.run_invocation("slow") == Success()

    run_app(tmp_path, source, scene)


def test_who_has_kept_its_thread_runs_apart_from_then_on(tmp_path: Path) -> None:
    """Two invocations of its function that begin before it loops are harmed once, and no more."""

    async def scene(harness: RuntimeHarness) -> None:
        first = harness.invoke("mixed", {"does": "loops"})
        await harness.wait_until(harness.notices)
        beside = [harness.invoke("mixed", {"does": "waits"}) for _ in range(2)]
        await harness.wait_until(lambda: all(harness.logs(name) for name in beside))
        second = harness.invoke("mixed", {"does": "loops"})
        await harness.wait_until(lambda: harness.logs(second))
        for name in (first, second):
            harness.runtime.abort_invocation(name)
        harness.runtime.flush()
        assert await harness.run_invocation("mixed", {"does": ""}) == Success()
        assert [e for e in harness.ended_invocations() if e.invocation_id in beside] == []

    run_app(tmp_path, SAME_FUNCTION, scene)


def test_an_innocent_abort_on_a_stuck_thread_ends_the_thread(tmp_path: Path) -> None:
    """Whoever keeps the thread is delivered again: its own deadline has not come."""

    async def scene(harness: RuntimeHarness) -> None:
        innocent = harness.invoke("mixed", {"does": "waits"})
        looping = harness.invoke("mixed", {"does": "loops"})
        await harness.wait_until(lambda: harness.logs(looping))
        harness.runtime.abort_invocation(innocent)
        harness.runtime.flush()

        assert isinstance(await harness.wait_for_outcome(looping), Interrupted)
        assert [e.invocation_id for e in harness.ended_invocations()] == [looping]

    run_app(tmp_path, SAME_FUNCTION, scene)


def test_an_aborted_invocation_of_a_living_thread_is_only_forgotten(tmp_path: Path) -> None:
    """Its neighbours on the thread live on, it is not heard of again, its instance starts anew."""
    source = """
    let runs = 0;
    export async function slow() {
      runs += 1;
      if (runs > 1) throw new Error('the old instance');
      await new Promise((r) => setTimeout(r, 20));
      await __forge_fetch__({}, '/never', {});
      console.log('still here');
    }
    export async function good() { await new Promise((r) => setTimeout(r, 100)); }
    """

    async def scene(harness: RuntimeHarness) -> None:
        slow = harness.invoke("slow", instance="i")
        other = harness.invoke("good")
        harness.runtime.abort_invocation(slow)
        harness.runtime.flush()
        assert await harness.wait_for_outcome(other) == Success()
        assert await harness.run_invocation("slow", instance="i") == Success()
        assert slow not in [e.invocation_id for e in harness.ended_invocations()]
        assert slow not in [r.invocation_id for r in harness.requests()]

    run_app(tmp_path, source, scene)


@pytest.mark.parametrize(
    "body",
    [
        "const kept = []; for (;;) kept.push(new Array(10000).fill(kept.length));",
        "const kept = []; for (;;) { kept.push('x'.repeat(100000) + kept.length); await null; }",
        "const kept = []; for (;;) kept.push(Buffer.alloc(4_000_000, 1));",
        "const kept = []; for (;;) { kept.push(Buffer.alloc(8_000_000, 1));"
        " await new Promise((r) => setTimeout(r)); }",
    ],
    ids=["heap", "heap in microtasks", "buffers in a loop", "buffers with pauses"],
)
def test_a_memory_leak_is_out_of_memory_for_its_invocation_alone(tmp_path: Path, body: str) -> None:
    """Functions beside it never hear of it; the next invocation finds a new thread."""
    source = (
        "export async function waits() { await __forge_fetch__({}, '/wait', {}); }\n"
        f"export async function leaks({{ well }}) {{ if (well) return; {body} }}\n"
    )

    async def scene(harness: RuntimeHarness) -> None:
        harness.reply = lambda _: None
        other = harness.invoke("waits")
        [request] = await harness.wait_until(harness.requests)
        outcome = await harness.run_invocation("leaks", {})
        assert isinstance(outcome, OutOfMemory)
        assert "SIGKILL" in outcome.error.message
        harness.runtime.respond(request.request_id, AppResponse(200, "{}"))
        harness.runtime.flush()
        assert await harness.wait_for_outcome(other) == Success()
        assert await harness.run_invocation("leaks", {"well": True}) == Success()

    run_app(tmp_path, source, scene)


def test_a_rejection_after_the_return_is_logged_for_its_invocation(tmp_path: Path) -> None:
    """The invocation has succeeded by then, and nobody else is disturbed."""
    source = (
        GOOD
        + """
    export async function later() {
      setTimeout(() => { Promise.reject(new Error('too late')); }, 20);
      setTimeout(() => { throw new Error('thrown late'); }, 25);
    }
    """
    )

    async def scene(harness: RuntimeHarness) -> None:
        good, later = harness.invoke("good"), harness.invoke("later")
        assert await harness.wait_for_outcome(later) == Success()
        await harness.wait_until(lambda: len(harness.logs(later)) == 2)
        assert await harness.wait_for_outcome(good) == Success()
        rejected, thrown = harness.logs(later)
        assert rejected.level == thrown.level == "error"
        assert "unhandled rejection" in rejected.message
        assert "too late" in rejected.message
        assert "uncaught exception" in thrown.message
        assert "src/index.js:5" in thrown.message

    run_app(tmp_path, source, scene)


def test_a_killed_host_is_started_again(tmp_path: Path) -> None:
    """Its invocations end with platform errors, a notice says so, and the next one succeeds."""
    source = GOOD + "export async function waits() { await new Promise(() => {}); }\n"

    async def scene(harness: RuntimeHarness) -> None:
        waiting = harness.invoke("waits")
        await harness.run_invocation("good")
        harness.kill_host()
        assert isinstance(await harness.wait_for_outcome(waiting), PlatformError)
        assert await harness.run_invocation("good") == Success()
        assert "started again" in harness.notices()[0].message

    run_app(tmp_path, source, scene)


def test_globals_replaced_by_one_invocation_do_not_reach_another_instance(
    tmp_path: Path,
) -> None:
    """Replaced console methods stay with their instance, and the platform's globals stay."""
    source = """
    export function breaks() {
      console.log = () => { throw new Error('broken console'); };
      globalThis.__forge_fetch__ = null;
      try { globalThis.__forge_runtime__ = undefined; } catch {}
      try { delete globalThis.__forge_fetch__; } catch {}
    }
    export async function uses() {
      console.log('heard');
      await __forge_fetch__({ type: 'kvs' }, '/x', {});
    }
    """

    async def scene(harness: RuntimeHarness) -> None:
        assert await harness.run_invocation("breaks") == Success()
        assert await harness.run_invocation("uses") == Success()
        assert [m.message for m in harness.logs()] == ["heard"]

    run_app(tmp_path, source, scene)


def test_ten_megabytes_of_output_are_cut_and_harm_nobody(tmp_path: Path) -> None:
    """A hundred lines or 200 KB are kept, one line says so, and the run goes on."""
    source = (
        GOOD
        + """
    export function lines() { for (let i = 0; i < 100000; i++) console.log('x'.repeat(100)); }
    export function blocks() { console.log('x'.repeat(10_000_000)); }
    export function raw() { for (let i = 0; i < 1000; i++) process.stdout.write('y\\n'); }
    """
    )

    async def scene(harness: RuntimeHarness) -> None:
        for function, kept, limit in (
            ("lines", 100, "100 lines"),
            ("blocks", 0, "200 KB"),
            ("raw", 100, "100 lines"),
        ):
            name = harness.invoke(function)
            good = harness.invoke("good")
            assert await harness.wait_for_outcome(name) == Success()
            assert await harness.wait_for_outcome(good) == Success()
            lines = harness.logs(name)
            assert len(lines) == kept + 1
            assert lines[-1].level == "warn"
            assert f"log limit reached: the platform keeps {limit}" in lines[-1].message

    run_app(tmp_path, source, scene)
