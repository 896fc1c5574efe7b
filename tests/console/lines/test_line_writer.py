"""Lines without rich's layout are what rich prints."""

from __future__ import annotations

from io import BytesIO, StringIO, TextIOWrapper
from typing import Any

import pytest
from rich.console import Console
from rich.text import Text

from forge_emu.console.lines import LineFormatter, LineWriter
from forge_emu.records import Record
from tests.console.lines.test_formatter import record_everything
from tests.timeline.stream import Stream


def console(**given: Any) -> Console:
    """A console that writes to a text, whatever the environment of the tests."""
    return Console(file=StringIO(), emoji=False, width=60, _environ={}, **given)


def every_record() -> list[Record]:
    """One of each type, and more."""
    stream = Stream()
    record_everything(stream)
    return stream.records


def written(by: Console) -> str:
    """What it wrote."""
    assert isinstance(by.file, StringIO)
    return by.file.getvalue()


@pytest.mark.parametrize("wide", [True, False], ids=["wide", "narrow"])
@pytest.mark.parametrize(
    "given",
    [
        {},
        {"color_system": "256"},
        {"force_terminal": True, "color_system": "truecolor"},
        {"force_terminal": True, "color_system": "256", "no_color": True},
    ],
    ids=["pipe", "coloured pipe", "terminal", "terminal without colours"],
)
def test_lines_are_what_rich_prints(given: dict[str, Any], wide: bool) -> None:
    """Byte for byte, for every type of record, with and without colours."""
    by_rich, by_writer = console(**given), console(**given)
    formatter = LineFormatter(wide=wide)
    for record in every_record():
        by_rich.print(formatter.format_record(record), soft_wrap=True)
    formatter = LineFormatter(wide=wide)
    LineWriter(by_writer).write(map(formatter.format_parts, every_record()))
    assert written(by_writer) == written(by_rich)
    assert ("\x1b[" in written(by_writer)) is bool(given)


def test_lines_come_as_one_text() -> None:
    """However many: a reader of the pipe gets a turn at once."""
    writes: list[str] = []

    class Counted(StringIO):
        def write(self, text: str) -> int:
            writes.append(text)
            return super().write(text)

    by = Console(file=Counted(), _environ={})
    LineWriter(by).write([[("one", "")], [("", "red"), ("two", "red")]])
    assert writes == ["one\ntwo\n"]


def test_a_terminal_without_the_glyphs_gets_the_advice_of_rich() -> None:
    """Nothing of the lines is written."""
    file = TextIOWrapper(BytesIO(), "ascii")
    by = Console(file=file, _environ={})
    with pytest.raises(UnicodeEncodeError, match="PYTHONIOENCODING"):
        LineWriter(by).write([[("▶", "cyan")]])
    with pytest.raises(UnicodeEncodeError, match="PYTHONIOENCODING"):
        by.print(Text("▶"))
