"""Who holds more than its function's memory is ended, however briefly and in whatever form."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.model import OutOfMemory, Success
from forge_emu.ports import AppResponse
from tests.runtime.node.harness import RuntimeHarness, run_app

MEGABYTES = "const MB = 1024 * 1024;\n"
KINDS = {
    "one array": "new Array(mb * 131072).fill(1)",
    "arrays": "Array.from({ length: mb }, (_, i) => new Array(131072).fill(i))",
    "objects": "Array.from({ length: mb * 16384 }, (_, i) => ({ a: i, b: i, c: i, d: i }))",
    "a map": "new Map(Array.from({ length: mb * 16384 }, (_, i) => [i, i]))",
    "a typed array": "new Float64Array(mb * 131072).fill(1)",
    "buffers": "Array.from({ length: mb / 10 }, () => Buffer.alloc(10 * MB, 1))",
    "WebAssembly": "new Uint8Array(new WebAssembly.Memory({ initial: mb * 16 }).buffer).fill(1)",
    "a shared buffer": "new Uint8Array(new SharedArrayBuffer(mb * MB)).fill(1)",
    "a buffer that was resized": (
        "(() => { const one = new ArrayBuffer(8, { maxByteLength: mb * MB });"
        " one.resize(mb * MB); return new Uint8Array(one).fill(1); })()"
    ),
    "shared WebAssembly": (
        "new Uint8Array(new WebAssembly.Memory({ initial: mb * 16, maximum: 65536, shared: true })"
        ".buffer).fill(1)"
    ),
}


@pytest.mark.parametrize("held", KINDS.values(), ids=KINDS)
def test_memory_is_counted_in_whatever_form(tmp_path: Path, held: str) -> None:
    """Twice over, and so in a thread of its own too; functions beside it never hear of it."""
    source = (
        f"{MEGABYTES}"
        "export async function waits() { await __forge_fetch__({}, '/wait', {}); }\n"
        f"const take = async (mb) => {held};\n"
        "export async function takes({ mb }) { const all = await take(mb); return void all; }\n"
    )

    async def scene(harness: RuntimeHarness) -> None:
        harness.reply = lambda _: None
        other = harness.invoke("waits")
        [request] = await harness.wait_until(harness.requests)
        assert await harness.run_invocation("takes", {"mb": 40}) == Success()
        for _ in range(2):
            assert isinstance(await harness.run_invocation("takes", {"mb": 200}), OutOfMemory)
        assert await harness.run_invocation("takes", {"mb": 40}) == Success()
        harness.runtime.respond(request.request_id, AppResponse(200, "{}"))
        harness.runtime.flush()
        assert await harness.wait_for_outcome(other) == Success()

    run_app(tmp_path, source, scene)


def test_a_buffer_counts_although_it_is_let_go_of_in_the_same_turn(tmp_path: Path) -> None:
    """The host looks into the turn, and what it collects there has been held all the same."""
    source = (
        f"{MEGABYTES}"
        "const compute = (ms) => { for (const to = Date.now() + ms; Date.now() < to; ) ; };\n"
        "export async function briefly() {\n"
        "  (() => { const all = new Uint8Array(200 * MB).fill(1); return all.length; })();\n"
        "  compute(400);\n"
        "}\n"
    )

    async def scene(harness: RuntimeHarness) -> None:
        assert isinstance(await harness.run_invocation("briefly"), OutOfMemory)

    run_app(tmp_path, source, scene)
