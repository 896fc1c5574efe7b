"""Payloads of the user's own, from a JSON file or from stdin."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from forge_emu.errors import UserError
from forge_emu.model import Json

_MOST_DATA = 1_000_000


def read_payload(source: str, where: str, folder: Path = Path()) -> Json:
    """The JSON of a file relative to `folder`, or of stdin (`-`); `where` says who names it.

    Raises UserError with line and column.
    """
    name = "stdin" if source == "-" else source
    try:
        if source == "-":
            text = sys.stdin.buffer.read(_MOST_DATA + 1)
        else:
            with (folder / source).open("rb") as file:
                text = file.read(_MOST_DATA + 1)
    except OSError as error:
        raise UserError(
            f"{where}: cannot read {name!r}: {error.strerror}", "Give a JSON file, or - for stdin."
        ) from None
    if len(text) > _MOST_DATA:
        raise UserError(f"{where}: {name} is over {_MOST_DATA:,} bytes")
    return decode(text, name, where)


def decode(text: bytes, name: str, where: str) -> Json:
    """`text` as JSON. Raises UserError that says where in `name` it is wrong."""
    try:
        # The standard library's decoder knows line and column.
        return json.loads(text)
    except UnicodeDecodeError as error:
        raise UserError(f"{where}: {name} is not UTF-8 text (byte {error.start})") from None
    except json.JSONDecodeError as error:
        where = f"{name}:{error.lineno}:{error.colno}"
        raise UserError(f"{where}: {where} {error.msg}", "It must be one JSON object.") from None
    except RecursionError:
        raise UserError(f"{where}: {name} is nested too deeply") from None
