"""What handlers print: levels, texts, limits, and who printed it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from forge_emu.model import Failed, Success
from forge_emu.ports import InvocationHeldUp, LogLine
from tests.runtime.node.harness import RuntimeHarness, SharedApp, run_app

pytestmark = pytest.mark.node

SOURCE = """
import { Console } from 'node:console';
export async function levels() {
  console.debug('d'); console.log('l'); console.info('i'); console.warn('w'); console.error('e');
  console.trace('t'); console.assert(false, 'a'); console.table([{ x: 1 }]); console.dir({ y: 2 });
  console.group('g'); console.log('inside'); console.groupEnd(); console.count(); console.log();
}
export async function texts() {
  console.log('%s is %d, %o', 'x', 5, [1], 'more');
  console.log({ a: { b: { c: { d: 1 } } }, m: new Map([[1, 2]]), f() {}, s: Symbol('s') }, 10n);
  console.log('two\\nlines');
  console.log('\\u001b[31mred\\u001b[0m', 'half \\ud83d');
  const round = {}; round.self = round; console.log(round);
  console.log({ get bad() { throw new Error('getter'); } });
  console.log(new Error('shown').message, undefined, null, -0);
}
export async function hostile() {
  console.log('before');
  console.log({ [Symbol.for('nodejs.util.inspect.custom')]() { throw new Error('custom'); } });
}
export async function streams() {
  process.stdout.write('out\\n'); process.stderr.write(Buffer.from('err'));
  await new Promise((resolve) => process.stdout.write('called back', resolve));
  new Console(process.stdout).log('own console');
  console.log(process.stdout.isTTY, typeof process.stdout.columns);
  require('fs').writeSync(1, 'around us\\n');
}
export async function replaces() {
  const { log } = console;
  console.log = (...values) => log('[mine]', ...values);
  console.log('wrapped');
  globalThis.console = { log: (text) => process.stdout.write(`[other] ${text}`) };
  console.log('replaced');
}
export async function prints() { console.log('plain'); }
export function afterwards() {
  setTimeout(() => console.log('still mine'), 1);
  setTimeout(() => process.stdout.write('mine too'), 2);
}
export async function floods({ lines, size }) {
  for (let i = 0; i < lines; i++) console.log('x'.repeat(size));
}
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedApp]:
    """The app, loaded once."""
    names = (
        "levels",
        "texts",
        "hostile",
        "streams",
        "replaces",
        "prints",
        "afterwards",
        "floods",
    )
    handlers = {name: f"src/index.js#{name}" for name in names}
    with SharedApp(tmp_path_factory.mktemp("logs"), {"src/index.js": SOURCE}, handlers) as shared:
        yield shared


def lines_of(shared: SharedApp, function: str, event: object = None) -> list[tuple[str, str]]:
    """Level and text of what a handler prints; it has to succeed."""
    before = len(shared.harness.logs())
    outcome, _ = shared.run_invocation(function, event)
    assert outcome == Success()
    return [(line.level, line.message) for line in shared.harness.logs()[before:]]


def test_every_method_has_its_level(shared: SharedApp) -> None:
    """One line per call, the text as Node prints it."""
    lines = lines_of(shared, "levels")

    assert lines[:5] == [
        ("debug", "d"),
        ("info", "l"),
        ("info", "i"),
        ("warn", "w"),
        ("error", "e"),
    ]
    assert lines[5][0] == "error"
    assert lines[5][1].startswith("Trace: t")
    assert lines[6] == ("warn", "Assertion failed: a")
    assert "│ 0" in lines[7][1]
    assert lines[8:12] == [
        ("info", "{ y: 2 }"),
        ("info", "g"),
        ("info", "  inside"),
        ("info", "default: 1"),
    ]
    assert lines[12] == ("info", "")


def test_texts_are_those_of_node(shared: SharedApp) -> None:
    """Placeholders, objects, several lines, cycles, half an emoji."""
    texts = [text for _, text in lines_of(shared, "texts")]

    assert texts == [
        "x is 5, [ 1, [length]: 1 ] more",
        "{\n  a: { b: { c: [Object] } },\n  m: Map(1) { 1 => 2 },\n  f: [Function: f],\n"
        "  s: Symbol(s)\n} 10n",
        "two\nlines",
        "\x1b[31mred\x1b[0m half \ufffd",
        "<ref *1> { self: [Circular *1] }",
        "{ bad: [Getter] }",
        "shown undefined null -0",
    ]


