"""Handlers in virtual time: clocks and timers move as they are told, and wait for real work."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

import pytest

from forge_emu.model import Failed, Interrupted, PlatformError, Success
from forge_emu.runtime.host.inbox import IO_GIVEN_UP
from tests.runtime.node.virtual_time_harness import (
    EPOCH,
    VirtualTimeHarness,
    run_app_in_virtual_time,
)

pytestmark = pytest.mark.node

SLEEP = "const sleep = (ms) => new Promise((r) => setTimeout(r, ms));\n"


def said_by(root: Path, body: str, *, top: str = "", seed: int = 1) -> tuple[list[str], int]:
    """What a handler with `body` prints, and when it ends."""
    source = f"{SLEEP}{top}\nexport async function run(event) {{ {body} }}\n"

    async def scene(stage: VirtualTimeHarness) -> tuple[list[str], int]:
        name = stage.invoke("run")
        assert await stage.wait_for_outcome(name) == Success(), stage.printed_lines()
        return stage.printed_lines(name), stage.ended_at[name]

    return run_app_in_virtual_time(root, source, scene, seed=seed)


@pytest.mark.parametrize(
    "wait",
    [
        "await sleep(300_000);",
        "await require('timers/promises').setTimeout(300_000);",
        "await require('node:timers/promises').scheduler.wait(300_000);",
        "await require('util').promisify(setTimeout)(300_000);",
        "await new Promise((r) => require('timers').setTimeout(r, 300_000));",
        "await new Promise((r) => AbortSignal.timeout(300_000).addEventListener('abort', r));",
        "let n = 0; for await (const _ of require('timers/promises').setInterval(60_000))"
        " if (++n === 5) break;",
        "let n = 0; await new Promise((r) => { const t = setInterval(() => {"
        " if (++n === 3) { clearInterval(t); r(); } }, 100_000); });",
    ],
)
def test_a_sleep_takes_emulated_time_and_no_real_one(tmp_path: Path, wait: str) -> None:
    """Whichever way a handler waits for five minutes."""
    body = f"const from = Date.now(); {wait} console.log(Date.now() - from);"
    assert said_by(tmp_path, body) == (["300000"], 300_000)


def test_every_clock_of_a_handler_shows_the_same_time(tmp_path: Path) -> None:
    """Dates begin where the run begins; the others count from there."""
    body = """
      const { performance: hooks } = require('perf_hooks');
      const before = [performance.now(), process.hrtime(), process.hrtime.bigint()];
      await sleep(1_500);
      const left = __forge_runtime__.lambdaContext.getRemainingTimeInMillis();
      console.log(new Date().toISOString(), Date.now(), new Date().getTime(), Date().slice(0, 15));
      console.log(performance.now() - before[0], hooks.now(), process.hrtime(before[1]).join());
      console.log(process.hrtime.bigint() - before[2], left, performance.mark('a').startTime);
      console.log(new Date(5) instanceof Date, new Date(5).toJSON(), Date.UTC(1970, 0, 2));
    """
    assert said_by(tmp_path, body)[0] == [
        f"2026-01-01T00:00:01.500Z {EPOCH + 1500} {EPOCH + 1500} Thu Jan 01 2026",
        "1500 1500 1,500000000",
        "1500000000n 23500 1500",
        "true 1970-01-01T00:00:00.005Z 86400000",
    ]


def test_a_chain_of_timers_fires_each_at_its_own_time(tmp_path: Path) -> None:
    """Ten steps of a second each, beside another handler's steps of three."""
    source = (
        SLEEP
        + """
    export async function ones() { for (let n = 0; n < 10; n++) { await sleep(1000); say(1); } }
    export async function threes() { for (let n = 0; n < 3; n++) { await sleep(3000); say(3); } }
    const say = (who) => console.log(who, Date.now() % 100_000);
    """
    )

    async def scene(stage: VirtualTimeHarness) -> list[str]:
        first, second = stage.invoke("ones"), stage.invoke("threes")
        await stage.wait_for_outcome(first)
        assert stage.ended_at == {first: 10_000, second: 9_000}
        return stage.printed_lines()

    assert run_app_in_virtual_time(tmp_path, source, scene) == [
        "1 1000",
        "1 2000",
        "1 3000",
        "3 3000",
        "1 4000",
        "1 5000",
        "1 6000",
        "3 6000",
        "1 7000",
        "1 8000",
        "1 9000",
        "3 9000",
        "1 10000",
    ]


