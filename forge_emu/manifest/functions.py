"""`modules.function`: keys, handlers and the files they stand in, timeouts, memory."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final, Literal, NamedTuple

from forge_emu.manifest.module_keys import ModuleKeys
from forge_emu.model import Function, UnloadedFunction, seconds_to_ms
from forge_emu.nearest import did_you_mean, nearest
from forge_emu.yamlsource import typed_reading
from forge_emu.yamlsource.findings import Findings
from forge_emu.yamlsource.nodes import Part, ScalarNode, SourcePosition

SOURCE_FOLDER: Final = "src"
"""Where handler files are, but for those of a manual package."""
JAVASCRIPT: Final = ("ts", "tsx", "js", "jsx", "cjs")
"""Extensions of handler files, in the order in which the platform's bundler tries them."""
PACKAGED: Final = ("js", "cjs")
"""Those of a manual package that Node.js runs as they are."""
EXTENSIONS: Final = ("tsx", "jsx", "ts", "js", "cjs", "py")
"""All of them, as `forge lint` lists them. The platform knows no Python: these are forge-emu's."""
DEFAULT_MEMORY_MB: Final = 512
MEMORY_MB: Final = (128, 1024)
"""https://developer.atlassian.com/platform/forge/limits-invocation/ (the schema says 4096)"""
LONGEST_KEY: Final = 23
LONGEST_TIMEOUT_SECONDS: Final = 900

# `@forge/manifest` 13.7.0, which has \p{Alpha} where this has \w.
_HANDLER = re.compile(r"([\w-]+(?:/[\w-]+)*)\.([\w-]+)")
_PROPERTIES = frozenset(
    {
        "key",
        "handler",
        "timeoutSeconds",
        "runtime",
        "providers",
        "cleanup",
        "functions",
        "outboundAuthContainerId",
    }
)


class AppFiles(NamedTuple):
    """What is in the app: whether a path is a file, and the files below a folder, both relative."""

    has: Callable[[str], bool]
    below: Callable[[str], Iterable[str]] = lambda folder: ()


class _Source(NamedTuple):
    handler: str
    file: str
    export: str
    language: Literal["javascript", "python"]
    place: SourcePosition


