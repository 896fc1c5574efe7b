"""What is imported once a run is ready, so that the first call that needs it does not wait."""

from __future__ import annotations

import importlib
from typing import Final

LATE: Final = (
    "forge_emu.services.site.answering",
    "forge_emu.services.site.looking",
    "forge_emu.expressions",
)
"""Modules of which a start needs nothing: the calls of products, the filters of events."""


def import_late() -> None:
    """Import them. It takes a tenth of a second; run it on a thread."""
    for name in LATE:
        importlib.import_module(name)