def test_timers_of_an_instant_fire_in_order_with_promises_settled_in_between(
    tmp_path: Path,
) -> None:
    """As in Node: immediates and microtasks before the next timer."""
    body = """
      const order = [];
      const note = (what) => () => { order.push(what); };
      setTimeout(() => { note('a')(); Promise.resolve().then(note('promise of a'));
        setImmediate(note('immediate of a')); process.nextTick(note('tick of a')); }, 10);
      setTimeout(note('b'), 10);
      setTimeout(note('c'), 9);
      clearTimeout(setTimeout(note('never'), 5));
      clearInterval(setTimeout(note('never'), 5));
      clearTimeout(setInterval(note('never'), 5)[Symbol.toPrimitive]());
      clearImmediate(setImmediate(note('never')));
      clearTimeout(undefined); clearTimeout({}); clearImmediate(setTimeout(note('d'), 11));
      setTimeout(note('refreshed'), 5).refresh().unref().ref();
      setTimeout((...given) => order.push(given.join()), 12, 'e', 1);
      setTimeout(note('f'));
      await sleep(20);
      console.log(order.join(', '));
    """
    assert said_by(tmp_path, body)[0] == [
        "f, refreshed, c, a, tick of a, promise of a, immediate of a, b, d, e,1"
    ]


