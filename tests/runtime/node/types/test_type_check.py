"""Type errors, through the TypeScript that an app has installed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from forge_emu.runtime.node.type_check import TypeCheck, check_types
from tests.npm import packages_folder
from tests.runtime.node.harness import tools_or_skip, write_app

pytestmark = pytest.mark.node

LIB = """\
export interface Note { key: string; text: string }
export const twice = (n: number) => n * 2;
"""
INDEX = """\
import { twice, Note } from './lib';
const note: Note = { key: 'x' };
export const run = () => [twice('3'), note];
"""


def checked(root: Path, files: dict[str, str], *sources: str, imported: bool = False) -> TypeCheck:
    """What is found in `sources` of an app."""
    write_app(root, files)
    return asyncio.run(check_types(root, sources, tools_or_skip(root), imported=imported))


def with_typescript(root: Path) -> Path:
    """An app that has TypeScript."""
    installed = packages_folder({"typescript": "5.9.2"})
    (root / "node_modules").symlink_to(installed / "node_modules", target_is_directory=True)
    return root


def places(found: TypeCheck) -> list[str]:
    """Place and code of each error."""
    return [str(p).partition(": ")[0] for p in found.problems]


def test_errors_have_place_and_code(tmp_path: Path) -> None:
    """Those of the files that are built, as Forge's bundler tells them."""
    files = {"src/index.ts": INDEX, "src/lib.ts": LIB, "src/stray.ts": "const a: number = 'x';"}

    found = checked(with_typescript(tmp_path), files, "src/index.ts", "src/lib.ts")

    assert places(found) == ["src/index.ts:2:7 TS2741", "src/index.ts:3:33 TS2345"]
    assert {p.severity for p in found.problems} == {"error"}
    assert found.unchecked is None


def test_the_apps_configuration_decides(tmp_path: Path) -> None:
    """What it forbids is an error; aliases are known to it."""
    files = {
        "src/index.ts": "import type { Note } from '@/lib';\nconst unused = 1;\n"
        "export const run = (n: Note) => n.key;\n",
        "src/lib.ts": LIB,
        "tsconfig.json": '{"compilerOptions": {"noUnusedLocals": true, "paths": {"@/*":'
        ' ["./src/*"]}, "module": "commonjs", "ignoreDeprecations": "5.0"}}',
    }

    found = checked(with_typescript(tmp_path), files, "src/index.ts")

    assert places(found) == ["src/index.ts:2:7 TS6133"]


def test_jsx_needs_what_the_bundler_makes_of_it(tmp_path: Path) -> None:
    """Whatever the configuration says of JSX."""
    files = {
        "src/index.tsx": "declare namespace JSX { interface IntrinsicElements { b: {} } }\n"
        "export const run = () => <b/>;\n",
        "tsconfig.json": '{"compilerOptions": {"jsx": "react-jsx", "module": "commonjs"}}',
    }

    assert places(checked(with_typescript(tmp_path), files, "src/index.tsx")) == [
        "src/index.tsx:2:27 TS2874"
    ]


def test_a_build_that_failed_is_checked_from_its_handlers(tmp_path: Path) -> None:
    """Then the files that they import are looked at."""
    files = {
        "src/index.ts": "import x from './gone';\nimport { a } from './lib';\n"
        "export const run = () => [a, x];\n",
        "src/lib.ts": "export const a: number = 'x';\n",
    }

    found = checked(with_typescript(tmp_path), files, "src/index.ts", imported=True)

    assert sorted(places(found)) == ["src/index.ts:1:15 TS2307", "src/lib.ts:1:14 TS2322"]


@pytest.mark.parametrize(
    ("module", "words"),
    [
        (None, "the app has no typescript"),
        ("exports.version = '7.0.2';", "typescript 7.0.2 has neither an interface nor tsc"),
        ("throw new Error('broken');", "the app's typescript failed: Error: broken"),
    ],
)
def test_why_types_were_not_checked_is_said(tmp_path: Path, module: str | None, words: str) -> None:
    """Nothing is found then."""
    files = {"src/index.ts": INDEX}
    if module is not None:
        files |= {
            "node_modules/typescript/package.json": "{}",
            "node_modules/typescript/index.js": module,
        }

    found = checked(tmp_path, files, "src/index.ts")

    assert found.problems == ()
    assert found.unchecked is not None
    assert words in found.unchecked


def test_an_app_without_typescript_needs_none(tmp_path: Path) -> None:
    """And nothing is said of it."""
    assert checked(tmp_path, {"src/index.js": ""}, "src/index.js") == TypeCheck()
