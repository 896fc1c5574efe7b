"""Building with Forge's own bundler, where it is installed."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from forge_emu.model import Success
from forge_emu.runtime.node.forge_bundler import find_forge_bundler, forge_bundle
from tests.runtime.node.forge_bundler_stub import bundler_files
from tests.runtime.node.harness import RuntimeHarness, app_of, tools_or_skip, write_app

pytestmark = pytest.mark.node

ONE = "const state = { n: 0 };\nexports.run = () => console.log(++state.n, __filename.slice(-8));\n"


def test_what_it_made_runs(tmp_path: Path) -> None:
    """Each handler file is a script of its own, with a state of its own."""
    write_app(tmp_path, {**bundler_files(), "src/one.js": ONE, "src/deep/two.js": ONE})
    tools = tools_or_skip(tmp_path)
    bundler = find_forge_bundler(tmp_path, tools)
    assert bundler is not None
    assert (bundler.version, bundler.why) == ("7.3.0", "the app's own")

    async def whole() -> None:
        harness = RuntimeHarness(tmp_path, forge_bundler=bundler)
        app = app_of({"one": "src/one.js#run", "two": "src/deep/two.js#run"})
        try:
            build = await harness.runtime.load_app(app, 1)
            assert build.ok, build.problems
            assert build.sources == ("src/deep/two.js", "src/one.js")
            for function in ("one", "two", "one"):
                name = harness.invoke(function, instance="i1")
                assert await harness.wait_for_outcome(name) == Success()
        finally:
            await harness.runtime.close()
        printed = [line.message for line in harness.logs()]
        assert printed == ["1 /one.cjs", "1 /two.cjs", "2 /one.cjs"]

    asyncio.run(whole())


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            {"message": "[tsl] ERROR in ROOT/src/a.ts(2,38)\n      TS2741: Property\n  gone."},
            "src/a.ts:2:38 TS2741: Property gone.",
        ),
        (
            {
                "message": "Module not found: Error: Can't resolve './x' in 'ROOT/src'",
                "moduleName": "./src/index.js",
                "loc": "9:0-33",
            },
            'src/index.js:1:9 there is no file for the import "./x"',
        ),
        (
            {
                "message": "Module build failed (from ../babel-loader/lib/index.js):\n"
                "SyntaxError: ROOT/src/index.js: Support for the experimental syntax 'jsx' isn't "
                "currently enabled (3:30):\n\n  1 | x",
                "moduleName": "../babel-loader/lib/index.js??ruleSet[1]!./src/index.js",
            },
            "src/index.js:3:31 JSX is not possible in .js and .jsx files",
        ),
        (
            {
                "message": "Module parse failed: Unexpected token (2:18)\nFile was parsed",
                "moduleName": "./node_modules/pk/index.js",
            },
            "node_modules/pk/index.js:2:19 Module parse failed: Unexpected token",
        ),
        (
            {
                "message": 'Module not found: Error: "./inner" is not exported under the '
                'conditions ["import"] from package ROOT/node_modules/pk (see exports field in x)',
                "moduleName": "./src/index.js",
            },
            'src/index.js:2:14 the package pk has no "inner" that can be imported',
        ),
        (
            {
                "message": "Module build failed (from ../ts-loader/index.js):\nError: error while "
                "reading tsconfig.json:\n[tsl] ERROR in ROOT/tsconfig.json(1,42)\n"
                "      TS1005: '}' expected.\n    at Object.loader (/x/index.js:61:18)",
                "moduleName": "./src/index.js",
            },
            "tsconfig.json:1:42 TS1005: '}' expected.",
        ),
        (
            {"message": "[tsl] ERROR\n      TS6053: File 'base.json' not found."},
            "tsconfig.json TS6053: File 'base.json' not found.",
        ),
        ({"message": "something else"}, "package.json something else"),
    ],
)
def test_its_errors_have_their_place(tmp_path: Path, error: dict[str, str], told: str) -> None:
    """In the user's files, in the words of the other build where it has some."""
    source = f"require('./x');\n/* a pack */ 'pk/inner';\n// refuse: {json.dumps(error)}\n"
    files = {"node_modules/pk/package.json": "{}", "src/index.js": source}
    write_app(tmp_path, {**bundler_files(), **files})
    tools = tools_or_skip(tmp_path)
    bundler = find_forge_bundler(tmp_path, tools)
    assert bundler is not None

    built = asyncio.run(
        forge_bundle(
            app_of({"run": "src/index.js#run"}), tmp_path / "out", tmp_path, bundler, tools
        )
    )

    assert built.path is None
    assert str(built.problems[0]).startswith(told)
    assert "at Object" not in str(built.problems[0])


def test_a_bundler_of_another_kind_is_said(tmp_path: Path) -> None:
    """One whose interface has changed, or which is broken."""
    files = {**bundler_files(), "node_modules/@forge/bundler/index.js": "throw new Error('new');"}
    write_app(tmp_path, {**files, "src/index.js": ONE})
    tools = tools_or_skip(tmp_path)
    bundler = find_forge_bundler(tmp_path, tools)
    assert bundler is not None

    built = asyncio.run(
        forge_bundle(
            app_of({"run": "src/index.js#run"}), tmp_path / "out", tmp_path, bundler, tools
        )
    )

    assert "@forge/bundler 7.3.0 failed: Error: new" in built.problems[0].message


def test_what_only_follows_from_a_syntax_error_is_left_out(tmp_path: Path) -> None:
    """Of a file with another error; where nothing else is told, it is all that there is."""
    emitted = (
        "Module build failed (from ../ts-loader/index.js):\nError: TypeScript emitted no output"
    )
    errors = {
        "one": {"message": f"{emitted} for src/one.js.", "moduleName": "./src/one.js"},
        "two": {"message": "[tsl] ERROR in ROOT/src/one.js(5,1)\n      TS1005: '}' expected."},
        "three": {"message": f"{emitted} for src/three.js.", "moduleName": "./src/three.js"},
    }
    sources = {f"src/{name}.js": f"// refuse: {json.dumps(e)}\n" for name, e in errors.items()}
    write_app(tmp_path, {**bundler_files(), **sources})
    tools = tools_or_skip(tmp_path)
    bundler = find_forge_bundler(tmp_path, tools)
    assert bundler is not None
    app = app_of({name: f"src/{name}.js#run" for name in errors})

    built = asyncio.run(forge_bundle(app, tmp_path / "out", tmp_path, bundler, tools))

    assert sorted(map(str, built.problems)) == [
        "src/one.js:5:1 TS1005: '}' expected.",
        "src/three.js Error: TypeScript emitted no output for src/three.js.",
    ]
