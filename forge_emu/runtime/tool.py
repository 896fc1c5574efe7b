"""A program or a package that a run uses."""

from __future__ import annotations

from pathlib import Path

import msgspec


class Tool(msgspec.Struct, frozen=True):
    """A program or a package in use. `why` reads after its path: "on the PATH"."""

    path: Path
    version: str
    why: str
