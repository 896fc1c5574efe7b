"""What is no text, or no number that can be read again, is refused before anything is done."""

from __future__ import annotations

from pathlib import Path

import pytest

from forge_emu.emulator.user_json.jsontext import decode_json
from forge_emu.errors import UserError
from tests.cli.programs import run_program
from tests.conftest import Call


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b'{"a": "\xff"}', "f.json is not UTF-8 text (byte 7)"),
        (b'{"a":\n "\\ud800"}', 'f.json:2:2 "\\ud800" has half of a surrogate pair'),
        (b'{"\\udc00": 1}', 'f.json:1:2 "\\udc00" has half of a surrogate pair'),
        (b'{"a": [1, -1e400]}', "f.json:1:11 -1e400 is no number of JSON, or too large"),
        (b'{"a": NaN}', "f.json:1:7 NaN is no number of JSON"),
        (b"[" + b"1" * 5000 + b"]", "f.json has a number of thousands of digits"),
        (b"[" * 100_000, "f.json is nested too deeply"),
        (b'{"a": 1', "f.json:1:8 "),
    ],
)
def test_json_that_no_reader_takes_is_refused_with_its_place(text: bytes, said: str) -> None:
    """The standard library alone would take some of it."""
    with pytest.raises(UserError) as refused:
        decode_json(text, "f.json", "")
    assert refused.value.message.startswith(said)


def test_sound_json_of_every_kind_is_read() -> None:
    """Pairs of surrogates, numbers up to what a double holds, and a mark of the byte order."""
    text = '\ufeff{"a": "\\ud83d\\ude00", "b": [1e308, 123456789012345678901]}'
    read = {"a": "😀", "b": [1e308, 123456789012345678901]}
    assert decode_json(text.encode(), "f", "") == read
    assert decode_json(text[1:].encode("utf-16"), "f", "") == read


def test_an_argument_that_is_no_text_is_refused(call: Call) -> None:
    """Names of files in another coding come as half surrogate pairs."""
    said = call("kvs", "get", b"k\xff".decode("utf-8", "surrogateescape"))
    assert said.code == 2
    assert said.err.splitlines()[0] == "error: the argument 'k\\udcff' is no UTF-8 text"


@pytest.mark.parametrize(
    "command", [("check",), ("run",), ("reset",), ("kvs", "list"), ("doctor",)]
)
def test_in_a_directory_whose_name_is_no_text(tmp_path: Path, command: tuple[str, ...]) -> None:
    """One clear line, or the work is done."""
    folder = Path(f"{tmp_path}/by\udcff")
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this file system has no such names")
    (folder / "manifest.yml").write_text("app: {id: x}\n")
    said = run_program(*command, cwd=folder)
    assert said.returncode in (0, 1, 2, 3), said.stderr
    assert b"Traceback" not in said.stderr
    assert b"broke" not in said.stderr
