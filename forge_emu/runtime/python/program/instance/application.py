"""The app's modules in one instance: evaluated once, each when it is first needed."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from .error_report import AppFiles, report_of, source_place

Json = Any
Handler = Callable[..., Any]
_MAX_ARGUMENTS: Final = 2


class Application:
    """The app as one load describes it."""

    def __init__(self, load: dict[str, Json]) -> None:
        self.files = AppFiles(load["root"])
        self.functions: dict[str, dict[str, Json]] = load["functions"]
        self._root = Path(load["root"])
        self._source = Path(load["bundle"])
        self._modules: dict[str, ModuleType] = {}
        self._handlers: dict[str, tuple[Handler, int]] = {}

    def extend_sys_path(self) -> None:
        """Make modules importable from the source folder first, then from beside the manifest."""
        sys.dont_write_bytecode = True
        sys.path[:0] = [str(self._source), str(self._root)]

    def evaluate_modules(self) -> dict[str, Json]:
        """Evaluate every module that has handlers: the kinds of what they hold, and what failed."""
        kinds: dict[str, dict[str, str]] = {}
        failures: list[dict[str, Json]] = []
        for file in sorted({f["file"] for f in self.functions.values()}):
            try:
                kinds[file] = self._export_kinds(file)
            except BaseException as error:
                failures.append(self._load_failure(file, error))
        return {"modules": kinds, "failures": failures}

    def imported_packages(self) -> list[str]:
        """The modules that evaluation has imported and that are not the app's, in order."""
        return [
            name
            for name, module in list(sys.modules.items())
            if not self._is_own(module) and not name.startswith(("forge_emu", "__"))
        ]

    def is_loaded(self, function: str) -> bool:
        """Whether `handler` evaluates nothing for it."""
        return function in self._handlers

    def handler(self, function: str) -> tuple[Handler, int]:
        """A function's handler and how many of the two arguments it takes."""
        found = self._handlers.get(function)
        if found is None:
            where = self.functions[function]
            handler = getattr(self._module(where["file"]), where["export"])
            found = self._handlers[function] = (handler, _positional_count(handler))
        return found

    def _module(self, file: str) -> ModuleType:
        module = self._modules.get(file)
        if module is None:
            module = self._modules[file] = self._load(file)
        return module

    def _load(self, file: str) -> ModuleType:
        path = self._root / file
        name = ".".join(path.relative_to(self._source).with_suffix("").parts)
        known = sys.modules.get(name)
        if known is None and name not in sys.stdlib_module_names:
            return importlib.import_module(name)
        if known is not None and getattr(known, "__file__", None) == str(path):
            return known
        # Its name is taken, by the standard library perhaps: it gets one of its own.
        spec = importlib.util.spec_from_file_location(f"{self._source.name}.{name}", path)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        return module

    def _export_kinds(self, file: str) -> dict[str, str]:
        module = self._module(file)
        handlers = {f["export"] for f in self.functions.values() if f["file"] == file}
        kinds = {}
        for name, value in vars(module).items():
            defined_here = getattr(value, "__module__", None) == module.__name__
            if name in handlers or (defined_here and not name.startswith("_")):
                kinds[name] = "function" if callable(value) else type(value).__name__
        return kinds

    def _load_failure(self, file: str, error: BaseException) -> dict[str, Json]:
        report = report_of(error, self.files)
        if isinstance(error, ModuleNotFoundError) and error.name:
            # The emulator adds how to install it, or a similar name.
            report = {**report, "name": "ModuleNotFoundError", "message": error.name}
        return {"file": file, "error": report, **source_place(error, self.files)}

    def _is_own(self, module: ModuleType) -> bool:
        file = getattr(module, "__file__", None)
        return isinstance(file, str) and self.files.is_own(file)


def _positional_count(handler: Handler) -> int:
    """How many positional arguments a call may pass, up to two."""
    try:
        parameters = inspect.signature(handler).parameters.values()
    except (TypeError, ValueError):
        return _MAX_ARGUMENTS
    kinds = [p.kind for p in parameters]
    if inspect.Parameter.VAR_POSITIONAL in kinds:
        return _MAX_ARGUMENTS
    takes = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return min(sum(kind in takes for kind in kinds), _MAX_ARGUMENTS)