@contextmanager
def server() -> Iterator[str]:
    """A server that takes a while, in real time."""

    class Slow(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        pause: ClassVar = threading.Event()

        def do_GET(self) -> None:
            self.pause.wait(0.3)
            self.send_response(200)
            self.send_header("content-length", "4")
            self.end_headers()
            self.wfile.write(b"slow")

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow) as httpd:
        httpd.daemon_threads = True
        thread = threading.Thread(target=httpd.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{httpd.server_address[1]}"
        finally:
            httpd.shutdown()
            thread.join()


JOB_WITH_A_PROMISE = """
class Job extends require('async_hooks').AsyncResource {
  run() {
    const { port1, port2 } = new (require('worker_threads').MessageChannel)();
    port1.postMessage(0);
    return new Promise((done) => port2.on('message', (n) => {
      if (n < 20_000) return port1.postMessage(n + 1);
      port2.close();
      done();
    }));
  }
}
await new Job('SIGNREQUEST').run();
"""
"""A job of WebCrypto as in newer versions of Node.js, which has no callback."""


@pytest.mark.parametrize(
    "work",
    [
        "for (let n = 0; n < 50; n++) await require('fs').promises.readFile(__filename);",
        "await new Promise((r) => require('fs').readFile(__filename, r));",
        "for await (const _ of require('fs').createReadStream(__filename));",
        "await (await fetch(event)).text();",
        "for (let n = 0; n < 3; n++) await (await fetch(event)).text();",
        "await new Promise((r) => require('http').get(event, (a) => a.resume().on('end', r)));",
        "await crypto.subtle.digest('SHA-256', new Uint8Array(5_000_000));",
        "await require('util').promisify(require('zlib').gzip)(Buffer.alloc(20_000_000));",
        "await require('util').promisify(require('zlib').brotliCompress)(Buffer.alloc(9_000_000));",
        "await require('util').promisify(require('crypto').pbkdf2)('a', 'b', 90_000, 9, 'sha512');",
        "await require('util').promisify(require('crypto').scrypt)('a', 'b', 64);",
        "await require('util').promisify(require('child_process').exec)('sleep 0.2');",
        "await require('dns').promises.lookup('localhost');",
        "await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));",
        JOB_WITH_A_PROMISE,
    ],
)
def test_real_work_holds_time_still(tmp_path: Path, work: str) -> None:
    """However long it really takes, the work is done at the instant at which it began."""
    source = (
        SLEEP
        + f"""
    export async function works(event) {{ {work} console.log(Date.now() % 100_000); }}
    export async function sleeps() {{ await sleep(1); await sleep(1); }}
    """
    )

    async def scene(stage: VirtualTimeHarness) -> None:
        name, other = stage.invoke("works", url), stage.invoke("sleeps")
        assert await stage.wait_for_outcome(name) == Success()
        assert stage.printed_lines(name) == ["0"]
        assert await stage.wait_for_outcome(other) == Success()
        assert stage.ended_at == {name: 0, other: 2}

    with server() as url:
        run_app_in_virtual_time(tmp_path, source, scene)


def test_whatever_finishes_first_in_real_time_the_order_of_words_is_the_same(
    tmp_path: Path,
) -> None:
    """The one that started first is heard first, though it works for longer."""
    source = """
    export async function works(ms) {
      await require('util').promisify(require('child_process').exec)(`sleep ${ms / 1000}`);
      console.log(ms);
    }
    """

    async def scene(stage: VirtualTimeHarness) -> list[str]:
        names = [stage.invoke("works", ms) for ms in (400, 200, 0)]
        for name in names:
            await stage.wait_for_outcome(name)
        return stage.printed_lines()

    assert run_app_in_virtual_time(tmp_path, source, scene) == ["400", "200", "0"]


def test_a_connection_at_rest_does_not_stop_time(tmp_path: Path) -> None:
    """A pool that keeps its connection open is not at work."""
    body = """
      const net = require('net');
      const { join } = require('path');
      const folder = require('fs').mkdtempSync(join(require('os').tmpdir(), 'rest-'));
      const path = join(folder, 'socket');
      const server = net.createServer((c) => c.on('data', () => c.write('pong')));
      await new Promise((r) => server.listen(path, r));
      const client = net.connect(path);
      await new Promise((r) => { client.on('data', r); client.write('ping'); });
      await sleep(60_000);
      console.log('woke');
    """
    assert said_by(tmp_path, body) == (["woke"], 60_000)


def test_what_never_ends_holds_time_only_so_long(tmp_path: Path) -> None:
    """A process that goes on is given up after its real seconds."""
    source = (
        SLEEP
        + """
    export async function run() {
      const child = require('child_process').spawn('sleep', ['60']);
      await sleep(5_000);
      child.kill();
      const again = require('child_process').spawn('sleep', ['60']);
      await sleep(5_000);
      again.kill();
    }
    """
    )

    async def scene(stage: VirtualTimeHarness) -> None:
        for at in (10_000, 20_000):
            name = stage.invoke("run")
            assert await stage.wait_for_outcome(name) == Success()
            assert stage.ended_at[name] == at
            # Once, however much there is.
            assert [line.message for line in stage.logs(name)].count(IO_GIVEN_UP) == 1

    run_app_in_virtual_time(tmp_path, source, scene, io_seconds=0.3)


def test_timers_know_their_invocation(tmp_path: Path) -> None:
    """Context, console and errors of a callback are those of the handler that set it."""
    source = (
        SLEEP
        + """
    const ids = () => {
      const { invocationId, moduleKey } = __forge_runtime__.appContext;
      return [invocationId, moduleKey];
    };
    export async function run(ms) {
      setTimeout(() => console.log('callback', ...ids()), ms);
      await sleep(100);
      console.log('handler', ...ids());
    }
    export async function fails() {
      setTimeout(() => { throw new RangeError('late'); }, 50);
      await new Promise(() => {});
    }
    """
    )

    async def scene(stage: VirtualTimeHarness) -> None:
        first, second, bad = stage.invoke("run", 30), stage.invoke("run", 20), stage.invoke("fails")
        outcome = await stage.wait_for_outcome(bad)
        assert isinstance(outcome, Failed)
        assert outcome.error.name == "RangeError"
        assert stage.ended_at[bad] == 50
        for name in (first, second):
            assert await stage.wait_for_outcome(name) == Success()
            assert stage.printed_lines(name) == [
                f"{x} {name} the-module" for x in ("callback", "handler")
            ]

    run_app_in_virtual_time(tmp_path, source, scene)


def test_timers_at_the_top_level_of_a_module_do_not_drive_time(tmp_path: Path) -> None:
    """They fire when time passes them by, and no handler waits for them."""
    source = (
        SLEEP
        + """
    setInterval(() => {}, 1);
    const fired = [];
    for (const ms of [700, 300, 90_000]) setTimeout(() => fired.push(ms), ms);
    export function looks() { console.log(fired.join()); }
    export async function sleeps() { await sleep(1_000); }
    """
    )

    async def scene(stage: VirtualTimeHarness) -> None:
        first = stage.invoke("looks", instance="i")
        assert await stage.wait_for_outcome(first) == Success()
        assert stage.harness.runtime.next_timer_due is None
        await stage.run_invocation("sleeps", instance="other")
        second = stage.invoke("looks", instance="i")
        assert await stage.wait_for_outcome(second) == Success()
        assert stage.printed_lines(first) == [""]
        assert stage.printed_lines(second) == ["300,700"]

    run_app_in_virtual_time(tmp_path, source, scene)


def test_timers_of_an_aborted_invocation_never_fire(tmp_path: Path) -> None:
    """Its code has ended for good."""
    source = (
        SLEEP
        + """
    export async function run() { for (;;) { await sleep(1000); console.log('tick'); } }
    export async function sleeps() { await sleep(10_000); }
    """
    )

    async def scene(stage: VirtualTimeHarness) -> None:
        name, other = stage.invoke("run"), stage.invoke("sleeps")
        await stage.run_until(2_500)
        stage.harness.runtime.abort_invocation(name)
        assert await stage.wait_for_outcome(other) == Success()
        assert stage.printed_lines(name) == ["tick", "tick"]

    run_app_in_virtual_time(tmp_path, source, scene)


CHANCE = """
  const node = require('crypto');
  const { randomUUID } = require('node:crypto');
  const done = require('util').promisify;
  console.log(JSON.stringify([
    Math.random(), crypto.randomUUID(), randomUUID(),
    [...crypto.getRandomValues(new Uint8Array(4))],
    [...node.getRandomValues(new Uint32Array(2))], node.randomBytes(4).toString('hex'),
    node.randomInt(1000), node.webcrypto.randomUUID(),
    (await done(node.randomBytes)(3)).toString('hex'),
    await done(node.randomInt)(5, 500), [...node.randomFillSync(new Uint8Array(3), 1)],
    await require('fs').promises.readFile(__filename).then(() => Math.random()),
  ]));
"""


def test_chance_follows_the_seed(tmp_path: Path) -> None:
    """The same seed, the same numbers; another seed, other numbers."""
    one, two = (said_by(tmp_path / str(n), CHANCE, seed=7)[0] for n in (1, 2))
    other = said_by(tmp_path / "3", CHANCE, seed=8)[0]
    assert one == two
    assert all(a != b for a, b in zip(json.loads(one[0]), json.loads(other[0]), strict=True))


def test_each_invocation_has_its_own_chance(tmp_path: Path) -> None:
    """What others draw, and cold starts, change nothing."""
    source = (
        SLEEP
        + """
    const born = Math.random();
    export async function draws(more) {
      for (let n = 0; n < more; n++) { Math.random(); await sleep(10); }
    }
    export async function run() { await sleep(25); console.log(Math.random(), born); }
    """
    )

    def numbers(root: Path, more: int) -> list[list[str]]:
        async def scene(stage: VirtualTimeHarness) -> list[list[str]]:
            stage.invoke("draws", more)
            names = [stage.invoke("run"), stage.invoke("run")]
            for name in names:
                await stage.wait_for_outcome(name)
            return [stage.printed_lines(name)[0].split() for name in names]

        return run_app_in_virtual_time(root, source, scene)

    quiet, busy = numbers(tmp_path / "quiet", 0), numbers(tmp_path / "busy", 9)
    assert quiet == busy
    assert len({n for pair in quiet for n in pair}) == 4


def test_code_that_only_watches_the_clock_takes_time(tmp_path: Path) -> None:
    """A busy wait ends, and what it says comes when it has ended."""
    body = "const end = Date.now() + 250; while (Date.now() < end); console.log(Date.now() - end);"
    assert said_by(tmp_path, body) == (["0"], 250)


def test_a_long_wait_that_polls_the_clock_takes_few_reads(tmp_path: Path) -> None:
    """The thousandth read moves it, then every hundredth, until something else has moved it."""
    body = """
    const readsOf = async (ms) => {
      await sleep(1);
      let reads = 0;
      for (const end = Date.now() + ms; Date.now() < end;) reads += 1;
      return reads;
    };
    console.log(await readsOf(1), await readsOf(2), await readsOf(5_000), await readsOf(2));
    """
    assert said_by(tmp_path, body)[0] == ["998 1098 500898 1098"]


@pytest.mark.parametrize(
    "wait",
    [
        "while (Date.now() < end) await null;",
        "while (Date.now() < end) await new Promise(setImmediate);",
        "let over = false; setTimeout(() => { over = true; }, 100);"
        " while (!over) await new Promise(setImmediate);",
    ],
)
def test_code_that_only_yields_takes_time(tmp_path: Path, wait: str) -> None:
    """Time passes for it, though nothing else does."""
    ended_at = said_by(tmp_path, f"const end = Date.now() + 100; {wait}")[1]
    assert 100 <= ended_at <= 101


def test_who_yields_for_long_takes_longer_steps(tmp_path: Path) -> None:
    """Else a handler that does nothing else for 25 s would hold this machine for minutes."""
    body = """
    let over = false, yields = 0;
    setTimeout(() => { over = true; }, 20_000);
    await new Promise((resolve) => {
      const yieldAgain = () => { yields += 1; over ? resolve() : setImmediate(yieldAgain); };
      yieldAgain();
    });
    console.log(yields);
    """
    (yields,), ended_at = said_by(tmp_path, body)
    assert 20_000 <= ended_at <= 24_000
    assert 10_000 < int(yields) < 20_000


def test_timers_are_no_looks_at_the_clock(tmp_path: Path) -> None:
    """Thousands at one instant do not move it."""
    body = """
    const start = Date.now();
    for (let i = 0; i < 3_000; i++) { setTimeout(() => {}, 5); setImmediate(() => {}); }
    console.log(Date.now() - start);
    """
    assert said_by(tmp_path, body)[0] == ["0"]


@pytest.mark.parametrize("broken", ["setTimeout('no function')", "setTimeout(() => {}, Symbol())"])
def test_a_timer_that_cannot_be_set_changes_nothing(tmp_path: Path, broken: str) -> None:
    """Looks at the clock move it as before."""
    body = f"""
    try {{ {broken}; }} catch {{}}
    for (const end = Date.now() + 100; Date.now() < end;);
    """
    assert said_by(tmp_path, body)[1] >= 100


def test_a_stuck_handler_ends_its_thread_and_waits_for_its_deadline(tmp_path: Path) -> None:
    """Other functions are not concerned, and its own next invocation finds a new thread."""
    source = (
        SLEEP
        + """
    export async function sleeps() { await sleep(5_000); console.log(Date.now() % 100_000); }
    export async function loops({ well }) { await sleep(1_000); if (!well) for (;;); }
    """
    )

    async def scene(stage: VirtualTimeHarness) -> None:
        other, stuck = stage.invoke("sleeps"), stage.invoke("loops", {})
        beside = stage.invoke("loops", {"well": True})
        assert isinstance(await stage.wait_for_outcome(beside), Interrupted)
        assert await stage.wait_for_outcome(other) == Success()
        assert stage.printed_lines(other) == ["5000"]
        assert stuck not in stage.ended_at
        stage.harness.runtime.abort_invocation(stuck)
        again = stage.invoke("loops", {"well": True})
        assert await stage.wait_for_outcome(again) == Success()

    run_app_in_virtual_time(tmp_path, source, scene, stuck_seconds=1.0)


def test_a_killed_process_is_replaced_and_time_waits_for_it(tmp_path: Path) -> None:
    """What it ran ends with a platform error; the new one's clock goes on."""
    source = (
        SLEEP + "export async function run() { await sleep(5); console.log(Date.now() % 1e5); }"
    )

    async def scene(stage: VirtualTimeHarness) -> None:
        name = stage.invoke("run")
        await stage.run_until(3)
        stage.harness.kill_host()
        await stage.harness.wait_until(stage.harness.ended_invocations)
        assert isinstance(stage.harness.ended_invocations()[0].outcome, PlatformError)
        await stage.wait_for_round()
        again = stage.invoke("run")
        assert await stage.wait_for_outcome(again) == Success()
        assert stage.printed_lines(again) == ["8"]
        assert stage.printed_lines(name) == []

    run_app_in_virtual_time(tmp_path, source, scene)
