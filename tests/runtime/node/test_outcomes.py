"""What comes out of a handler: returned values, and requests in every form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from forge_emu.model import ErrorReport, Failed, RetryMistake, RetryRequested, Success
from forge_emu.ports import AppRequest, AppResponse
from tests.runtime.node.harness import RuntimeHarness, SharedApp, run_app

pytestmark = pytest.mark.node


def _without_json(why: str) -> RetryRequested:
    """A retry whose data came to nothing, with what is told of that."""
    mistake = RetryMistake("retry_data", f"data without a JSON form ({why})")
    return RetryRequested(mistakes=(mistake,))


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
            _without_json("Converting circular structure to JSON"),
        ),
        (
            "{ _retry: true, retryOptions: { retryData: 10n } }",
            _without_json("Do not know how to serialize a BigInt"),
        ),
        ("{ then(resolve) { resolve({ _retry: true }); } }", RetryRequested()),
    ],
)
def test_what_a_returned_value_means(shared_returns: SharedApp, value: str, outcome: Any) -> None:
    """Only an object with `_retry: true` asks for a retry, whatever else it holds."""
    found, _ = shared_returns.run_invocation("returns", value)

    assert found == outcome


@pytest.fixture(scope="module")
def shared_returns(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedApp]:
    """A handler that returns what it is told to."""
    source = "export async function returns(code) { return new Function(`return ${code}`)(); }"
    root = tmp_path_factory.mktemp("returns")
    with SharedApp(root, {"src/index.js": source}, {"returns": "src/index.js#returns"}) as shared:
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

    async def scene(harness: RuntimeHarness) -> None:
        assert await harness.run_invocation("run") == Success()
        assert [m.message for m in harness.logs()] == [
            "418 Odd yes GET None",
            "418 Odd yes POST text",
            "418 Odd yes PUT bytes",
            "418 Odd yes POST q=1",
            "204 null",
            "RangeError",
        ]
        given = zip(harness.requests()[1:4], ["x-a", "b", "c"], strict=True)
        assert [r.headers[name] for r, name in given] == ["1", "2", "3"]
        assert not any(r.late for r in harness.requests())

    run_app(tmp_path, source, scene, reply=reply)


def test_requests_after_the_return_are_marked_late(tmp_path: Path) -> None:
    """They are answered all the same."""
    source = """
    export function run() {
      setTimeout(async () => console.log((await __forge_fetch__({}, '/x', {})).status), 5);
    }
    """

    async def scene(harness: RuntimeHarness) -> None:
        name = harness.invoke("run")
        await harness.wait_until(lambda: harness.logs(name))
        assert [r.late for r in harness.requests()] == [True]
        assert harness.requests()[0].invocation_id == name

    run_app(tmp_path, source, scene)


def test_events_of_five_megabytes(tmp_path: Path) -> None:
    """Large arguments and answers go through whole, many at once."""
    source = """
    export async function run(event) {
      const r = await __forge_fetch__({}, '/x', { method: 'POST', body: event.text });
      console.log(event.text.length, (await r.text()).length);
    }
    """

    async def scene(harness: RuntimeHarness) -> None:
        names = [harness.invoke("run", {"text": "ä" * 5_000_000}) for _ in range(3)]
        for name in names:
            assert await harness.wait_for_outcome(name) == Success()
            assert harness.logs(name)[0].message == "5000000 5000000"

    run_app(tmp_path, source, scene, reply=lambda r: AppResponse(200, r.body or ""), memory_mb=512)
