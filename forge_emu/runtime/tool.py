"""A program or a package that a run uses."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Tool:
    """A program or a package in use. `why` reads after its path: "on the PATH"."""

    path: Path
    version: str
    why: str
