"""Writes an example as an app directory, and inspects it."""

from __future__ import annotations

import asyncio
import json
from functools import cache
from pathlib import Path

from forge_emu import appdir
from forge_emu.appdir.packages import undeclared_package_check
from forge_emu.commands.check import CheckOptions, CheckResult, check_app
from forge_emu.errors import Problem
from forge_emu.rules import apply_rules
from forge_emu.runtime.node.source_facts import javascript_facts
from forge_emu.runtime.node.tools import find_node, find_parser
from forge_emu.runtime.tool import Tool
from forge_emu.settings import Settings
from tests.rules.examples import PACKAGES, STUBS, Example


def write_example(root: Path, example: Example) -> Path:
    """The app in `root`, with packages that can be imported and no more."""
    versions = {**PACKAGES, **example.packages}
    files = {
        "manifest.yml": example.manifest,
        "src/index.js": example.source,
        "package.json": json.dumps({"dependencies": dict.fromkeys(example.declared, "*")}),
        **example.files,
    }
    for name, version in versions.items():
        about = {"name": name, "version": version, "main": "index.js"}
        files[f"node_modules/{name}/package.json"] = json.dumps(about)
        files[f"node_modules/{name}/index.js"] = STUBS[name]
    for name in example.without:
        del files[name]
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def inspect_example(root: Path, example: Example) -> CheckResult:
    """What is found in an example."""
    depth = CheckOptions(load=example.load)
    return asyncio.run(check_app(write_example(root, example), depth, lambda line: None))


@cache
def _reading_tools() -> tuple[Tool, Path]:
    """Node.js and the parser, looked for once."""
    node = find_node()
    return node, find_parser(node, lambda line: None)


def code_rule_problems(root: Path, example: Example) -> list[Problem]:
    """What the rules about code find in a JavaScript example, without building it."""
    loaded = appdir.load_app(write_example(root, example))
    files = sorted({f.file for f in loaded.app.functions.values()})
    facts = javascript_facts(root, files, *_reading_tools())
    settings = Settings(loaded.preset or "current", loaded.overrides)
    return apply_rules(loaded.app, facts, loaded.packages, undeclared_package_check(root), settings)
