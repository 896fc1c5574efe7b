"""Default imports of CommonJS packages in an app that is an ES module, which fail when loaded."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import msgspec

from forge_emu.errors import Problem
from forge_emu.runtime.node.package_json import read_package

_NO_CLASS: Final = re.compile(
    r"import_\w+\.default(?:\.default)? is not a (?:constructor|function)"
)
_HINT: Final = (
    'package.json has "type": "module": there, a default import of a CommonJS package such as '
    '@forge/resolver is the whole module, on Forge too. Remove "type" from package.json, or use '
    "the `default` of what is imported."
)


def with_default_import(problem: Problem, root: Path) -> Problem:
    """`problem` of a module that failed while it was evaluated, with why its import is no class."""
    if not _NO_CLASS.search(problem.message) or read_package(root).get("type") != "module":
        return problem
    return msgspec.structs.replace(problem, hint=_HINT)
