"""Files given with `--env-file`."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.appdir.env_files import read_env_files
from forge_emu.errors import UserError


def variables(tmp_path: Path, text: str | bytes) -> dict[str, str]:
    """What a file holds."""
    path = tmp_path / ".env"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_env_files([path])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("A=1\nB=two words\n", {"A": "1", "B": "two words"}),
        ("# comment\n\n  A = 1  \nexport B=2\r\n", {"A": "1", "B": "2"}),
        ("A=x#y # comment\nB= # nothing\n", {"A": "x#y", "B": ""}),
        ('A=\'it is # this\'\nB="a\\nb \\"c\\"" # more\n', {"A": "it is # this", "B": 'a\nb "c"'}),
        ("A='one\ntwo'\nB=\"three\n\nfour\"\n", {"A": "one\ntwo", "B": "three\n\nfour"}),
        ('A={"key": "a=b"}\nA=last\n', {"A": "last"}),
        (b"\xef\xbb\xbfA=1\n", {"A": "1"}),
        ("URL=http://x/?a=b#c\nKEY=a==\n", {"URL": "http://x/?a=b#c", "KEY": "a=="}),
        ("A=ümlaut 日本\n", {"A": "ümlaut 日本"}),
    ],
)
def test_files_are_read(tmp_path: Path, text: str | bytes, found: dict[str, str]) -> None:
    """Comments, quotes, several lines, `export`."""
    assert variables(tmp_path, text) == found


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("A=1\nno variable secret\n", ":2 is no variable"),
        ("1A=secret\n", ":1 is no variable"),
        ("A='secret\n", ":1: the quote of A is never closed"),
        ("A=x\0secret\n", ":1: A holds a NUL byte"),
        (b"A=\xff\n", " is not UTF-8"),
    ],
)
def test_a_broken_file_says_where_and_quotes_no_value(
    tmp_path: Path, text: str | bytes, said: str
) -> None:
    """Values may be secret."""
    with pytest.raises(UserError) as caught:
        variables(tmp_path, text)

    assert said in caught.value.message
    assert "secret" not in caught.value.message


def test_later_files_go_before_earlier_ones(tmp_path: Path) -> None:
    """A file for everybody, and one of your own."""
    (tmp_path / "a").write_text("A=1\nB=1\n")
    (tmp_path / "b").write_text("B=2\n")

    assert read_env_files([tmp_path / "a", tmp_path / "b"]) == {"A": "1", "B": "2"}


@pytest.mark.parametrize("name", ["absent", "."])
def test_a_file_that_is_not_there_is_one_error(tmp_path: Path, name: str) -> None:
    """Nor is a directory one."""
    with pytest.raises(UserError, match="cannot read"):
        read_env_files([tmp_path / name])
