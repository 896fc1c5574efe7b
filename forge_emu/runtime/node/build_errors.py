"""esbuild's messages and problems of the app's packages, with their place in the source."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from forge_emu.errors import Problem
from forge_emu.runtime.node.bundler.esbuild import BuildAnswer, Message
from forge_emu.runtime.node.bundler.options import BuildOptions
from forge_emu.runtime.node.bundler.tsconfig import compiler_options
from forge_emu.runtime.node.bundler.tsconfig_problems import tsconfig_problems
from forge_emu.runtime.node.packages import package_version
from forge_emu.runtime.node.removed_packages import shown_with_ui_kit_1
from forge_emu.runtime.node.source_text import line_and_column
from forge_emu.runtime.node.storage_imports import storage_uses

_UNRESOLVED = re.compile(r'Could not resolve "([^"]+)"')
_CANNOT_RESOLVE = re.compile(r"Module not found: Error: Can't resolve '([^']+)'")
_NOT_EXPORTED = re.compile(r"export '[^']+' \(imported as '[^']+'\) was not found in '([^']+)'")
_NOT_OFFERED = re.compile(
    r'Module not found: Error: "\.(/[^"]+)?" is not exported .* from package .*?node_modules/(\S+)'
)
_NO_JSX = "The JSX syntax extension is not currently enabled"
_BABEL_NO_JSX = "Support for the experimental syntax 'jsx' isn't currently enabled"
_SCRIPTS = (".js", ".jsx", ".mjs", ".cjs", ".ts", ".tsx", ".json")
_STORAGE_REMOVED_IN = 8
"""Major version of `@forge/api` that dropped `storage`."""


def answer_problems(root: Path, answer: BuildAnswer, options: BuildOptions) -> Iterator[Problem]:
    """What a build says; of warnings those that concern only packages' code are left out."""
    for message in answer.errors:
        yield build_problem(root, message, "error")
    for message in answer.warnings:
        if message.file and "node_modules/" not in message.file:
            yield build_problem(root, message, "warning")
    yield from _specifier_problems(root, answer)
    yield from tsconfig_problems(root, options.typescript, list(answer.inputs))
    if options.babel_config and answer.inputs:
        yield Problem(
            options.babel_config,
            0,
            0,
            "Forge's bundler follows the settings of Babel in it, and esbuild does not",
            "Build with Forge's own bundler: --bundler forge.",
            "warning",
            "bundle",
        )


def build_problem(root: Path, message: Message, severity: Literal["error", "warning"]) -> Problem:
    """What a bundler says, as a problem of the app at `root`."""
    text, hint = _message_and_hint(root, message)
    file = message.file or "package.json"
    if message.file is None:
        return Problem(file, 0, 0, text, hint, severity, "bundle")
    file = os.path.relpath(root / file.split("?")[0], root).replace(os.sep, "/")
    line, column = message.line, message.column + 1 if message.line else 0
    if line == 0 and (named := _named_in(message.text)):
        line, column = _place_of(root / file, named)
    if message.text.startswith((_NO_JSX, _BABEL_NO_JSX)) and (
        problem := shown_with_ui_kit_1(root, file, message.line, column)
    ):
        return problem
    return Problem(file, line, column, text, hint, severity, "bundle")


def _named_in(text: str) -> str | None:
    """The request that a message is about."""
    if offered := _NOT_OFFERED.match(text):
        return offered[2] + (offered[1] or "")
    named = _CANNOT_RESOLVE.match(text) or _NOT_EXPORTED.match(text)
    return named[1] if named else None


def _specifier_problems(root: Path, answer: BuildAnswer) -> Iterator[Problem]:
    """Imports of `./x.js` that mean `./x.ts`: TypeScript finds it, Forge's bundler does not."""
    for name, about in answer.inputs.items():
        for imported in about.get("imports", ()):
            written, path = imported.get("original", ""), imported["path"]
            if re.search(r"\.[cm]?jsx?$", written) and re.search(r"\.[cm]?tsx?$", path):
                line, column = _place_of(root / name, written)
                yield Problem(
                    name,
                    line,
                    column,
                    f'there is no file for the import "{written}": Forge\'s bundler does not take '
                    f"{Path(path).name} for it",
                    _specifier_hint(written, path),
                    rule="bundle",
                )


def _specifier_hint(written: str, path: str) -> str:
    name = re.sub(r"[.][cm]?jsx?$", "", written)
    if path.endswith((".mts", ".cts")):
        return f'Rename it to {Path(path).stem}.ts, and write "{name}".'
    return f'Write "{name}", without an extension.'


