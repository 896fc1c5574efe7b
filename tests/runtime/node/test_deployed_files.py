"""The file system that a deployed handler sees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from forge_emu.model import Success
from tests.runtime.node.harness import RuntimeHarness, run_app

pytestmark = pytest.mark.node

CALLS = """
import fs from 'node:fs';
import { promisify } from 'node:util';
export async function tries({ code, file, folder }) {
  try {
    const body = `return (async () => { ${code} })()`;
    const run = new Function('fs', 'promisify', 'file', 'folder', body);
    console.log(JSON.stringify(await run(fs, promisify, file, folder)) ?? 'done');
  } catch (error) {
    console.log(`${error.code} ${error.syscall ?? ''}`.trim());
  }
}
"""
_WRITE = "fs.writeFileSync(file, 'x'.repeat(600_000))"


def said(tmp_path: Path, *codes: str, **options: Any) -> list[str]:
    """What each piece of code printed, one after the other on one instance."""
    secret = tmp_path / "src" / "secret.txt"
    secret.parent.mkdir()
    secret.write_text("of the sources", encoding="utf-8")
    event = {"file": str(secret), "folder": str(tmp_path.with_name(f"{tmp_path.name}-tmp"))}
    Path(event["folder"]).mkdir()

    async def scene(harness: RuntimeHarness) -> list[str]:
        lines = []
        for code in codes:
            name = harness.invoke("tries", {**event, "code": code}, instance="i1")
            assert await harness.wait_for_outcome(name) == Success()
            lines += [line.message for line in harness.logs(name)]
        return lines

    return run_app(tmp_path, CALLS, scene, **options)


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        ("return fs.existsSync(file)", "false"),
        ("fs.readFileSync(file)", "ENOENT open"),
        ("return fs.statSync(file, { throwIfNoEntry: false }) === undefined", "true"),
        ("await fs.promises.readFile(file)", "ENOENT open"),
        ("await promisify(fs.stat)(file)", "ENOENT stat"),
        ("for await (const _ of fs.createReadStream(file)) ;", "ENOENT open"),
        ("fs.writeFileSync('state.json', '{}')", "EROFS open"),
        ("await fs.promises.mkdir('cache')", "EROFS mkdir"),
        ("await promisify(fs.unlink)('index.cjs')", "EROFS unlink"),
        ("fs.openSync('index.cjs', 'a')", "EROFS open"),
        ("fs.renameSync('index.cjs', folder + '/x')", "EROFS rename"),
        ("fs.writeFileSync('/forge-emu-test', '')", "EROFS open"),
        ("return fs.readdirSync('.')", '["index.cjs"]'),
        ("fs.copyFileSync('index.cjs', folder + '/x')", "done"),
        ("const f = await fs.promises.open(folder + '/y', 'w'); await f.write('1');",
         "done"),
    ],
)  # fmt: skip
def test_a_handler_sees_what_is_deployed(tmp_path: Path, code: str, printed: str) -> None:
    """No sources, nothing that can be written but /tmp, in every way to ask for a file."""
    assert said(tmp_path, code) == [printed]


def test_tmp_has_a_size(tmp_path: Path) -> None:
    """What an instance has written counts as long as it is there."""
    write = _WRITE.replace("file", "folder + '/{}'")

    lines = said(
        tmp_path,
        write.format("a"),
        write.format("b"),
        "fs.rmSync(folder + '/a')",
        write.format("b"),
        "const fd = fs.openSync(folder + '/c', 'w'); fs.writeSync(fd, 'x'.repeat(600_000))",
        tmp_mb=1,
    )

    assert lines == ["done", "ENOSPC open", "done", "done", "ENOSPC write"]


def test_the_layout_of_the_sources_hides_nothing(tmp_path: Path) -> None:
    """Handlers run in the app's folder, and `__dirname` is that of the source."""
    lines = said(
        tmp_path,
        "return fs.readFileSync('src/secret.txt', 'utf8')",
        "fs.writeFileSync('state.json', '{}')",
        layout="source",
    )

    assert lines == ['"of the sources"', "done"]
    assert (tmp_path / "state.json").exists()
