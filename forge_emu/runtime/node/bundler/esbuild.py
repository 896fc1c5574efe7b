"""Runs esbuild: quickly by its program, or by its JavaScript interface with Forge's own ways.

The quick build counts only where no file asks for more. What fails, or may differ, is built again
in full.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from forge_emu.runtime.node.bundler.inspection import Rules, needs_full_build
from forge_emu.runtime.node.bundler.options import ENTRY, BuildOptions, command_line
from forge_emu.runtime.node.package_json import read_package
from forge_emu.runtime.node.programs import run_program
from forge_emu.runtime.node.tools import Tools
from forge_emu.services.request_body import decode_replacing_surrogates

_IMPORTED_WITH = re.compile(r"\?[^/]*$| with \{[^/]*\}$")
_PROGRAM = Path(__file__).parents[1] / "program" / "bundler" / "main.cjs"


class Message(msgspec.Struct, frozen=True):
    """What esbuild says of a build. `column` counts from 0; `file` is relative to the app."""

    text: str
    file: str | None
    line: int
    column: int
    id: str = ""


class Asset(msgspec.Struct, frozen=True):
    """A file that is deployed beside the bundle: its path, and its name there."""

    source: str = msgspec.field(name="from")
    name: str = msgspec.field(name="to")


class BuildAnswer(msgspec.Struct, frozen=True):
    """What a build made. `metafile` is esbuild's, None where it failed."""

    errors: tuple[Message, ...]
    warnings: tuple[Message, ...]
    metafile: dict[str, Any] | None
    assets: tuple[Asset, ...] = ()

    @property
    def inputs(self) -> Mapping[str, Any]:
        """The files that were read, but for the entry."""
        found = self.metafile["inputs"] if self.metafile else {}
        return {_file_of(name): about for name, about in found.items() if name != ENTRY}


async def build_files(
    files: Sequence[str], output: Path, options: BuildOptions, tools: Tools
) -> BuildAnswer:
    """Bundle the app's `files` into `output`, with a source map beside it."""
    quick = await _quick_build(files, output, options, tools)
    return quick or await _full_build(files, output, options, tools)


def library_of(esbuild: Path) -> Path:
    """The npm package that an esbuild program of an npm installation belongs to."""
    modules = esbuild.parents[3]
    beside = modules / "esbuild"
    return beside if beside.is_dir() else modules.parent


async def _quick_build(
    files: Sequence[str], output: Path, options: BuildOptions, tools: Tools
) -> BuildAnswer | None:
    """The build of esbuild's program, None where it may not be Forge's."""
    meta = output.with_name("meta.json")
    code, _, stderr = await run_program(
        [
            tools.esbuild.path,
            *command_line(options.esbuild()),
            f"--outfile={output}",
            f"--metafile={meta}",
            f"--sourcefile={ENTRY}",
            "--log-level=warning",
            "--color=false",
        ],
        _entry_script(files),
        options.root,
    )
    # Its warnings are in words for people; those of the full build are data.
    if code or stderr.strip():
        return None
    metafile = decode_replacing_surrogates(msgspec.json.Decoder(), meta.read_bytes())
    answer = BuildAnswer((), (), metafile)
    scripts = {name: _text(options.root / name) for name in answer.inputs if _is_own(name)}
    text = output.read_text(encoding="utf-8")
    rules = Rules(
        read_package(options.root).get("type") == "module",
        options.plain_namespaces,
        _is_misread(options.root, answer.inputs),
    )
    if needs_full_build(text, answer.inputs, scripts, rules):
        return None
    return answer


async def _full_build(
    files: Sequence[str], output: Path, options: BuildOptions, tools: Tools
) -> BuildAnswer:
    job = {
        "root": str(options.root),
        "library": str(library_of(tools.esbuild.path)),
        "binary": str(tools.esbuild.path),
        "parser": str(tools.parser) if tools.parser else None,
        "entry": _entry_script(files),
        "entry_name": ENTRY,
        "outfile": str(output),
        "options": options.esbuild(),
        "babel_config": options.babel_config,
        "typescript_commonjs": options.typescript_commonjs,
        "plain_namespaces": options.plain_namespaces,
        "absolute_names": options.layout == "source",
    }
    code, stdout, stderr = await run_program(
        [tools.node.path, "--no-warnings", _PROGRAM],
        msgspec.json.encode(job).decode(),
        options.root,
    )
    if code or not stdout:
        reason = stderr.strip() or "it did not say why"
        return BuildAnswer((Message(f"esbuild failed: {reason}", None, 0, 0),), (), None)
    return decode_replacing_surrogates(msgspec.json.Decoder(BuildAnswer), stdout)


def _entry_script(files: Sequence[str]) -> str:
    """The script that esbuild starts from: `{"src/index.js": () => module}`."""
    entries = (f"{_json(f)}: () => require({_json('./' + f)})" for f in files)
    return "module.exports = {" + ", ".join(entries) + "};\n"


def _json(text: str) -> str:
    return msgspec.json.encode(text).decode()


def _file_of(name: str) -> str:
    """An input without the query and the attributes that it was imported with."""
    return _IMPORTED_WITH.sub("", name)


def _is_own(name: str) -> bool:
    return "node_modules/" not in name and not name.endswith(".json") and ":" not in name


def _is_misread(root: Path, inputs: Mapping[str, Any]) -> bool:
    """Whether an ES module is in a file that Forge's bundler takes for CommonJS."""
    types: dict[Path, Any] = {}
    modules = [name for name, about in inputs.items() if about.get("format") == "esm"]
    return any(
        name.endswith(".cjs")
        or (name.endswith(".js") and _package_type((root / name).parent, types) == "commonjs")
        for name in modules
    )


def _package_type(folder: Path, types: dict[Path, Any]) -> Any:
    """`type` of the nearest package.json; `types` has what was read before."""
    if folder not in types:
        if (folder / "package.json").is_file() or folder == folder.parent:
            types[folder] = read_package(folder).get("type")
        else:
            types[folder] = _package_type(folder.parent, types)
    return types[folder]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")
