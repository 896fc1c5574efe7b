"""Reading tsconfig.json as TypeScript does."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.runtime.node.bundler.tsconfig import (
    build_options,
    compiler_options,
    emits_commonjs,
)
from forge_emu.runtime.node.bundler.tsconfig_problems import tsconfig_problems


def written(tmp_path: Path, **files: str) -> Path:
    """A folder with JSON files."""
    for name, text in files.items():
        path = tmp_path / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_comments_and_commas_are_no_mistakes(tmp_path: Path) -> None:
    """In texts they stay."""
    text = (
        '\ufeff{ // a\n "compilerOptions": { /* b */ "jsx": "//,}", "strict": true, /* c */ },'
        " // d\n }"
    )

    assert compiler_options(written(tmp_path, tsconfig=text)) == {"jsx": "//,}", "strict": True}


def test_what_extends_goes_first(tmp_path: Path) -> None:
    """Of several the last counts most, and one that is gone counts for nothing."""
    root = written(
        tmp_path,
        tsconfig='{"extends": ["./a", "pk/b.json", "./gone"], "compilerOptions": {"x": 1}}',
        a='{"extends": "./tsconfig", "compilerOptions": {"x": 2, "y": 2, "z": 2}}',
        **{"node_modules/pk/b": '{"compilerOptions": {"y": 3}}'},
    )

    assert compiler_options(root) == {"x": 1, "y": 3, "z": 2}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"extends": 5}', '{"compilerOptions": 1}'])
def test_what_is_wrong_is_left_to_typescript(tmp_path: Path, text: str) -> None:
    """The build goes on without it."""
    assert compiler_options(written(tmp_path, tsconfig=text)) == {}


def test_paths_are_not_taken() -> None:
    """Forge's bundler knows no aliases."""
    taken = build_options({"paths": {"@/*": ["*"]}, "target": "es2021", "jsx": "preserve"})

    assert taken == {"target": "es2021", "jsx": "react", "jsxFactory": "ForgeUI.createElement"}


@pytest.mark.parametrize(
    ("options", "commonjs"),
    [
        ({}, True),
        ({"target": "es2021"}, False),
        ({"module": "CommonJS", "target": "es2021"}, True),
        ({"module": "esnext"}, False),
        ({"module": "NodeNext"}, True),
    ],
)
def test_the_kind_of_modules_follows_the_options(options: dict[str, str], commonjs: bool) -> None:
    """Without `module`, the target decides."""
    assert emits_commonjs(options) is commonjs


def test_an_empty_configuration_is_no_mistake(tmp_path: Path) -> None:
    """TypeScript then has its own defaults."""
    root = written(tmp_path, tsconfig="\n")

    assert list(tsconfig_problems(root, compiler_options(root), ["src/index.ts"])) == []
