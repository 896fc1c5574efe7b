"""Turns the app's handler modules into one script; writes only into the build folder.

The script exports `{"src/index.js": () => module}`, so that a module runs when it is first needed.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec

from forge_emu.errors import Problem
from forge_emu.model import App
from forge_emu.runtime.node.build_errors import answer_problems, removed_storage_problems
from forge_emu.runtime.node.bundler.esbuild import BuildAnswer, build_files
from forge_emu.runtime.node.bundler.layout import FOLDER, extra_file_problems, lay_out
from forge_emu.runtime.node.bundler.options import ENTRY, BuildOptions
from forge_emu.runtime.node.bundler.strictness import part_bundle
from forge_emu.runtime.node.removed_packages import removed_package_problems
from forge_emu.runtime.node.tools import Tools

BUNDLE = "bundle.cjs"
STRICT_BUNDLE = "bundle.strict.cjs"
DEPLOYED_SCRIPT = "index.cjs"


class Bundle(msgspec.Struct, frozen=True):
    """What a build made. `path` is None where it failed.

    `inputs` are the paths of all files that it was made of, `sources` the app's own among them,
    relative to the app. `deployed` is the folder that handlers run in; `shared` are the names that
    the two parts of the script share. `unbuilt` are handler files that were left out, each with the
    one of `problems` to blame. Forge's own bundler makes a script of each handler file: `entries`.
    """

    path: Path | None
    sources: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    inputs: tuple[Path, ...] = ()
    deployed: Path | None = None
    shared: tuple[str, ...] = ()
    unbuilt: dict[str, Problem] = msgspec.field(default_factory=dict)
    entries: dict[str, str] = msgspec.field(default_factory=dict)


async def bundle(app: App, folder: Path, options: BuildOptions, tools: Tools) -> Bundle:
    """Bundle the modules that `app`'s JavaScript functions name into `folder`."""
    root = options.root
    files = sorted({f.file for f in app.functions.values() if f.language == "javascript"})
    folder.mkdir(parents=True, exist_ok=True)
    output = folder / BUNDLE
    answer = await build_files(files, output, options, tools)
    inputs = _input_paths(root, answer)
    problems = [*answer_problems(root, answer, options), *extra_file_problems(root, app)]
    if any(p.severity == "error" for p in problems) or answer.metafile is None:
        return Bundle(None, (), tuple(problems), inputs)
    text = output.read_text(encoding="utf-8")
    parts = part_bundle(text, answer.metafile["inputs"], ENTRY)
    output.write_text(parts.sloppy, encoding="utf-8")
    (folder / STRICT_BUNDLE).write_text(parts.strict, encoding="utf-8")
    sources = _app_sources(answer)
    problems += removed_storage_problems(root, sources)
    problems += removed_package_problems(root, list(answer.inputs), sources)
    if any(p.severity == "error" for p in problems):
        return Bundle(None, sources, tuple(problems), inputs)
    extra = lay_out(root, app, folder / FOLDER, answer.assets)
    # What handlers find under their own `__filename`.
    (folder / FOLDER / DEPLOYED_SCRIPT).write_text(text, encoding="utf-8")
    return Bundle(
        output, sources, tuple(problems), (*inputs, *extra), folder / FOLDER, parts.shared
    )


def package_bundle(app: App, folder: Path, root: Path) -> Bundle:
    """A manual package, whose files run as they are."""
    assert app.package is not None
    package = root / app.package
    problems = tuple(extra_file_problems(root, app))
    if any(p.severity == "error" for p in problems):
        return Bundle(None, (), problems)
    inputs = tuple(_files_below(package))
    sources = tuple(os.path.relpath(path, root).replace(os.sep, "/") for path in inputs)
    extra = lay_out(root, app, folder / FOLDER, ())
    return Bundle(package, sources, problems, (*inputs, *extra), folder / FOLDER)


def _files_below(folder: Path) -> Iterator[Path]:
    """The files of a package without those of `node_modules`, as `forge tunnel` watches them."""
    for below, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name != "node_modules"]
        yield from (Path(below, name) for name in names)


def _input_paths(root: Path, answer: BuildAnswer) -> tuple[Path, ...]:
    """What was read, and the package.json that decided which file a package is."""
    named = dict.fromkeys(
        Path(os.path.normpath(root / name)) for name in answer.inputs if ":" not in name
    )
    return (*named, *(Path(asset.source) for asset in answer.assets))


def _app_sources(answer: BuildAnswer) -> tuple[str, ...]:
    """The app's own files that went into the bundle, without packages."""
    return tuple(name for name in answer.inputs if "node_modules/" not in name and ":" not in name)
