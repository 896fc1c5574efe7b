"""Golden files: text at a fixed width, without colour. FORGE_EMU_GOLDEN=write makes them anew."""

from __future__ import annotations

import os
from pathlib import Path

from rich.console import Console, RenderableType

FOLDER = Path(__file__).parent / "golden"


def plain_text(renderable: RenderableType, width: int) -> str:
    """What a terminal without colour shows, without the blanks at the ends of rows."""
    console = Console(width=width, color_system=None, force_terminal=False, _environ={})
    with console.capture() as capture:
        console.print(renderable, end="")
    return "\n".join(row.rstrip() for row in capture.get().splitlines()) + "\n"


def check_golden(name: str, text: str, folder: Path = FOLDER) -> None:
    """Compare `text` with the golden file `name` in `folder`, or write that file."""
    path = folder / f"{name}.txt"
    if os.environ.get("FORGE_EMU_GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.exists(), f"no golden file {path.name}: run with FORGE_EMU_GOLDEN=write"
    assert path.read_text(encoding="utf-8") == text
