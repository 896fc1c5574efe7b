"""A program is asked for its version once, as long as it is the same file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from forge_emu.runtime.known_versions import known_version

LARGE = 30_000_000


class Asked:
    """Answers, and counts how often it was asked."""

    def __init__(self, version: str | None = "20.1.0") -> None:
        self.version = version
        self.times = 0

    def __call__(self, program: Path) -> str | None:
        self.times += 1
        return self.version


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A file as large as a Node.js, of which the disk holds little."""
    return write(tmp_path / "node", LARGE)


def write(path: Path, size: int) -> Path:
    """A file of `size` bytes."""
    with path.open("wb") as file:
        file.truncate(size)
    return path


def test_it_is_asked_once(tmp_path: Path, program: Path) -> None:
    """Also under another name of the same file."""
    asked = Asked()
    (tmp_path / "link").symlink_to(program)
    for path in (program, program, tmp_path / "link"):
        assert known_version(path, tmp_path / "cache", asked) == "20.1.0"
    assert asked.times == 1


def test_another_file_in_its_place_is_asked_again(tmp_path: Path, program: Path) -> None:
    """As after an update."""
    assert known_version(program, tmp_path, Asked()) == "20.1.0"
    os.utime(program, (1, 1))
    assert known_version(program, tmp_path, Asked("22.1.0")) == "22.1.0"


def test_a_small_file_is_asked_each_time(tmp_path: Path) -> None:
    """A version manager's answers for the version that is chosen now."""
    small, asked = write(tmp_path / "node", 10_000), Asked()
    assert known_version(small, tmp_path, asked) == known_version(small, tmp_path, asked)
    assert asked.times == 2


def test_what_does_not_answer_is_asked_again(tmp_path: Path, program: Path) -> None:
    """It may run the next time; and what is not there has no version."""
    assert known_version(program, tmp_path, Asked(None)) is None
    assert known_version(program, tmp_path, Asked()) == "20.1.0"
    assert known_version(tmp_path / "none", tmp_path, Asked()) is None


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff", b'{"a": 1}'])
def test_what_cannot_be_read_is_written_anew(tmp_path: Path, program: Path, content: bytes) -> None:
    """Somebody else's file, or half of one."""
    (tmp_path / "versions.json").write_bytes(content)
    asked = Asked()
    for _ in range(2):
        assert known_version(program, tmp_path, asked) == "20.1.0"
    assert asked.times == 1


def test_without_a_place_for_it_nothing_is_remembered(tmp_path: Path, program: Path) -> None:
    """A file stands where the folder would be."""
    asked = Asked()
    for _ in range(2):
        known_version(program, program, asked)
    assert asked.times == 2
