"""Payloads of the user's own, from a JSON file or from stdin."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from forge_emu.emulator.user_json.jsontext import decode_json
from forge_emu.errors import UserError
from forge_emu.model import Json

_MOST_DATA = 1_000_000

MOST_TEXT = 64_000_000
"""Bytes of a text that is sent as it is."""


def read_payload(
    source: str, where: str, within: Sequence[Path], folder: Path | None = None
) -> Json:
    """The JSON of a file relative to `folder` (None: where the user stands), or of stdin (`-`).

    `where` says who names it. The file must lie in one of the directories `within`, links followed.
    Raises UserError with line and column.
    """
    text = read_data_file(source, where, within, folder)
    return decode_payload(text, "stdin" if source == "-" else source, where)


def read_data_file(
    source: str,
    where: str,
    within: Sequence[Path],
    folder: Path | None = None,
    most: int | None = None,
) -> bytes:
    """The text of such a file, or of stdin, of at most `most` bytes. Raises UserError."""
    name, most = "stdin" if source == "-" else source, most or _MOST_DATA
    try:
        if source == "-":
            text = sys.stdin.buffer.read(most + 1)
        else:
            path = resolve_within(source, where, within, folder)
            if path.exists() and not path.is_file():
                raise UserError(
                    f"{where}: {name!r} is no regular file", "Give a JSON file, or - for stdin."
                )
            with path.open("rb") as file:
                text = file.read(most + 1)
    except OSError as error:
        raise UserError(
            f"{where}: cannot read {name!r}: {error.strerror}", "Give a JSON file, or - for stdin."
        ) from None
    except (ValueError, RuntimeError) as error:
        # A NUL, or links that go in circles.
        raise UserError(f"{where}: {name!r} is no path that can be followed: {error}") from None
    if len(text) > most:
        raise UserError(f"{where}: {name} is over {most:,} bytes")
    return text


def read_json_argument(text: str, where: str, within: Sequence[Path]) -> Json:
    """The JSON that an argument holds: as it stands, of a file (`@FILE`), or of stdin (`-`).

    Raises UserError with line and column.
    """
    if text == "-":
        return read_payload(text, where, within)
    if text.startswith("@"):
        return read_payload(text[1:], where, within)
    try:
        content = text.encode()
    except UnicodeEncodeError:
        raise UserError(f"{where} is not UTF-8 text") from None
    return decode_json(content, where, "Write JSON, @FILE for that of a file, or - for stdin.")


def read_text_argument(text: str, where: str, within: Sequence[Path]) -> bytes:
    """What an argument holds: its text, a file's content (`@FILE`), or that of stdin (`-`).

    Raises UserError.
    """
    if text == "-" or text.startswith("@"):
        return read_data_file(text.removeprefix("@"), where, within, most=MOST_TEXT)
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise UserError(f"{where} is not UTF-8 text") from None


def resolve_within(source: str, where: str, within: Sequence[Path], folder: Path | None) -> Path:
    """The path of a file in one of the directories `within`, links followed. Raises UserError."""
    path = ((folder or Path.cwd()) / source).resolve()
    if any(path.is_relative_to(allowed.resolve()) for allowed in within):
        return path
    places = " or ".join(str(allowed) for allowed in dict.fromkeys(p.resolve() for p in within))
    raise UserError(
        f"{where}: {source!r} lies outside {places}",
        "Put the file there"
        + (f", or hand it over: --data - < {shlex.quote(source)}" if where == "--data" else "."),
    )


def decode_payload(text: bytes, name: str, where: str) -> Json:
    """`text` as JSON. Raises UserError that says where in `name` it is wrong."""
    return decode_json(text, f"{where}: {name}", "It must be one JSON object.")