def _place_of(file: Path, specifier: str) -> tuple[int, int]:
    """Line and column, from 1, of a quoted specifier; 0 where it is not found."""
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0, 0
    for quote in "'\"`":
        at = text.find(f"{quote}{specifier}{quote}")
        if at >= 0:
            return line_and_column(text, at)
    return 0, 0


def removed_storage_problems(root: Path, sources: Sequence[str]) -> Iterator[Problem]:
    """Imports of `storage` from an `@forge/api` that has none: it is undefined, without any error.

    https://developer.atlassian.com/platform/forge/changelog/#CHANGE-3252 (2026-06-22).
    """
    version = package_version(root, "@forge/api")
    if version is None or int(version.split(".")[0]) < _STORAGE_REMOVED_IN:
        return
    for name in sources:
        try:
            text = (root / name).read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        for line, column in storage_uses(text):
            yield Problem(
                name,
                line,
                column,
                f"@forge/api {version} no longer exports storage, so it is undefined here: "
                "storage.set(...) throws a TypeError, which a try/catch around it hides, and the "
                "event is retried in vain",
                "Run `npm install @forge/kvs` and use `import { kvs } from '@forge/kvs'`.",
                "warning",
                "storage-removed",
            )


def _message_and_hint(root: Path, message: Message) -> tuple[str, str | None]:
    text = message.text
    if unresolved := _UNRESOLVED.match(text) or _CANNOT_RESOLVE.match(text):
        return _unresolved(root, unresolved[1])
    if _NOT_OFFERED.match(text) and (named := _named_in(text)):
        return _unresolved(root, named)
    if text.startswith("Top-level await"):
        return (
            "await outside a function is not possible in a handler's module: Forge's bundle of it"
            " is a promise, in which no handler is found",
            "Move it into the handler, or into a promise that the handler awaits.",
        )
    if text.startswith((_NO_JSX, _BABEL_NO_JSX)):
        return _no_jsx(message)
    if text.startswith("import and export are not possible"):
        return text, 'Remove "type" from package.json, or write require and module.exports.'
    if text.startswith("a native addon"):
        return text, "Use a package without native code, or package the app manually: " + _MANUAL
    if text.startswith("a WebAssembly"):
        return text, "Package the app manually: " + _MANUAL
    suffix = Path((message.file or "x.js").split("?")[0]).suffix
    if suffix not in _SCRIPTS and message.file:
        return (
            text,
            f"Forge's bundler has no loader for {suffix or message.file}, and reads it as"
            " JavaScript. Export the text from a .js file, or name the file in"
            " app.package.extraFiles and read it with node:fs.",
        )
    return text, None


_MANUAL = "https://developer.atlassian.com/platform/forge/manifest-reference/packaging/"


def _no_jsx(message: Message) -> tuple[str, str | None]:
    if "node_modules/" in (message.file or ""):
        return (
            "JSX in a package's JavaScript, which Forge's bundler does not take",
            "Use a build of the package without JSX.",
        )
    return (
        "JSX is not possible in .js and .jsx files: Forge's bundler has it switched off",
        "Write it in a .tsx file, or without JSX.",
    )


def _unresolved(root: Path, name: str) -> tuple[str, str | None]:
    if name.startswith((".", "/")):
        return f'there is no file for the import "{name}"', "Check the path and its spelling."
    package = "/".join(name.split("/")[: 2 if name.startswith("@") else 1])
    folders = (folder / "node_modules" / package for folder in (root, *root.parents))
    if any(folder.is_dir() for folder in folders):
        what = f'the package {package} has no "{name[len(package) + 1 :]}" that can be imported'
        if name == package:
            what = f'the package "{name}" is installed, but has nothing that can be imported'
        return what, "Look at `exports` and `main` in its package.json for what it offers."
    if _is_alias(root, name):
        return (
            f'"{name}" is a path alias, which Forge\'s bundler does not know',
            "Import it by its relative path; aliases work for types alone (`import type`).",
        )
    if name.startswith("#"):
        return f'"{name}" is not among `imports` in package.json', "Add it there."
    return f'the package "{name}" is not installed', f"Run: npm install {package}"


def _is_alias(root: Path, name: str) -> bool:
    """Whether a path of tsconfig.json or jsconfig.json fits `name`."""
    for file in ("tsconfig.json", "jsconfig.json"):
        paths = compiler_options(root, file).get("paths")
        for pattern in paths if isinstance(paths, dict) else ():
            start, star, end = pattern.partition("*")
            if name == pattern or (star and name.startswith(start) and name.endswith(end)):
                return True
    return False
