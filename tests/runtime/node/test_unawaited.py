"""What a handler in JavaScript has not waited for: named at its return, and what goes on then."""

from __future__ import annotations

from pathlib import Path

from forge_emu.model import Success
from forge_emu.ports import AppRequest, AppResponse, InvocationEnded
from tests.runtime.node.harness import RuntimeHarness, run_app
from tests.runtime.node.virtual_time_harness import VirtualTimeHarness, run_app_in_virtual_time

ASK = "const ask = (path) => __forge_fetch__({}, path, {});\n"


def ended(stage: RuntimeHarness, name: str) -> InvocationEnded:
    """The end of an invocation."""
    return next(e for e in stage.ended_invocations() if e.invocation_id == name)


def test_requests_without_an_answer_are_named_at_the_return(tmp_path: Path) -> None:
    """With the line that made each, in the file that the author wrote."""
    source = (
        ASK
        + """
    export async function run() {
      await ask('/awaited');
      ['/a', '/b'].forEach(async (path) => {
        await __forge_fetch__({}, path, {});
        await ask('/next');
      });
      __forge_fetch__({}, '/floating', {});
    }
    export async function waits() {
      await Promise.all(['/a', '/b'].map((path) => ask(path)));
    }
    """
    )

    async def scene(stage: RuntimeHarness) -> None:
        name = stage.invoke("run")
        assert await stage.wait_for_outcome(name) == Success()
        end = ended(stage, name)
        assert [(r.path, r.place) for r in end.unanswered] == [
            ("/a", "src/index.js:6"),
            ("/b", "src/index.js:6"),
            ("/floating", "src/index.js:9"),
        ]
        assert end.unanswered_requests == 3
        other = stage.invoke("waits")
        assert await stage.wait_for_outcome(other) == Success()
        assert ended(stage, other).unanswered_requests == 0

    run_app(tmp_path, source, scene)


def test_requests_are_marked_by_when_they_are_made(tmp_path: Path) -> None:
    """Before the return, which takes in the go of it, and after it."""
    source = (
        ASK
        + """
    export async function run() {
      const early = ask('/early');
      await ask('/awaited');
      early.then(() => ask('/also-early'));
      ask('/floating');
      setTimeout(() => ask('/timer'), 5);
    }
    """
    )

    async def scene(stage: VirtualTimeHarness) -> None:
        name = stage.invoke("run")
        assert await stage.wait_for_outcome(name) == Success()
        await stage.run_until(1_000)
        assert {r.path: r.late for r in stage.harness.requests()} == {
            "/early": False,
            "/awaited": False,
            "/also-early": False,
            "/floating": False,
            "/timer": True,
        }

    run_app_in_virtual_time(tmp_path, source, scene)


def test_timers_go_on_until_the_timeout(tmp_path: Path) -> None:
    """Each fires in its own time though nothing else happens then; a later one never does."""
    source = """
    export function run() {
      const say = () => console.log('fired', Date.now() % 100_000);
      setTimeout(say, 700);
      setTimeout(say, 300);
      setTimeout(say, 90_000);
    }
    """

    async def scene(stage: VirtualTimeHarness) -> None:
        name = stage.invoke("run")
        assert await stage.wait_for_outcome(name) == Success()
        assert stage.harness.runtime.next_timer_due == 300
        await stage.run_until(200_000)
        assert stage.printed_lines(name) == ["fired 300", "fired 700"]
        assert stage.harness.runtime.next_timer_due is None

    run_app_in_virtual_time(tmp_path, source, scene)


def test_intervals_do_not_go_on_for_ever(tmp_path: Path) -> None:
    """An interval or a loop that is left behind ends after a hundred turns."""
    source = """
    let turns = 0;
    const turn = () => { turns += 1; if (turns % 25 === 0) console.log(turns); };
    export function interval() { setInterval(turn, 10); }
    export function loop() {
      const again = () => { turn(); setImmediate(again); };
      setImmediate(again);
    }
    """

    async def scene(stage: VirtualTimeHarness) -> None:
        for function in ("interval", "loop"):
            name = stage.invoke(function)
            await stage.wait_for_outcome(name)
            await stage.run_until(stage.clock.now() + 60_000)
            assert stage.printed_lines(name) == ["25", "50", "75", "100"]

    run_app_in_virtual_time(tmp_path, source, scene)


def test_an_app_may_freeze_and_replace_what_stacks_are_made_with(tmp_path: Path) -> None:
    """Its requests are sent all the same, without a place where there is none to be had."""
    source = """
    Error.prepareStackTrace = (error, frames) => frames.length;
    Object.freeze(Error);
    export function run() { __forge_fetch__({}, '/x', {}); }
    """

    async def scene(stage: RuntimeHarness) -> None:
        name = stage.invoke("run")
        assert await stage.wait_for_outcome(name) == Success()
        assert [(r.path, r.place) for r in ended(stage, name).unanswered] == [("/x", None)]

    run_app(tmp_path, source, scene)


def test_a_lost_request_is_never_answered_and_forgotten(tmp_path: Path) -> None:
    """The code behind it does not go on, and the instance works as before."""
    source = (
        ASK
        + """
    export function run() {
      setTimeout(async () => {
        try { await __forge_fetch__({}, '/late', {}); } finally { console.log('answered'); }
      }, 5);
    }
    export async function next() { console.log((await ask('/next')).status); }
    """
    )

    async def scene(stage: VirtualTimeHarness) -> None:
        name = stage.invoke("run", instance="i")
        await stage.wait_for_outcome(name)
        await stage.run_until(10)
        late = next(r for r in stage.harness.requests() if r.path == "/late")
        assert late.place == "src/index.js:5"
        stage.harness.runtime.lose_request(late.request_id)
        other = stage.invoke("next", instance="i")
        assert await stage.wait_for_outcome(other) == Success()
        assert (stage.printed_lines(name), stage.printed_lines(other)) == ([], ["200"])

    def reply(request: AppRequest) -> AppResponse | None:
        return None if request.path == "/late" else AppResponse(200)

    run_app_in_virtual_time(tmp_path, source, scene, reply=reply)


def test_an_invocation_that_wants_no_places_gets_none(tmp_path: Path) -> None:
    """What it leaves unanswered is named all the same."""
    source = ASK + "export function run() { ask('/a'); }"

    async def scene(stage: RuntimeHarness) -> None:
        for wants, place in ((False, None), (True, "src/index.js:1")):
            name = stage.invoke("run", wants_places=wants)
            assert await stage.wait_for_outcome(name) == Success()
            (left,) = ended(stage, name).unanswered
            assert (left.path, left.place) == ("/a", place)

    run_app(tmp_path, source, scene)
