"""Threads and processes below an app: shares, crashes, aborts, and a clean end."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from forge_emu.model import PlatformError, Success
from forge_emu.ports import AppRequest, AppResponse, InvocationEnded
from forge_emu.runtime.host import wire
from forge_emu.runtime.host.inbox import Inbox
from tests.runtime.node.harness import TIMEOUT_SECONDS, RuntimeHarness, app_of, run_app

pytestmark = pytest.mark.node


def test_every_function_has_a_thread(tmp_path: Path) -> None:
    """The instances of a function share it, and no other function runs there."""
    source = """
    import { threadId } from 'node:worker_threads';
    export function a() { console.log(threadId); }
    export function b() { console.log(threadId); }
    export function c() { console.log(threadId); }
    """

    async def scene(harness: RuntimeHarness) -> None:
        names = [(f, harness.invoke(f, instance=f"i{n % 4}")) for n in range(12) for f in "abc"]
        threads: dict[str, set[str]] = {}
        for function, name in names:
            assert await harness.wait_for_outcome(name) == Success()
            threads.setdefault(function, set()).add(harness.logs(name)[0].message)
        assert all(len(seen) == 1 for seen in threads.values())
        assert len(set.union(*threads.values())) == 3

    run_app(tmp_path, source, scene, threads=2)


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

    async def scene(harness: RuntimeHarness) -> None:
        asking = harness.invoke("asks")
        await harness.wait_until(lambda: held)
        harness.kill_host()
        assert isinstance(await harness.wait_for_outcome(asking), PlatformError)
        waiting = harness.invoke("run")
        harness.runtime.respond(held[0], AppResponse(200))
        assert await harness.wait_for_outcome(waiting) == Success()
        again = harness.invoke("asks")
        await harness.wait_until(lambda: len(held) == 2)
        assert held[0] != held[1]
        harness.runtime.respond(held[1], AppResponse(200))
        harness.runtime.flush()
        assert await harness.wait_for_outcome(again) == Success()

    run_app(tmp_path, source, scene, reply=reply)


def test_a_host_that_keeps_crashing_is_told_of(tmp_path: Path) -> None:
    """Five times in a row without one finished invocation is an error, and it goes on trying."""

    async def scene(harness: RuntimeHarness) -> None:
        for n in range(5):
            waiting = harness.invoke("waits")
            await harness.wait_until(lambda n=n: len(harness.logs()) > n)  # type: ignore[misc]
            harness.kill_host()
            await harness.wait_for_outcome(waiting)
            assert len(harness.notices()) == n + 1
        assert harness.notices()[-1].level == "error"
        assert "5 times in a row" in harness.notices()[-1].message

    source = "export async function waits() { console.log(1); await new Promise(() => {}); }"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("forge_emu.runtime.host.supervisor._RESTART_DELAYS", (0.0,))
        run_app(tmp_path, source, scene)


def test_code_that_is_loaded_while_the_host_starts_again_is_in_that_host(tmp_path: Path) -> None:
    """There is one host, with the old code and the new."""
    source = "export function run() {}"

    async def scene(harness: RuntimeHarness) -> None:
        harness.kill_host()
        await harness.wait_until(harness.notices)
        app = app_of({"run": "src/index.js#run"})
        assert (await harness.runtime.load_app(app, 2)).ok
        assert await harness.run_invocation("run", generation=2) == Success()
        assert await harness.run_invocation("run") == Success()
        assert harness.runtime._supervisor.first_incarnation == 20_000

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("forge_emu.runtime.host.supervisor._RESTART_DELAYS", (1.0,))
        run_app(tmp_path, source, scene)


def test_what_is_sent_to_a_thread_that_has_just_ended_runs_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is on its way when the thread ends, and started again once that is heard."""
    source = (
        "export async function run({ loops }) {\n"
        "  console.log('ran');\n"
        "  await null;\n"
        "  while (loops) ;\n"
        "}\n"
    )
    handle_end = Inbox._end_thread

    async def scene(harness: RuntimeHarness) -> None:
        late: list[str] = []

        def send_first(inbox: Inbox, ended: wire.ThreadEnded) -> list[InvocationEnded]:
            late.append(harness.invoke("run", {}))
            return handle_end(inbox, ended)

        monkeypatch.setattr(Inbox, "_end_thread", send_first)
        first = harness.invoke("run", {"loops": True})
        await harness.wait_until(lambda: harness.logs(first))
        harness.runtime.abort_invocation(first)
        harness.runtime.flush()
        await harness.wait_until(lambda: late)
        assert await harness.wait_for_outcome(late[0]) == Success()
        for _ in range(3):
            assert await harness.run_invocation("run", {}) == Success()
        assert len(harness.logs(late[0])) == 1

    run_app(tmp_path, source, scene)


def test_an_answer_after_an_abort_is_ignored(tmp_path: Path) -> None:
    """The code of the aborted invocation never goes on, and the next one is undisturbed."""
    held: list[int] = []

    def reply(request: AppRequest) -> AppResponse | None:
        held.append(request.request_id)
        return None

    async def scene(harness: RuntimeHarness) -> None:
        name = harness.invoke("asks", instance="i")
        await harness.wait_until(lambda: held)
        harness.runtime.abort_invocation(name)
        harness.runtime.respond(held[0], AppResponse(200))
        harness.runtime.respond(12345, AppResponse(200))
        harness.runtime.abort_invocation(name)
        harness.runtime.abort_invocation("never heard of")
        assert await harness.run_invocation("run", instance="i") == Success()
        assert not harness.logs(name)
        assert name not in [e.invocation_id for e in harness.ended_invocations()]

    source = """
    export function run() {}
    export async function asks() {
      try { await __forge_fetch__({}, '/x', {}); } finally { console.log('went on'); }
    }
    """
    run_app(tmp_path, source, scene, reply=reply)


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

    async def scene(harness: RuntimeHarness) -> list[int]:
        name = harness.invoke("run")
        (line,) = await harness.wait_until(lambda: harness.logs(name))
        return [int(pid) for pid in line.message.split()]

    pids = run_app(tmp_path, source, scene)

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


