"""Looks at an app before it runs: manifest, settings, packages, build, exports, and the rules."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from forge_emu import appdir
from forge_emu.appdir import LoadedApp
from forge_emu.appdir.missing_packages import with_packages_once
from forge_emu.appdir.packages import undeclared_package_check
from forge_emu.commands.check_build import build_problems
from forge_emu.emulator.starting.tools import InstallChoice
from forge_emu.errors import ManifestError, Problem
from forge_emu.manifest.scheduled_triggers import schedule_number_problems
from forge_emu.model import Bundler
from forge_emu.rules import SourceFacts, apply_rules, join_facts, severity_of
from forge_emu.rules.python.facts import python_facts
from forge_emu.runtime.node.source_facts import javascript_facts
from forge_emu.runtime.node.tools import find_node, find_parser
from forge_emu.settings import Settings

CheckProgress = Callable[[str], None]


@dataclass(frozen=True)
class CheckOptions:
    """What to check: the code at all, and by running what modules do when they load.

    `variables` come from `--env-file`; `node` is the major version of Node.js that is asked for.
    `bundler` builds it: Forge's own is used where it is installed, unless it is `esbuild`. With
    `install` it is got from npm where it is missing, with False never; `confirm` asks.
    """

    code: bool = True
    load: bool = True
    variables: Mapping[str, str] = field(default_factory=dict)
    node: int | None = None
    bundler: Bundler = "auto"
    install: bool | None = None
    confirm: Callable[[str], bool] | None = None


@dataclass(frozen=True)
class CheckResult:
    """What was found, by file and line. `code_seen` False: manifest wrong, or `--no-code`."""

    root: Path
    problems: tuple[Problem, ...]
    code_seen: bool

    def count(self, severity: str) -> int:
        """How many problems of a severity."""
        return sum(problem.severity == severity for problem in self.problems)


async def check_app(root: Path, depth: CheckOptions, progress: CheckProgress) -> CheckResult:
    """Everything that can be known of the app at `root`. Raises UserError where nothing can."""
    root = root.resolve()
    try:
        loaded = appdir.load_app(root, depth.variables)
    except ManifestError as error:
        return CheckResult(root, _sorted_problems(error.problems), code_seen=False)
    settings = Settings(loaded.preset or "current", loaded.overrides)
    problems = [
        *loaded.app.warnings,
        *schedule_number_problems(loaded.app, settings),
        *appdir.package_problems(loaded),
        *appdir.resource_problems(loaded),
    ]
    if depth.code:
        problems += await _code_problems(loaded, depth, progress)
    shown = with_packages_once(root, problems)
    return CheckResult(root, _sorted_problems(shown), code_seen=depth.code)


async def _code_problems(
    loaded: LoadedApp, depth: CheckOptions, progress: CheckProgress
) -> list[Problem]:
    with tempfile.TemporaryDirectory(prefix="forge-emu-check-") as folder:
        built = await build_problems(
            loaded,
            Path(folder),
            InstallChoice(progress, depth.confirm, depth.install),
            load=depth.load,
            node_major=depth.node,
            bundler=depth.bundler,
        )
    facts = await asyncio.to_thread(_source_facts, loaded, progress)
    settings = Settings(loaded.preset or "current", loaded.overrides)
    judged = apply_rules(
        loaded.app, facts, loaded.packages, undeclared_package_check(loaded.root), settings
    )
    # The build looks for this one as well, but by less of the source.
    kept = [p for p in built if p.rule != "storage-removed"]
    broken = {p.file for p in kept if p.severity == "error"}
    unread = [
        Problem(u.file, u.line, u.column, u.message, None, "warning", "unread")
        for u in facts.unread
        if u.file not in broken
    ]
    return [*kept, *judged, *unread]


def _source_facts(loaded: LoadedApp, progress: CheckProgress) -> SourceFacts:
    functions = loaded.app.functions.values()
    scripts = sorted({f.file for f in functions if f.language == "javascript"})
    pythons = sorted({f.file for f in functions if f.language == "python"})
    parts: list[SourceFacts] = []
    if scripts:
        node = find_node()
        parser = find_parser(node, progress)
        parts.append(javascript_facts(loaded.root, scripts, node, parser))
    if pythons:
        parts.append(python_facts(pythons, lambda file: _read_source(loaded.root / file)))
    return join_facts(parts)


def _read_source(path: Path) -> bytes | None:
    try:
        return path.read_bytes() if path.is_file() else None
    except OSError:
        return None


def _sorted_problems(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    graded = {
        msgspec.structs.replace(p, severity=severity_of(p.rule, p.severity)) for p in problems
    }
    return tuple(sorted(graded, key=lambda p: (p.file, p.line, p.column, p.rule, p.message)))
