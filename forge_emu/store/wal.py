"""Checks the WAL beside a state file, where SQLite would skip broken frames silently.

Its format: https://www.sqlite.org/fileformat2.html#walformat; that of the index beside it:
https://www.sqlite.org/walformat.html
"""

from __future__ import annotations

import struct
from pathlib import Path

_MAGIC = 0x377F0682
"""The lowest bit says that the checksums read their words big end first."""
_VERSION = 3_007_000
_HEADER = 32
_FRAME = 24
_INDEX = 48
_LARGEST_PAGE = 65_536
_WORD = 0xFFFF_FFFF


def log_damage(path: Path) -> str | None:
    """What is wrong with the WAL of the state file at `path`; None where nothing is."""
    log = path.with_name(f"{path.name}-wal")
    try:
        with log.open("rb") as file:
            header = file.read(_HEADER)
    except FileNotFoundError:
        return None
    if len(header) < _HEADER:
        # Nothing has been written to it yet.
        return None
    if not path.exists():
        return f"it is missing, though its log {log.name} is there"
    if not path.stat().st_size:
        return f"it is empty, though its log {log.name} is not"
    if not _is_valid_header(header):
        return f"its log {log.name}, which holds what was written last, cannot be read"
    return None


def page_size(path: Path) -> int | None:
    """The bytes of a page in the log of the state file at `path`; None without a sound log."""
    try:
        with path.with_name(f"{path.name}-wal").open("rb") as file:
            header = file.read(_HEADER)
    except OSError:
        return None
    if len(header) < _HEADER or not _is_valid_header(header):
        return None
    size = int.from_bytes(header[8:12])
    return size if size <= _LARGEST_PAGE else None


def has_unread_frames(path: Path) -> bool:
    """Whether the log of the state file at `path` holds writes that come after a broken one.

    SQLite ends at the first that is broken, and writes over the others. Call it once a connection
    has read: what that has found is in the file beside the log.
    """
    log = path.with_name(f"{path.name}-wal")
    try:
        index = path.with_name(f"{path.name}-shm").read_bytes()[:_INDEX]
        with log.open("rb") as file:
            head = file.read(_HEADER)
            if len(head) < _HEADER or len(index) < _INDEX:
                return False
            frames: int = struct.unpack("=I", index[16:20])[0]
            step = _FRAME + int.from_bytes(head[8:12])
            if step > _FRAME + _LARGEST_PAGE:
                return True
            before = b""
            while True:
                file.seek(_HEADER + frames * step)
                frame = file.read(_FRAME)
                # What was being written when the emulator was killed has no end yet, and what is
                # left of earlier rounds has other salts.
                if frame[4:8] != b"\0\0\0\0" and frame[8:16] == head[16:24]:
                    page = file.read(step - _FRAME)
                    if len(page) == step - _FRAME and _is_valid_frame(head, before, frame, page):
                        return True
                if len(frame) < _FRAME:
                    return False
                before = frame
                frames += 1
    except OSError:
        return False


def _is_valid_header(header: bytes) -> bool:
    magic, version = struct.unpack(">II", header[:8])
    if magic & ~1 != _MAGIC or version != _VERSION:
        return False
    return _checksums(header[:24], magic & 1, (0, 0)) == struct.unpack(">II", header[24:])


def _is_valid_frame(head: bytes, before: bytes, frame: bytes, page: bytes) -> bool:
    """Whether a frame is whole: its checksums continue those of the frame before it."""
    if not before:
        return False
    begun = struct.unpack(">II", before[16:24])
    return _checksums(frame[:8] + page, head[3] & 1, begun) == struct.unpack(">II", frame[16:24])


def _checksums(content: bytes, big_end: int, initial: tuple[int, int]) -> tuple[int, int]:
    first, second = initial
    words = struct.unpack(f"{'>' if big_end else '<'}{len(content) // 4}I", content)
    for one, other in zip(words[::2], words[1::2], strict=True):
        first = (first + one + second) & _WORD
        second = (second + other + first) & _WORD
    return first, second
