"""Which of its two builds an app gets: a second one takes longer than Node.js takes to start."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from forge_emu.runtime.node.bundler.esbuild import build_files
from forge_emu.runtime.node.bundler.options import options_for
from forge_emu.runtime.node.programs import run_program
from tests.runtime.node.harness import tools_or_skip, write_app

pytestmark = pytest.mark.node

FUNCTIONS = """
export function first(values) {
  for (const value of values) {
    if (value) {
      return value;
    }
  }
  if (values.length) return 1;
  else return 2;
}
"""
COMMONJS = "module.exports = function (a) {\n  if (a) {\n    return 1;\n  }\n  return 2;\n};\n"


def programs_of_build(root: Path, monkeypatch: pytest.MonkeyPatch, file: str) -> list[str]:
    """The programs that a build of `file` runs."""
    tools = tools_or_skip(root)
    ran = []

    async def run(command: list[str | Path], *rest: object) -> tuple[int | None, bytes, str]:
        ran.append(Path(command[0]).name)
        return await run_program(command, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("forge_emu.runtime.node.bundler.esbuild.run_program", run)
    output = root / "out" / "bundle.js"
    output.parent.mkdir()
    answer = asyncio.run(build_files([file], output, options_for(root, "deploy"), tools))
    assert not answer.errors
    assert file in answer.inputs
    return ran


@pytest.mark.parametrize(
    "source",
    [
        "import { first } from './first';\nexport const run = () => first([1]);\n",
        "const f = require('./commonjs');\nexports.run = () => f(1);\n",
        "import f from './commonjs';\nimport { first } from './first';\n"
        "export async function run() { return f(await first([])); }\n",
    ],
    ids=["modules", "commonjs", "both"],
)
def test_what_esbuild_builds_as_forge_does_is_built_once(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever functions return, and whatever esbuild puts before them in its bundle."""
    files = {"src/index.js": source, "src/first.js": FUNCTIONS, "src/commonjs.js": COMMONJS}
    write_app(tmp_path, files)

    assert programs_of_build(tmp_path, monkeypatch, "src/index.js") == ["esbuild"]


def test_what_it_builds_otherwise_is_built_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Here for a request that is known only when it runs."""
    source = "exports.run = (name) => require('./a/' + name);\n"
    write_app(tmp_path, {"src/index.js": source, "src/a/b.js": "module.exports = 1;\n"})

    programs = programs_of_build(tmp_path, monkeypatch, "src/index.js")

    assert programs == ["esbuild", tools_or_skip(tmp_path).node.path.name]
