"""Entries of the store as JSON text, read with care and written as they come."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import msgspec

from forge_emu.cli import options as o
from forge_emu.control.contract import KvsEntry
from forge_emu.emulator.initial_state.store_values import decode_store_values
from forge_emu.emulator.user_json.jsontext import decode_json
from forge_emu.errors import UserError


def print_entries(entries: Iterable[KvsEntry]) -> None:
    """Print entries as one JSON array, an entry a line."""
    separator = b"[\n"
    for entry in entries:
        o.echo_json(separator + msgspec.json.encode(entry), nl=False)
        separator = b",\n"
    o.echo_json(b"[]" if separator == b"[\n" else b"\n]")


def read_value(value: str) -> tuple[bytes, str]:
    """A value given on the command line, or on stdin where it is `-`, and what to call it."""
    if value == "-":
        return sys.stdin.buffer.read(), "stdin"
    return value.encode("utf-8", "surrogateescape"), "VALUE"


def read_input_file(file: str) -> tuple[bytes, str]:
    """A file's content, or stdin's, and its name. Raises UserError."""
    if file == "-":
        return sys.stdin.buffer.read(), "stdin"
    try:
        return Path(file).read_bytes(), file
    except OSError as error:
        raise UserError(
            f"cannot read {file!r}: {error.strerror}", "Give a JSON file, or - for stdin."
        ) from None


def compact_json(text: bytes, name: str) -> bytes:
    """`text` without blanks around its tokens, if it is JSON. Raises UserError that says where."""
    decode_json(text, name, "Text needs quotes as well: '\"like this\"'.")
    return msgspec.json.format(text, indent=-1)


def decode_entries(text: bytes, name: str) -> list[KvsEntry]:
    """The entries of an export, or of an object of keys and values. Raises UserError."""
    return [each.entry for each in decode_store_values(text, name)]
