"""State files whose bytes were cut or changed, and hostile logs beside them."""

from __future__ import annotations

import os
import sqlite3
import struct
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

Spoil = Callable[[Path], None]
"""Makes the sound state file at a path a hostile one."""

_CUTS = (0, 1, 15, 16, 17, 99, 100, 101, 511, 512, 1024, 4095, 4096, 4097, 8192, 20_000)

# https://www.sqlite.org/fileformat2.html#the_database_header
# fmt: off
_HEADER_FIELDS: dict[str, tuple[int, tuple[bytes, ...]]] = {
    "magic": (0, (b"SQLite format 4\0", bytes(16))),
    "page size": (16, (b"\0\0", b"\0\1", b"\2\0", b"\x0f\xff", b"\xff\xff")),
    "write version": (18, (b"\0", b"\1", b"\3", b"\xff")),
    "read version": (19, (b"\0", b"\3", b"\xff")),
    "reserved bytes": (20, (b"\xff", b"\x10")),
    "payload fractions": (21, (b"\0\0\0", b"\xff\xff\xff")),
    "pages": (28, (b"\0\0\0\1", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff")),
    "free pages": (32, (b"\0\0\0\2\x7f\xff\xff\xff", b"\xff\xff\xff\xff\0\0\0\1")),
    "schema format": (44, (b"\0\0\0\0", b"\0\0\0\5", b"\xff\xff\xff\xff")),
    "largest root page": (52, (b"\0\0\0\2", b"\xff\xff\xff\xff")),
    "encoding": (56, (b"\0\0\0\0", b"\0\0\0\2", b"\0\0\0\3", b"\0\0\0\x09")),
    "user version": (60, (b"\0\0\0\0", b"\0\0\0\2", b"\x7f\xff\xff\xff", b"\xff\xff\xff\xff")),
    "incremental vacuum": (64, (b"\0\0\0\1",)),
    "application": (68, (b"\0\0\0\0", b"GPKG", b"\xff\xff\xff\xff")),
}
# fmt: on


def header_files() -> dict[str, Spoil]:
    """By name: files that were cut, and others with a field of the header changed."""
    found: dict[str, Spoil] = {f"cut to {size} bytes": _cut(size) for size in _CUTS}
    found |= {f"cut by {size} bytes": _cut(-size) for size in (1, 4096)}
    for field, (offset, values) in _HEADER_FIELDS.items():
        found |= {f"{field} {v.hex()}": _overwrite(offset, v) for v in values}
    found["pages without end"] = _pages_without_end
    found["text"] = lambda path: _write(path, b"not a state\n" * 500)
    found["random bytes"] = lambda path: _write(path, os.urandom(50_000))
    return found


def log_files() -> dict[str, Spoil]:
    """By name: what another one has put beside a sound state file."""
    big_end = struct.pack(">II", 0x377F0683, 3_007_000)
    return {
        "log of rubbish": _beside("-wal", b"rubbish" * 1000),
        "log with a page size of 0": _beside("-wal", big_end + bytes(4000)),
        "log with the largest page size": _beside("-wal", big_end + b"\xff" * 40_000),
        "log of no bytes": _beside("-wal", b""),
        "index of rubbish": _beside("-shm", b"\xff" * 32_768),
        "journal of rubbish": _beside("-journal", b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" * 600),
        "journal that names another file": _beside("-journal", _journal_naming("victim.txt")),
        "next state of rubbish": _beside("-next", b"rubbish" * 1000),
        "next state of no bytes": _beside("-next", b""),
    }


def _cut(size: int) -> Spoil:
    return lambda path: _write(path, path.read_bytes()[:size])


def _overwrite(offset: int, value: bytes) -> Spoil:
    def spoil(path: Path) -> None:
        content = bytearray(path.read_bytes())
        content[offset : offset + len(value)] = value
        _write(path, content)

    return spoil


def _pages_without_end(path: Path) -> None:
    """Fifteen layers of inner pages, all of whose children are one page: 300^15 rows of records."""
    content = bytearray(path.read_bytes())
    with closing(sqlite3.connect(path)) as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'records'"
        root: int = connection.execute(query).fetchone()[0]
    last = len(content) // 4096
    layers = [root, *range(last + 1, last + 15)]
    content += bytes(4096 * 15)
    for page, child in zip(layers, [*layers[1:], last + 15], strict=True):
        content[(page - 1) * 4096 : page * 4096] = _inner_page(child)
    leaf = bytearray(4096)
    # A record of three columns: NULL, 1 and no bytes.
    cell = bytes((6, 1, 4, 0, 1, 12, 1, 0))
    struct.pack_into(">BHHHB", leaf, 0, 13, 0, 1, 4000, 0)
    struct.pack_into(">H", leaf, 8, 4000)
    leaf[4000 : 4000 + len(cell)] = cell
    content[-4096:] = leaf
    struct.pack_into(">I", content, 28, len(content) // 4096)
    _write(path, content)


def _inner_page(child: int) -> bytes:
    cells, start = 300, 2000
    page = bytearray(4096)
    struct.pack_into(">BHHHBI", page, 0, 5, 0, cells, start, 0, child)
    for cell in range(cells):
        struct.pack_into(">H", page, 12 + 2 * cell, start + 5 * cell)
        struct.pack_into(">IB", page, start + 5 * cell, child, 1)
    return bytes(page)


def _beside(suffix: str, content: bytes) -> Spoil:
    return lambda path: _write(path.with_name(path.name + suffix), content)


def _journal_naming(name: str) -> bytes:
    """A rollback journal that belongs to several files, whose list is said to be `name`."""
    header = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + struct.pack(">IIIII", 0, 1, 1, 512, 4096)
    named = name.encode()
    tail = struct.pack(">I", 1) + named + struct.pack(">II", len(named), sum(named))
    return header.ljust(512, b"\0") + tail + b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"


def _write(path: Path, content: bytes | bytearray) -> None:
    path.write_bytes(content)
