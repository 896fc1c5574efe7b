"""Lines on descriptors: nothing is lost or mixed up when the other side reads slowly."""

from __future__ import annotations

import os

from forge_emu.runtime.python.program.shared.line_pipes import (
    BufferedLineWriter,
    LineReader,
    WaitingWriters,
)


def test_what_a_full_pipe_does_not_take_is_written_later_in_order() -> None:
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    waiting = WaitingWriters()
    writer, reader = (
        BufferedLineWriter(writing, waiting),
        LineReader(lambda size: os.read(reading, size)),
    )
    lines = [b"%d " % number + b"x" * (number * 7 % 3_000) for number in range(2_000)]
    for line in lines:
        writer.write(line, b"\n")
    waiting.flush()
    assert waiting, "a pipe does not take 3 MB"

    found: list[bytes] = []
    while waiting:
        found += reader.read_lines()
        waiting.flush()
    while len(found) < len(lines):
        found += reader.read_lines()

    assert found == lines
    os.close(reading)
    os.close(writing)


def test_what_nobody_reads_any_more_is_given_up() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    waiting = WaitingWriters()
    writer = BufferedLineWriter(writing, waiting)

    writer.write(b"line", b"\n")
    waiting.flush()

    assert not waiting
    assert not writer.has_unwritten
    os.close(writing)