def test_last_words_of_a_host_lose_their_secrets_before_they_are_shortened(tmp_path: Path) -> None:
    """A secret that would be cut in two is found whole."""
    source = """
    import fs from 'node:fs';
    export async function dies() {
      fs.writeSync(2, `${'x'.repeat(180)} Error canary-that-is-long-enough-to-be-cut\\n`);
      console.log('written');
      await new Promise(() => {});
    }
    """

    async def scene(harness: RuntimeHarness) -> None:
        dying = harness.invoke("dies")
        # It comes by a pipe of its own, in no order with the messages.
        async with asyncio.timeout(TIMEOUT_SECONDS):
            while "canary" not in harness.runtime._supervisor._output_tail:
                await asyncio.sleep(0)
        harness.kill_host()
        await harness.wait_for_outcome(dying)
        (notice,) = harness.notices()
        assert "Error [X]" in notice.message
        assert "canary" not in notice.message

    def masked(text: str) -> str:
        return text.replace("canary-that-is-long-enough-to-be-cut", "[X]")

    run_app(tmp_path, source, scene, mask=masked)


@pytest.mark.parametrize("where", ["at the top", "in the handler"])
def test_what_an_instance_keeps_in_global_this_is_its_own(tmp_path: Path, where: str) -> None:
    """It survives between its invocations, and no other instance sees it."""
    top, inside = (
        ("globalThis.seen = [];", "") if where == "at the top" else ("", "globalThis.seen ??= [];")
    )
    source = f"""
    {top}
    export function run(event) {{
      {inside}
      globalThis.seen.push(event.n);
      console.log(globalThis.seen.join());
    }}
    """

    async def scene(harness: RuntimeHarness) -> None:
        for n, instance in enumerate(["a", "b", "a", "b", "c", "a"]):
            assert await harness.run_invocation("run", {"n": n}, instance=instance) == Success()
        said = [line.message for line in harness.logs()]
        assert said == ["0", "1", "0,2", "1,3", "4", "0,2,5"]

    run_app(tmp_path, source, scene, threads=2)


def test_instances_that_begin_at_once_share_no_global_state(tmp_path: Path) -> None:
    """The second one does not begin where the first has left something."""
    source = """
    let mine = 0;
    export async function run() {
      globalThis.n = (globalThis.n ?? 0) + 1;
      mine += 1;
      await new Promise((resolve) => setTimeout(resolve, 5));
      console.log(mine === globalThis.n);
    }
    """

    async def scene(harness: RuntimeHarness) -> None:
        for _ in range(2):
            names = [harness.invoke("run", instance=f"i{n}") for n in range(6)]
            for name in names:
                assert await harness.wait_for_outcome(name) == Success()
        assert {line.message for line in harness.logs()} == {"true"}

    run_app(tmp_path, source, scene, threads=2)


def test_a_first_invocation_sees_nothing_of_one_that_begins_beside_it(tmp_path: Path) -> None:
    """Nor of what it puts on a prototype, though both are the first ones of their function."""
    source = """
    export async function run(event) {
      await __forge_fetch__({}, '/both', {});
      const seen = [globalThis.left, [].left];
      if (event.leaves) { globalThis.left = 1; Array.prototype.left = 1; }
      else await __forge_fetch__({}, '/second', {});
      console.log([...seen, globalThis.left, [].left].map(String).join());
    }
    """
    held: list[int] = []

    def reply(request: AppRequest) -> AppResponse | None:
        held.append(request.request_id)
        return None

    async def scene(harness: RuntimeHarness) -> None:
        def answer(requests: list[int]) -> None:
            for request in requests:
                harness.runtime.respond(request, AppResponse(200, "{}"))
            harness.runtime.flush()

        leaves = harness.invoke("run", {"leaves": True})
        other = harness.invoke("run", {"leaves": False})
        await harness.wait_until(lambda: len(held) == 2)
        answer(held[:2])
        assert await harness.wait_for_outcome(leaves) == Success()
        await harness.wait_until(lambda: len(held) == 3)
        answer(held[2:])
        assert await harness.wait_for_outcome(other) == Success()
        assert [line.message for line in harness.logs(other)] == [",".join(["undefined"] * 4)]

    run_app(tmp_path, source, scene, reply=reply)


def test_functions_in_global_this_are_no_state(tmp_path: Path) -> None:
    """A polyfill is the same for all instances, which go on to share a thread."""
    source = """
    import { threadId } from 'node:worker_threads';
    globalThis.polyfill = () => 1;
    export function run() { console.log(threadId); }
    """

    async def scene(harness: RuntimeHarness) -> None:
        for n in range(4):
            assert await harness.run_invocation("run", instance=f"i{n}") == Success()
        assert len({line.message for line in harness.logs()}) == 1

    run_app(tmp_path, source, scene, threads=2)
