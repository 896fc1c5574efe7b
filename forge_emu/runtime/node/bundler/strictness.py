"""Parts a bundle into what runs strict and what does not, as in Forge's bundle. Pure.

ES modules are strict, and CommonJS modules only where they say so. esbuild puts all of them into
one scope. So the bundle is written twice, once with the ES modules left out and once with the
others: lines stay where they are, and the source map fits both. The first script returns its names,
which the second gets as parameters. No module runs before both have been evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

_NAME = re.compile(r"^(?:var|let|const|function\*?|async function\*?|class) ([\w$]+)", re.MULTILINE)
_JSON = re.compile(r"\.json(\?.*| with \{.*)?$")
_COMMONJS = re.compile(r"^var [\w$]+ = __commonJS\(", re.MULTILINE)
_LATE = re.compile(r"^var (init_[\w$]+(?= = __esm\()|[\w$]+_exports\d*(?= = \{\};))", re.MULTILINE)


class Parts(msgspec.Struct, frozen=True):
    """Two function bodies. `shared` are the parameters of `strict`, which `sloppy` returns."""

    sloppy: str
    strict: str
    shared: tuple[str, ...]


class _Chunk(msgspec.Struct, frozen=True):
    """The code of one module; `name` is empty for the helpers, which come first."""

    name: str
    text: str


def part_bundle(text: str, inputs: Mapping[str, Any], entry: str) -> Parts:
    """The parts of a bundle; `inputs` is that part of esbuild's metafile."""
    sloppy: list[str] = []
    strict: list[str] = []
    shared: list[str] = []
    late: list[str] = []
    for chunk in _chunks(text, inputs):
        blank = "\n" * chunk.text.count("\n")
        if _is_sloppy(chunk, inputs, entry):
            sloppy.append(chunk.text)
            strict.append(blank)
            shared += _NAME.findall(chunk.text)
        else:
            # What CommonJS modules need of ES modules are these; they get them from outside.
            late += _LATE.findall(chunk.text)
            sloppy.append(blank)
            strict.append(chunk.text)
    names = ", ".join(shared)
    declared = f"var {', '.join(late)};" if late else ""
    assigned = f"__names => {{ ({{ {', '.join(late)} }} = __names); }}"
    return Parts(
        f"{declared}{''.join(sloppy)}\nreturn {{ names: [{names}], link: {assigned} }};\n",
        f'"use strict";{"".join(strict)}\n__forge_emu_link({{ {", ".join(late)} }});\n',
        tuple(shared),
    )


def _chunks(text: str, inputs: Mapping[str, Any]) -> Iterator[_Chunk]:
    """esbuild names each module in a comment of its own."""
    name, lines = "", list[str]()
    for line in text.splitlines(keepends=True):
        if line.startswith("// ") and line[3:].rstrip("\n") in inputs:
            yield _Chunk(name, "".join(lines))
            name, lines = line[3:].rstrip("\n"), []
        lines.append(line)
    yield _Chunk(name, "".join(lines))


def _is_sloppy(chunk: _Chunk, inputs: Mapping[str, Any], entry: str) -> bool:
    if chunk.name == "":
        return True
    if chunk.name == entry:
        return False
    if _COMMONJS.search(chunk.text):
        return True
    # A script that neither imports nor exports; JSON has no code.
    return inputs[chunk.name].get("format") is None and _JSON.search(chunk.name) is None
