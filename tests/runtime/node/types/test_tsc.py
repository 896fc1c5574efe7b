"""Type errors by the app's own `tsc`, where its TypeScript is a program alone (7)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from forge_emu.runtime.node.tsc import find_tsc, read_tsc
from forge_emu.runtime.node.type_check import TypeCheck, check_types
from tests.npm import packages_folder
from tests.runtime.node.harness import tools_or_skip, write_app
from tests.runtime.node.types.test_type_check import INDEX, LIB, places

pytestmark = pytest.mark.node

APP = {"src/index.ts": INDEX, "src/lib.ts": LIB, "src/stray.ts": "export const a: number = 'x';"}
CONFIG = '{"compilerOptions": {"strict": true, "module": "commonjs"}, "include": ["src"]}'


def _checked(root: Path, files: dict[str, str], *sources: str, imported: bool = False) -> TypeCheck:
    write_app(root, files)
    return asyncio.run(check_types(root, sources, tools_or_skip(root), imported=imported))


def _with_typescript_7(root: Path) -> Path:
    installed = packages_folder({"typescript": "7.0.2"})
    (root / "node_modules").symlink_to(installed / "node_modules", target_is_directory=True)
    return root


@pytest.mark.parametrize("config", [None, CONFIG])
def test_errors_are_those_of_typescript_5(tmp_path: Path, config: str | None) -> None:
    """In the same form; of the files that are built alone."""
    files = APP | ({"tsconfig.json": config} if config else {})
    found = _checked(_with_typescript_7(tmp_path), files, "src/index.ts", "src/lib.ts")
    assert found.unchecked is None
    assert places(found) == ["src/index.ts:2:7 TS2741", "src/index.ts:3:33 TS2345"]
    assert {(p.rule, p.severity) for p in found.problems} == {("bundle", "error")}
    assert found.problems[0].hint == "A deploy fails with errors of types."


def test_of_a_build_that_failed_every_file_counts(tmp_path: Path) -> None:
    """What is bundled is not known then."""
    files = APP | {"tsconfig.json": CONFIG}
    found = _checked(_with_typescript_7(tmp_path), files, "src/index.ts", imported=True)
    assert "src/stray.ts:1:14 TS2322" in places(found)


def test_a_sound_app_has_none(tmp_path: Path) -> None:
    """Nothing is said."""
    found = _checked(_with_typescript_7(tmp_path), {"src/lib.ts": LIB}, "src/lib.ts")
    assert found == TypeCheck()


def test_a_broken_configuration_is_a_finding(tmp_path: Path) -> None:
    """By tsc's own number."""
    files = APP | {"tsconfig.json": '{"compilerOptions": {"modul": "commonjs"}}'}
    found = _checked(_with_typescript_7(tmp_path), files, "src/lib.ts")
    assert [p.message.partition(":")[0] for p in found.problems if p.file == "tsconfig.json"] == [
        "TS5023"
    ]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("console.log('no such thing'); process.exit(3)", "tsc failed (3): no such thing"),
        ("process.exit(1)", "tsc failed (1): it says nothing"),
    ],
)
def test_a_tsc_that_fails_is_said(tmp_path: Path, script: str, words: str) -> None:
    """Types were not checked, and why."""
    package = '{"type": "commonjs", "bin": {"tsc": "./tsc"}}'
    files = APP | {
        "node_modules/typescript/package.json": package,
        "node_modules/typescript/index.js": "exports.version = '7.1.0';",
        "node_modules/typescript/tsc": script,
    }
    found = _checked(tmp_path, files, "src/index.ts")
    assert (found.problems, found.unchecked) == ((), f"typescript 7.1.0: {words}")


def test_what_tsc_prints_is_read_whole() -> None:
    """Errors over several lines, without a place, and other words between them."""
    text = (
        "src\\a b(1).ts(2,7): error TS2741: Property 'x' is missing\n"
        "  in type '{}'.\n"
        "error TS5023: Unknown compiler option 'x'.\n"
        "Found 2 errors.\n"
    )
    assert [str(problem) for problem in read_tsc(text)] == [
        "src/a b(1).ts:2:7 TS2741: Property 'x' is missing in type '{}'.",
        "tsconfig.json TS5023: Unknown compiler option 'x'.",
    ]


def test_a_package_without_tsc_has_none(tmp_path: Path) -> None:
    """Whatever its package.json says."""
    for text in ("", "[]", '{"bin": {}}', '{"bin": {"tsc": "./gone"}}'):
        (tmp_path / "package.json").write_text(text)
        assert find_tsc(tmp_path) is None
