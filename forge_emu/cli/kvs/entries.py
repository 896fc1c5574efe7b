"""Entries of the store as JSON text, read with care and written as they come."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click
import msgspec

from forge_emu.cli.jsontext import decode_json
from forge_emu.control.contract import KvsEntry
from forge_emu.errors import UserError

_HINT = (
    'Write [{"key": "k", "value": 1}] with "secret" and "ttl_seconds" where wanted, or {"k": 1}.'
)


def print_entries(entries: Iterable[KvsEntry]) -> None:
    """Print entries as one JSON array, an entry a line."""
    separator = b"[\n"
    for entry in entries:
        click.echo(separator + msgspec.json.encode(entry), nl=False)
        separator = b",\n"
    click.echo(b"[]" if separator == b"[\n" else b"\n]")


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
    decoded = decode_json(text, name, _HINT)
    try:
        if isinstance(decoded, dict):
            values = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
            return [KvsEntry(key, msgspec.Raw(bytes(value))) for key, value in values.items()]
        return msgspec.json.decode(text, type=list[KvsEntry])
    except msgspec.DecodeError as error:
        raise UserError(f"{name}: {error}", _HINT) from None
