"""What makes two simulations the same, and what does not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from forge_emu import appdir
from forge_emu.simulate.request import make_plan
from forge_emu.simulate.shards.identity import identity_of
from forge_emu.simulate.shards.shard_file import SimulationIdentity
from tests.python_app import write_app
from tests.simulate.simulations import options_for


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An app."""
    return write_app(tmp_path / "app").resolve()


def identity(root: Path, **more: Any) -> SimulationIdentity:
    """The identity of the simulation of four seeds that such a command line asks for."""
    options = options_for(root, seeds=4, **{"shard": "1/2", **more})
    return identity_of(options, make_plan(options), appdir.load_app(root))


def test_all_shards_have_the_same(root: Path) -> None:
    """Whatever they print and write, even into the app's folder."""
    first = identity(root, shard="1/2", argv=("app", "--seeds", "4", "--shard", "1/2"))
    (root / "forge-emu-shard-1-of-2.json").write_text("{}")
    (root / "out").mkdir()
    (root / "out" / "shard.json").write_text("{}")
    argv = ("app", "--json", "--seeds", "4", "--shard=2/2", "--shard-file", "x", "--jobs", "3")
    assert identity(root, shard="2/2", argv=argv) == first
    assert first.command == ("app", "--seeds", "4")


@pytest.mark.parametrize("name", ["src/index.py", "manifest.yml", "forge-emu.yml", "src/a.json"])
def test_changed_files_of_the_app_make_another(root: Path, name: str) -> None:
    """Code, data beside it, and settings."""
    first = identity(root)
    with (root / name).open("a") as file:
        file.write("\n")
    second = identity(root)
    assert second.app_files != first.app_files
    assert second.inputs == first.inputs


def test_what_the_command_names_makes_another(root: Path) -> None:
    """Not only its words: the files behind them as well."""
    store = root.parent / "store.json"
    seen = set()
    for text in ('{"a": 1}', '{"a": 2}'):
        store.write_text(text)
        seen.add(identity(root, kvs=(store,)).inputs)
        site = root.parent / "site.yml"
        site.write_text(f"projects: [{{key: K{text[6]}, name: One}}]")
        seen.add(identity(root, site=(site,)).inputs)
        play = root.parent / "play.yml"
        play.write_text(f"steps: [{{invoke: listen, payload: {text}}}]")
        seen.add(identity(root, event=(), scenario=play).inputs)
    assert len(seen) == 6
    assert identity(root, kvs=(store,)).inputs in seen


def test_secret_values_are_no_part_of_it(root: Path) -> None:
    """Not even as a digest."""
    store = root.parent / "store.json"
    seen = set()
    for value in ("one", "two"):
        store.write_text(f'[{{"key": "token", "value": "{value}", "secret": true}}]')
        seen.add(identity(root, kvs=(store,)).inputs)
    assert len(seen) == 1
