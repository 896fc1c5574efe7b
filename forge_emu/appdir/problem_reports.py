"""How the readers of the sections of `forge-emu.yml` report problems."""

from __future__ import annotations

from typing import Protocol

from forge_emu.yamlsource import Part, SourcePosition


class ReportProblem(Protocol):
    """Called with a problem of a part of the file."""

    def __call__(
        self, part: Part, message: str, hint: str | None, place: SourcePosition | None = None
    ) -> None:
        """Add a problem at `place`, by default where the part's value is."""
        ...
