"""What of a tsconfig.json Forge's bundler stumbles over or follows, and esbuild does not.

Tried with `@forge/bundler` 7.3.0 and the TypeScript 5.9.2 that comes with it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from forge_emu.errors import Problem
from forge_emu.runtime.node.bundler.tsconfig import ConfigFile, config_files, missing_bases
from forge_emu.runtime.node.source_text import line_and_column

_NO_CODE = ("noEmit", "emitDeclarationOnly")
_BUILT_IN = re.compile(
    r"\bclass\s+\w*\s*extends\s+(?:\w*Error|Array|Map|Set|Promise|Function|Date|RegExp)\b"
)
_TYPED = (".ts", ".tsx")
_WITH_FORGE = "Build with Forge's own bundler: --bundler forge."


def tsconfig_problems(
    root: Path, options: dict[str, Any], sources: Sequence[str]
) -> Iterator[Problem]:
    """The problems of the app at `root`; of those of its `sources` that are TypeScript, if any are.

    `options` are its `compilerOptions`.
    """
    typed = [name for name in sources if name.endswith(_TYPED) and "node_modules/" not in name]
    if not typed:
        return
    files = list(config_files(root / "tsconfig.json"))
    for file in files:
        yield from _unreadable(root, file)
        yield from _without_base(root, file)
    for name in _NO_CODE:
        if options.get(name) is True:
            yield _no_code(root, name, files)
    if str(options.get("target", "es5")).lower() in {"es3", "es5"}:
        yield from _subclasses(root, typed)
    if options.get("emitDecoratorMetadata") is True and options.get("experimentalDecorators"):
        yield from _metadata(root, files)


def _unreadable(root: Path, file: ConfigFile) -> Iterator[Problem]:
    if not file.json.strip():
        return
    try:
        json.loads(file.json)
    except json.JSONDecodeError as error:
        message = f"TypeScript cannot read it: {error.msg}"
        yield _problem(_name(root, file.path), error.lineno, error.colno, message)
    except RecursionError:
        yield _problem(_name(root, file.path), 0, 0, "TypeScript cannot read it: too deep")


def _without_base(root: Path, file: ConfigFile) -> Iterator[Problem]:
    for base in missing_bases(file):
        line, column = _place(file, json.dumps(base))
        message = f'there is no file for "{base}", which it extends'
        hint = "Install its package, or check the path."
        yield _problem(_name(root, file.path), line, column, message, hint)


def _no_code(root: Path, option: str, files: Sequence[ConfigFile]) -> Problem:
    where = _first_with(option, files)
    return _problem(
        _name(root, where.path),
        *_place(where, f'"{option}"'),
        f"with {option}, TypeScript makes no code for Forge's bundler",
        f"Remove it. For a check of types alone there is the option --{option} of tsc.",
    )


def _subclasses(root: Path, typed: Sequence[str]) -> Iterator[Problem]:
    """Of classes in ES5, `extends Error` and the like make plain objects of the built-in class."""
    for name in typed:
        text = _text(root / name)
        for found in _BUILT_IN.finditer(text):
            message = (
                f"`{' '.join(found[0].split())}` is compiled to ES5 on Forge, where its instances"
                " are not of the class and lack its methods; here they have them"
            )
            hint = 'Set "target": "es2022" in tsconfig.json.'
            place = line_and_column(text, found.start())
            yield Problem(name, *place, message, hint, "warning", "bundle")


def _metadata(root: Path, files: Sequence[ConfigFile]) -> Iterator[Problem]:
    where = _first_with("emitDecoratorMetadata", files)
    line, column = _place(where, '"emitDecoratorMetadata"')
    message = "Forge's bundler emits types of what is decorated, and esbuild does not"
    name = _name(root, where.path)
    yield Problem(name, line, column, message, _WITH_FORGE, "warning", "bundle")


def _first_with(option: str, files: Sequence[ConfigFile]) -> ConfigFile:
    """The file whose word counts."""
    return next((file for file in files if option in file.options), files[0])


def _place(file: ConfigFile, text: str) -> tuple[int, int]:
    at = file.json.find(text)
    return (0, 0) if at < 0 else line_and_column(file.json, at)


def _problem(name: str, line: int, column: int, message: str, hint: str | None = None) -> Problem:
    return Problem(name, line, column, message, hint, rule="bundle")


def _name(root: Path, path: Path) -> str:
    return os.path.relpath(path, root).replace(os.sep, "/")


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
