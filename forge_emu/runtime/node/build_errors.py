"""esbuild's messages and problems of the app's packages, with their place in the source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from forge_emu.errors import Problem
from forge_emu.runtime.node.packages import package_version
from forge_emu.runtime.node.storage_imports import storage_uses

_DIAGNOSTIC = re.compile(r"^(?:✘|X|▲) \[(ERROR|WARNING)\] (.*)$", re.MULTILINE)
_PLACE = re.compile(r"^    (\S.*?):(\d+):(\d+):$", re.MULTILINE)
_UNRESOLVED = re.compile(r'Could not resolve "([^"]+)"')
_STORAGE_REMOVED_IN = 8
"""Major version of `@forge/api` that dropped `storage`."""


def diagnostics(output: str) -> Iterator[Problem]:
    """The errors and warnings in esbuild's text; what concerns only packages' code is left out."""
    heads = list(_DIAGNOSTIC.finditer(output))
    for head, following in zip(heads, [*heads[1:], None], strict=False):
        end = following.start() if following else len(output)
        severity: Literal["error", "warning"] = "error" if head[1] == "ERROR" else "warning"
        # esbuild appends the name of the rule in brackets.
        message = re.sub(r" \[[a-z-]+\]$", "", head[2])
        place = _PLACE.search(output, head.end(), end)
        if place is None:
            if severity == "error":
                yield Problem("package.json", 0, 0, message, None, severity, "bundle")
        elif severity == "error" or "node_modules/" not in place[1]:
            message, hint = _message_and_hint(message)
            line, column = int(place[2]), int(place[3]) + 1
            yield Problem(place[1], line, column, message, hint, severity, "bundle")


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


def _message_and_hint(message: str) -> tuple[str, str | None]:
    if unresolved := _UNRESOLVED.match(message):
        name = unresolved[1]
        if name.startswith((".", "/")):
            return f'there is no file for the import "{name}"', "Check the path and its spelling."
        package = "/".join(name.split("/")[: 2 if name.startswith("@") else 1])
        return f'the package "{name}" is not installed', f"Run: npm install {package}"
    if message.startswith("Top-level await"):
        return (
            "await outside a function is not possible in a handler's module",
            "Move it into the handler, or into a promise that the handler awaits.",
        )
    return message, None
