"""Which frame of a stack lies in the app's own code."""

from __future__ import annotations

import re

# `at store (src/index.js:3:10)`, `at src/index.js:3:10`, `File "src/index.py", line 3`.
_FRAME = re.compile(
    r"(?:\(|at )(?:async )?([^\s():]+\.(?:[cm]?[jt]sx?|py)):(\d+)|File \"([^\"]+\.py)\", line (\d+)"
)
_NOT_OURS = ("node_modules/", "node:", "<", "site-packages/")


def frame_of(stack: str | None) -> str | None:
    """The innermost frame of a stack that lies in the app's own code, as `src/index.js:3`."""
    for found in _FRAME.finditer((stack or "")[:8_000]):
        file, line = (found[1], found[2]) if found[1] else (found[3], found[4])
        if not any(mark in file for mark in _NOT_OURS):
            return f"{file.removeprefix('./')}:{line}"
    return None
