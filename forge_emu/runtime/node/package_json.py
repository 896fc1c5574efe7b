"""What the package.json of a folder says."""

from __future__ import annotations

from codecs import BOM_UTF8
from pathlib import Path
from typing import Any

import msgspec


def read_package(folder: Path) -> dict[str, Any]:
    """What the package.json in `folder` says; nothing where there is none that can be read."""
    try:
        text = (folder / "package.json").read_bytes()
        decoded = msgspec.json.decode(text.removeprefix(BOM_UTF8))
    except (OSError, ValueError, RecursionError):
        return {}
    return decoded if isinstance(decoded, dict) else {}


def version_in(folder: Path) -> str | None:
    """The version of the package in `folder`; None where there is none."""
    version = read_package(folder).get("version")
    return version if isinstance(version, str) else None
