"""What an app's `tsconfig.json` says, as far as it changes the code that is built."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from forge_emu.runtime.node.package_json import read_package
from forge_emu.runtime.node.source_text import blank

_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_LAST_COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])', re.DOTALL)
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


class ConfigFile(msgspec.Struct, frozen=True):
    """A file of the configuration. `json` is its text with blanks for what JSON has not."""

    path: Path
    json: str
    content: dict[str, Any]

    @property
    def options(self) -> dict[str, Any]:
        """Its own `compilerOptions`."""
        own = self.content.get("compilerOptions")
        return own if isinstance(own, dict) else {}


def compiler_options(root: Path, name: str = "tsconfig.json") -> dict[str, Any]:
    """`compilerOptions` of the app's tsconfig.json, or the file `name`, with those it extends."""
    options: dict[str, Any] = {}
    for found in reversed(list(config_files(root / name))):
        options.update(found.options)
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


def config_files(path: Path) -> Iterator[ConfigFile]:
    """The configuration, then those that it extends: what comes first counts."""
    waiting = [path]
    for _ in range(_MOST_FILES):
        if not waiting:
            return
        config = _read(waiting.pop(0))
        if config is None:
            continue
        yield config
        found = (_extended(config.path.parent, name) for name in reversed(_bases(config)))
        waiting = [*(f for f in found if f), *waiting]


def missing_bases(config: ConfigFile) -> list[str]:
    """What it extends and is nowhere. A package that lists what it exports may hold it."""
    folder = config.path.parent
    return [
        name
        for name in _bases(config)
        if isinstance(name, str) and _extended(folder, name) is None and not _lists(folder, name)
    ]


def _bases(config: ConfigFile) -> list[object]:
    extends = config.content.get("extends", [])
    return extends if isinstance(extends, list) else [extends]


def _lists(folder: Path, name: str) -> bool:
    if name.startswith((".", "/")):
        return False
    package = Path(*name.split("/")[: 2 if name.startswith("@") else 1])
    manifests = (a / "node_modules" / package / "package.json" for a in (folder, *folder.parents))
    return any(path.is_file() and "exports" in read_package(path.parent) for path in manifests)


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


def _read(path: Path) -> ConfigFile | None:
    """A file of JSON with comments; it holds nothing where TypeScript has to complain."""
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return None
    for not_json in (_COMMENT, _LAST_COMMA):
        text = not_json.sub(lambda found: found[1] or blank(found[0]), text)
    try:
        decoded = msgspec.json.decode(text)
    except (ValueError, RecursionError):
        decoded = None
    return ConfigFile(path, text, decoded if isinstance(decoded, dict) else {})
