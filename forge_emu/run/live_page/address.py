"""What the live page needs of one run in the next, so that an open page finds the emulator again:
its port, and the secret of its cookie. Both are kept in the emulator's folder, for its user alone.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from forge_emu.control.session import write_private_file

FILE: Final = "page.json"
_MOST_BYTES = 4_096


class PageAddress(msgspec.Struct, frozen=True):
    """The port of the last run, 0 before the first; the value of the page's cookie."""

    secret: str
    port: int = 0


def read_address(folder: Path, new_secret: Callable[[], str]) -> PageAddress:
    """The address as the last run has left it in `folder`; one with a new secret where none did."""
    with suppress(OSError, msgspec.DecodeError, UnicodeDecodeError):
        with (folder / FILE).open("rb") as file:
            found = msgspec.json.decode(file.read(_MOST_BYTES), type=PageAddress)
        if len(found.secret) >= 16 and found.secret.isascii() and 0 <= found.port < 65_536:
            return found
    return PageAddress(new_secret())


def write_address(folder: Path, address: PageAddress) -> None:
    """Keep it for the next run. Raises OSError."""
    write_private_file(folder / FILE, msgspec.json.encode(address))
