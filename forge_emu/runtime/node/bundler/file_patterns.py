"""The files that a pattern names, as the glob of Forge's tools finds them (`glob` 13.0.7)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_MOST_CHOICES: Final = 1_000
"""So many patterns at most may come of the braces of one; else it names nothing."""


def matching_files(root: Path, pattern: str) -> Iterator[str]:
    """The files at relative paths from `root`; links are none. One may come twice."""
    # Few apps have extra files.
    import bracex
    from wcmatch import glob

    if pattern.endswith("/"):
        return
    try:
        choices = bracex.expand(pattern, keep_escapes=True, limit=_MOST_CHOICES)
    except bracex.ExpansionLimitException:
        return
    flags = glob.GLOBSTAR | glob.EXTGLOB | glob.CASE
    for found in glob.iglob(choices, flags=flags, root_dir=root, limit=0):
        path = root / found
        if not os.path.isabs(found) and path.is_file() and not path.is_symlink():
            yield os.path.normpath(found).replace(os.sep, "/")
