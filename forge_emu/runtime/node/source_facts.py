"""Facts of an app's JavaScript and TypeScript, read by a real parser in a process of Node.js."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

import msgspec

from forge_emu.errors import UserError
from forge_emu.rules.facts import SourceFacts
from forge_emu.runtime.host.environment import local_environment
from forge_emu.runtime.tool import Tool
from forge_emu.services.request_body import decode_replacing_surrogates

_PROGRAM = Path(__file__).parents[2] / "rules" / "javascript" / "main.cjs"
_SECONDS = 120.0


def javascript_facts(root: Path, entries: Sequence[str], node: Tool, parser: Path) -> SourceFacts:
    """The facts of the files `entries` and of those of the app's own that they import.

    `parser` is the folder whose `node_modules` holds @babel/parser. None of the sources is run.
    Raises UserError. Blocks.
    """
    job = {
        "root": str(root),
        "parser": str(parser / "node_modules" / "@babel" / "parser"),
        "entries": list(entries),
    }
    try:
        done = subprocess.run(
            [node.path, "--stack-size=4000", _PROGRAM],
            input=msgspec.json.encode(job),
            capture_output=True,
            timeout=_SECONDS,
            env=local_environment(),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise UserError(f"the app's code could not be read: {error}") from None
    if done.returncode:
        error_lines = done.stderr.decode(errors="replace").strip().splitlines()
        why = next((line for line in error_lines if "Error" in line), "Node.js ended")
        raise UserError(f"the app's code could not be read: {why}")
    return decode_replacing_surrogates(msgspec.json.Decoder(SourceFacts), done.stdout)