class FunctionReader:
    """Reads functions; `package` is a manual package's folder, `memory_mb` the app's default."""

    def __init__(
        self,
        findings: Findings,
        keys: ModuleKeys,
        package: str | None,
        memory_mb: int,
        files: AppFiles,
    ) -> None:
        self._findings = findings
        self._keys = keys
        self._folder = SOURCE_FOLDER if package is None else package
        self._extensions = JAVASCRIPT if package is None else PACKAGED
        self._memory_mb = memory_mb
        self._has_file = files.has
        self._files_below = files.below
        self.functions: dict[str, Function] = {}
        self.declared: dict[str, Part] = {}
        """Every function that has a key, even where something else about it is wrong."""
        self.unloaded: dict[str, UnloadedFunction] = {}
        """Functions whose file is missing; they are not among `functions`."""

    def read_entry(self, part: Part) -> None:
        """Read one entry of `modules.function`."""
        if not typed_reading.require_mapping(self._findings, part):
            return
        typed_reading.warn_unknown_properties(self._findings, part, _PROPERTIES, "a function")
        key = self._key(part)
        source = self._source(part, key)
        timeout = self._timeout(part)
        memory = self._memory(part)
        if key is not None and source is not None:
            self.functions[key] = Function(
                key=key,
                handler=source.handler,
                file=source.file,
                export=source.export,
                timeout_ms=None if timeout is None else seconds_to_ms(timeout),
                memory_mb=memory,
                line=source.place.line,
                language=source.language,
                column=source.place.column,
            )

    def _key(self, part: Part) -> str | None:
        key = self._keys.read_key(part)
        at = part.get("key")
        if at is not None and isinstance(at.node, ScalarNode):
            # References to a function whose key is malformed are not wrong as well.
            self.declared.setdefault(at.node.text, part)
        if key is None or at is None:
            return None
        if len(key) > LONGEST_KEY:
            self._findings.error(
                at,
                f"the function key exceeds {LONGEST_KEY} characters: {key[:60]!r} has {len(key)}",
                "Shorten it, also where it is referenced.",
                "key-length",
            )
            return None
        return key

    def _source(self, part: Part, key: str | None) -> _Source | None:
        handler = typed_reading.read_required_text(
            self._findings, part, "handler", "Write it as <module>.<function>: `index.run`."
        )
        at = part.get("handler")
        if handler is None or at is None:
            return None
        found = _HANDLER.fullmatch(handler)
        if found is None:
            self._findings.error(
                at,
                f"function handler property {handler[:100]!r} must be in format"
                " <module>.<function> (example: index.run)",
                _format_hint(handler, self._folder),
                "handler-format",
            )
            return None
        module, export = found[1], found[2]
        stem = module if self._folder == "." else f"{self._folder}/{module}"
        found_files = (f"{stem}.{extension}" for extension in self._extensions)
        script = next((file for file in found_files if self._has_file(file)), None)
        python = f"{stem}.py" if self._has_file(f"{stem}.py") else None
        if script and python:
            self._findings.error(
                at,
                f"function handler property {handler[:100]!r} is ambiguous: there are {script} and"
                f" {python}",
                "Rename or remove one of them.",
                "handler-ambiguous",
            )
        elif script:
            return _Source(handler, script, export, "javascript", at.place)
        elif python:
            return _Source(handler, python, export, "python", at.place)
        else:
            message = self._report_missing_file(at, handler, module, export)
            if key is not None:
                self.unloaded[key] = UnloadedFunction(handler, message)
        return None

    def _report_missing_file(self, at: Part, handler: str, module: str, export: str) -> str:
        names = f"{module}.({'|'.join(EXTENSIONS)})"
        hint = f"Looked in {self._folder}/, relative to the app."
        inner = module.removeprefix(f"{self._folder}/")
        if inner != module:
            hint = (
                f"Handlers are relative to {self._folder}/ already:"
                f" write {inner}.{export} for {self._folder}/{inner}."
            )
        elif self._has_file(f"{self._folder}/{module}.mjs"):
            hint = f"Forge does not load {module}.mjs: rename it to {module}.js."
        elif any(self._has_file(f"{module}.{extension}") for extension in EXTENSIONS):
            hint = f"Move the file into {self._folder}/."
        elif any(self._has_file(f"{self._folder}/{module}/index.{e}") for e in EXTENSIONS):
            hint = f"There is {self._folder}/{module}/index: write {module}/index.{export}."
        elif near := did_you_mean([f"{m}.{export}" for m in nearest(module, self._modules())]):
            hint = f"{near} {hint}"
        message = (
            f"function handler property {handler[:100]!r} cannot find associated file"
            f" with name {names[:140]!r}"
        )
        self._findings.partial_error(at, message, hint, "handler-file")
        return f"{self._findings.file}:{at.place.line}:{at.place.column} {message}"

    def _modules(self) -> set[str]:
        """The files that could have handlers, as handlers name them."""
        inside = (name.removeprefix(f"{self._folder}/") for name in self._files_below(self._folder))
        found = (name.rpartition(".") for name in inside)
        return {module for module, _, extension in found if extension in EXTENSIONS}

    def _timeout(self, part: Part) -> float | None:
        at = part.get("timeoutSeconds")
        if at is None:
            return None
        return typed_reading.read_number(self._findings, at, 1, LONGEST_TIMEOUT_SECONDS, "seconds")

    def _memory(self, part: Part) -> int:
        runtime = part.get("runtime")
        if runtime is None or not typed_reading.require_mapping(self._findings, runtime):
            return self._memory_mb
        typed_reading.warn_unknown_properties(
            self._findings, runtime, {"memoryMB"}, "a function's runtime"
        )
        return read_memory_mb(self._findings, runtime) or self._memory_mb


def read_memory_mb(findings: Findings, runtime: Part) -> int | None:
    """`memoryMB` of a `runtime` mapping, in MB."""
    at = runtime.get("memoryMB")
    if at is None:
        return None
    value = typed_reading.read_number(findings, at, *MEMORY_MB, "MB", whole=True)
    return None if value is None else int(value)


def _format_hint(handler: str, folder: str) -> str | None:
    path, dot, last = handler.rpartition(".")
    stem, _, extension = path.rpartition(".")
    stem = stem.removeprefix("./").removeprefix(f"{folder}/")
    if dot and extension in EXTENSIONS and _HANDLER.fullmatch(f"{stem}.{last}"):
        return f"Leave out the extension: {stem}.{last}."
    path = path.removeprefix("./").removeprefix("/").removeprefix(f"{folder}/")
    if dot and _HANDLER.fullmatch(f"{path}.{last}"):
        return f"Write it relative to {folder}/: {path}.{last}."
    if not dot and _HANDLER.fullmatch(f"{handler}.run"):
        return f"Add the exported function's name: {handler}.run."
    steps = handler.replace("\\", "/").split("/")
    if ".." in steps:
        return f"Handlers lie in {folder}/, and a path to one has no '..' in it."
    if "\\" in handler:
        return "Write / between folders, on Windows too."
    return None