def test_an_object_that_throws_when_it_is_printed(shared: SharedApp) -> None:
    """Its error is the handler's, as in Node."""
    outcome, lines = shared.run_invocation("hostile")

    assert isinstance(outcome, Failed)
    assert outcome.error.message == "custom"
    assert lines == ["before"]


def test_the_standard_streams_are_lines_too(shared: SharedApp) -> None:
    """Written to directly, by a console of the app's own, and called back when done."""
    lines = lines_of(shared, "streams")

    assert lines[:4] == [
        ("info", "out"),
        ("error", "err"),
        ("info", "called back"),
        ("info", "own console"),
    ]
    assert lines[4][0] == "info"


def test_a_replaced_console_is_the_instances_own(shared: SharedApp) -> None:
    """Wrapped methods work, a whole new console too, and other instances keep theirs."""
    assert lines_of(shared, "replaces") == [
        ("info", "[mine] wrapped"),
        ("info", "[other] replaced"),
    ]
    assert lines_of(shared, "prints") == [("info", "plain")]


def test_lines_after_the_return_keep_their_invocation(tmp_path: Path) -> None:
    """They come late and belong to it all the same."""

    async def scene(harness: RuntimeHarness) -> None:
        name = harness.invoke("afterwards")
        assert await harness.wait_for_outcome(name) == Success()
        await harness.wait_until(lambda: len(harness.logs(name)) == 2)
        assert [m.message for m in harness.logs(name)] == ["still mine", "mine too"]

    run_app(tmp_path, SOURCE, scene)


def test_lines_come_before_the_end_of_their_invocation(shared: SharedApp) -> None:
    """In the order of the calls, and before the outcome."""
    shared.run_invocation("prints")

    # A busy machine may have held it up.
    heard = [m for m in shared.harness.messages if not isinstance(m, InvocationHeldUp)]
    *_, line, end = heard
    assert isinstance(line, LogLine)
    assert end == shared.harness.ended_invocations()[-1]


@pytest.mark.parametrize(
    ("lines", "size", "kept", "limit"),
    [
        (100, 1, 100, None),
        (101, 1, 100, "100 lines"),
        (2, 102_400, 2, None),
        (3, 102_400, 2, "200 KB"),
        (1, 10_000_000, 0, "200 KB"),
        (100_000, 100, 100, "100 lines"),
    ],
)
def test_the_platform_keeps_so_much(
    shared: SharedApp, lines: int, size: int, kept: int, limit: str | None
) -> None:
    """A hundred lines and 200 KB; one line says that more was printed."""
    texts = lines_of(shared, "floods", {"lines": lines, "size": size})

    assert [text for _, text in texts[:kept]] == ["x" * size] * kept
    rest = texts[kept:]
    if limit is None:
        assert rest == []
    else:
        ((level, text),) = rest
        assert level == "warn"
        assert text.startswith(f"log limit reached: the platform keeps {limit} per invocation")


@pytest.mark.parametrize(
    ("timeout_ms", "kept"), [(55_000, 100), (60_000, 100), (60_001, 200), (900_000, 1500)]
)
def test_longer_functions_may_print_more(tmp_path: Path, timeout_ms: int, kept: int) -> None:
    """A hundred lines for each minute of the timeout, rounded up."""

    async def scene(harness: RuntimeHarness) -> int:
        name = harness.invoke("floods", {"lines": 2000, "size": 1})
        assert await harness.wait_for_outcome(name) == Success()
        return len(harness.logs(name)) - 1

    handlers = {"floods": "src/index.js#floods"}
    assert run_app(tmp_path, SOURCE, scene, handlers=handlers, timeout_ms=timeout_ms) == kept


def test_what_goes_around_the_console_never_reaches_the_wire(tmp_path: Path) -> None:
    """Raw writes to the host's descriptors are its stray output, and messages stay whole."""
    source = """
    import { writeSync } from 'node:fs';
    export function raw() { for (const fd of [1, 2]) writeSync(fd, '{"type":"ended"}\\n'); }
    """

    async def scene(harness: RuntimeHarness) -> None:
        assert await harness.run_invocation("raw") == Success()
        assert await harness.run_invocation("raw") == Success()
        assert not harness.notices()

    run_app(tmp_path, source, scene)
