"""docs/architecture.md shows the code as it is: folders, layers, states."""

from __future__ import annotations

import re
import tomllib

from forge_emu.engine.delivery.delivery import TERMINAL, TRANSITIONS
from tests.conftest import ROOT
from tests.docs.pages import page

PAGE = page("docs/architecture.md")
PACKAGE = ROOT / "forge_emu"


def test_the_map_has_every_folder() -> None:
    """The package's own, and those of the engine."""
    shown = set(re.findall(r"^\| `forge_emu/([\w/]+)/` \|", PAGE.text, re.MULTILINE))
    there = {
        path.relative_to(PACKAGE).as_posix()
        for parent in (PACKAGE, PACKAGE / "engine")
        for path in parent.iterdir()
        if path.is_dir() and path.name != "__pycache__"
    }

    assert shown == there


def test_the_map_has_every_file_beside_the_folders() -> None:
    """But for the two that every package has."""
    files = {path.name for path in PACKAGE.glob("*.py")} - {"__init__.py", "__main__.py"}

    assert [name for name in sorted(files) if f"`{name}`" not in PAGE.text] == []


def test_the_layers_are_those_that_are_checked() -> None:
    """Line by line."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    (layers,) = [
        c["layers"]
        for c in contracts
        if c["type"] == "layers" and c.get("containers") == ["forge_emu"]
    ]

    assert "\n".join(layers) + "\n" in [text for _, text in PAGE.blocks]


def test_the_states_are_those_of_the_table() -> None:
    """With the steps between them."""
    shown = {}
    for cells in PAGE.rows("state", "meaning", "can become"):
        for state in re.findall(r"`(\w+)`", cells[0]):
            shown[state] = set(re.findall(r"`(\w+)`", cells[2]))

    assert shown == {str(state): {str(x) for x in after} for state, after in TRANSITIONS.items()}
    assert {state for state, after in shown.items() if not after} == {str(s) for s in TERMINAL}
