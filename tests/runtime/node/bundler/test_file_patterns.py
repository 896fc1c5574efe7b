"""Patterns of files; each was tried with the glob of Forge's tools, `glob` 13.0.7."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from forge_emu.runtime.node.bundler.file_patterns import matching_files

A, B, C, HIDDEN = "data/a.txt", "data/sub/b.txt", "data/sub/deep/c.json", "data/.h"


@pytest.fixture(name="root")
def _root(tmp_path: Path) -> Path:
    for name in (A, B, C, HIDDEN, "data/.hid/x", "package.json"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("", encoding="utf-8")
    (tmp_path / "data" / "link.txt").symlink_to("a.txt")
    (tmp_path / "data" / "up").symlink_to("..")
    os.mkfifo(tmp_path / "data" / "pipe")
    return tmp_path


@pytest.mark.parametrize(
    ("pattern", "files"),
    [
        ("data/**", [A, B, C]),
        ("data/**/*", [A, B, C]),
        ("data/**.txt", [A]),
        ("**/*.json", [C, "package.json"]),
        ("data/sub/**/c.json", [C]),
        ("data/**/sub/*", [B]),
        ("data/*", [A]),
        ("*", ["package.json"]),
        ("data", []),
        ("data/", []),
        ("data/*/", []),
        ("./data//a.txt", [A]),
        ("/data/a.txt", []),
        ("{/etc/passwd,data/a.txt}", [A]),
        ("{1..2000}/a.txt", []),
        ("data/{a", []),
        ("data/link.txt", []),
        ("data/up/package.json", ["data/up/package.json"]),
        ("data/.h", [HIDDEN]),
        ("data/.*", [HIDDEN]),
        ("data/?.txt", [A]),
        ("data/[ab].txt", [A]),
        ("data/[!a].txt", []),
        ("data/[z-a].txt", []),
        ("data/[[:alpha:]].txt", [A]),
        ("data/{a,sub/b}.txt", [A, B]),
        ("data/{a,{sub/b,zz}}.txt", [A, B]),
        ("data/{a..c}.txt", [A]),
        ("data/{a}.txt", []),
        ("data/@(a|b).txt", [A]),
        ("data/+(a).txt", [A]),
        ("data/!(a).txt", []),
        ("data/!(b).txt", [A]),
        ("data/\\a.txt", [A]),
        ("!data/a.txt", []),
        ("gone/**", []),
    ],
)
def test_a_pattern_names_files(root: Path, pattern: str, files: list[str]) -> None:
    """Folders, links and pipes are none; what is hidden has to be named."""
    assert sorted(set(matching_files(root, pattern))) == files
