"""How esbuild is asked to build, wherever it does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from forge_emu.model import Layout
from forge_emu.runtime.node.bundler.tsconfig import build_options, compiler_options, emits_commonjs
from forge_emu.runtime.node.package_json import read_package

ENTRY = "forge-emu-entry.js"
"""Name of the script that esbuild starts from, in its messages and maps."""

_BABEL_CONFIGS = (
    ".babelrc", ".babelrc.json", ".babelrc.js", ".babelrc.cjs", ".babelrc.mjs",
    "babel.config.json", "babel.config.js", "babel.config.cjs", "babel.config.mjs",
)  # fmt: skip


class BuildOptions(msgspec.Struct, frozen=True):
    """What a build depends on beside the sources. `root` is the app's folder."""

    root: Path
    layout: Layout
    typescript: dict[str, Any]
    """`compilerOptions` of the app."""

    @property
    def babel_config(self) -> str | None:
        """Name of the app's own Babel configuration, which Forge's bundler follows."""
        found = next((name for name in _BABEL_CONFIGS if (self.root / name).is_file()), None)
        return found or ("package.json" if "babel" in read_package(self.root) else None)

    @property
    def typescript_commonjs(self) -> bool:
        """Whether TypeScript makes CommonJS of the app's modules."""
        return emits_commonjs(self.typescript)

    @property
    def plain_namespaces(self) -> bool:
        """Whether `import * as x` gives what `require` gives, as TypeScript's CommonJS has it."""
        interop = self.typescript.get("esModuleInterop", False)
        return self.typescript_commonjs and interop is not True

    def esbuild(self) -> dict[str, Any]:
        """The options of esbuild's JavaScript interface.

        Order of extensions, main fields and conditions are those of Forge's bundler
        (`@forge/bundler` 7.3.0).
        """
        tsconfig = {"compilerOptions": build_options(self.typescript)}
        return {
            "bundle": True,
            "platform": "node",
            "format": "cjs",
            "target": "node20",
            # Classes keep the names by which errors are told.
            "keepNames": True,
            "sourcemap": "external",
            "sourcesContent": True,
            "mainFields": ["module", "main"],
            "conditions": ["module-sync", "module", "webpack", "production"],
            "resolveExtensions": [".ts", ".tsx", ".js", ".jsx", ".json", ".cjs"],
            "loader": {".js": "js", ".jsx": "js"},
            "define": {"process.env.NODE_ENV": '"production"'},
            # `import()` becomes a `require` inside the bundle, where its modules are.
            "supported": {"dynamic-import": False},
            "tsconfigRaw": msgspec.json.encode(tsconfig).decode(),
            "logLimit": 50,
        }


def options_for(root: Path, layout: Layout) -> BuildOptions:
    """The options for the app at `root`."""
    return BuildOptions(root, layout, compiler_options(root))


def command_line(options: dict[str, Any]) -> list[str]:
    """`options` as esbuild's command line takes them."""
    return [argument for name, value in options.items() for argument in _flags(_flag(name), value)]


def _flag(name: str) -> str:
    return "--" + "".join(f"-{c.lower()}" if c.isupper() else c for c in name)


def _flags(flag: str, value: object) -> list[str]:
    if value is True:
        return [flag]
    if isinstance(value, dict):
        return [f"{flag}:{key}={_text(each)}" for key, each in value.items()]
    if isinstance(value, list):
        return [f"{flag}={','.join(value)}"]
    return [f"{flag}={_text(value)}"]


def _text(value: object) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
