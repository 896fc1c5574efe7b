"""What an app's `tsconfig.json` says, as far as it changes the code that is built."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

_NOT_JSON = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/|,(?=\s*[}\]])', re.DOTALL)
_MOST_FILES = 20
_TAKEN = (
    "alwaysStrict",
    "experimentalDecorators",
    "importsNotUsedAsValues",
    "jsxFragmentFactory",
    "preserveValueImports",
    "strict",
    "target",
    "useDefineForClassFields",
    "verbatimModuleSyntax",
)
"""Path aliases are not among them: TypeScript knows them, and Forge's bundler does not."""


def compiler_options(root: Path, name: str = "tsconfig.json") -> dict[str, Any]:
    """`compilerOptions` of the app's tsconfig.json, or the file `name`, with those it extends."""
    options: dict[str, Any] = {}
    for found in reversed(list(_configs(root / name))):
        own = found.get("compilerOptions")
        options.update(own if isinstance(own, dict) else {})
    return options


def build_options(options: dict[str, Any]) -> dict[str, Any]:
    """The options that esbuild takes, with those that Forge's ts-loader always sets."""
    taken = {name: options[name] for name in _TAKEN if name in options}
    # Without a target, TypeScript's own default decides on class fields.
    return {"target": "ES5", **taken, "jsx": "react", "jsxFactory": "ForgeUI.createElement"}


def emits_commonjs(options: dict[str, Any]) -> bool:
    """Whether TypeScript makes CommonJS of the app's modules, before the bundler sees them."""
    module = str(options.get("module", "")).lower()
    if module:
        return module in {"commonjs", "node16", "node18", "node20", "nodenext", "umd", "amd"}
    return str(options.get("target", "es5")).lower() in {"es3", "es5"}


def _configs(path: Path) -> Iterator[dict[str, Any]]:
    """The configuration, then those that it extends: what comes first counts."""
    waiting = [path]
    for _ in range(_MOST_FILES):
        if not waiting:
            return
        current = waiting.pop(0)
        config = _read(current)
        yield config
        extends = config.get("extends", [])
        names = [extends] if isinstance(extends, str) else extends
        if isinstance(names, list):
            found = (_extended(current.parent, name) for name in reversed(names))
            waiting = [*(f for f in found if f), *waiting]


def _extended(folder: Path, name: object) -> Path | None:
    if not isinstance(name, str):
        return None
    if name.startswith((".", "/")):
        places = [folder / name]
    else:
        places = [above / "node_modules" / name for above in (folder, *folder.parents)]
    for place in places:
        for path in (place, place.with_name(f"{place.name}.json"), place / "tsconfig.json"):
            if path.is_file():
                return path
    return None


def _read(path: Path) -> dict[str, Any]:
    """The object in a file of JSON with comments; empty where TypeScript has to complain."""
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
        decoded = msgspec.json.decode(_NOT_JSON.sub(lambda found: found[1] or "", text))
    except (OSError, ValueError, RecursionError):
        return {}
    return decoded if isinstance(decoded, dict) else {}
