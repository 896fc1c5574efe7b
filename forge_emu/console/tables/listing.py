"""Tables for commands that list: columns fitted to a terminal, or whole and plain in a pipe."""

from __future__ import annotations

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from forge_emu.console import palette as p

_WIDE = 4_000
"""Columns for what is no terminal: enough that nothing is cut or wrapped."""
_GAP = 2
_LEAST = 8
"""Columns that a flexible column needs to say anything."""


class Listing(Table):
    """Rows under a head. Only the columns in `cut` give way where the terminal is narrow.

    Columns in `right` are figures; those in `wrap` give way by taking several lines.
    """

    def __init__(
        self,
        *columns: str,
        right: tuple[str, ...] = (),
        cut: tuple[str, ...] = (),
        wrap: tuple[str, ...] = (),
    ) -> None:
        super().__init__(box=None, padding=(0, _GAP, 0, 0), header_style=p.DIM, pad_edge=False)
        self._flexible = {*cut, *wrap}
        for name in columns:
            self.add_column(
                name,
                justify="right" if name in right else "left",
                no_wrap=name not in wrap,
                overflow="fold" if name in wrap else "ellipsis",
            )

    def fit_columns(self, width: int) -> None:
        """Give each column its width on a terminal of `width` columns.

        The flexible ones share what the others leave; the last of them go where too little is left.
        """
        wanted = {c.header: max(map(_cell_width, (c.header, *c.cells))) for c in self.columns}
        while True:
            names = [c.header for c in self.columns]
            flexible = [n for n in names if n in self._flexible]
            fixed = sum(wanted[n] for n in names if n not in self._flexible)
            room = width - fixed - _GAP * (len(names) - 1)
            if not flexible or room >= _LEAST * len(flexible):
                break
            self.columns.remove(next(c for c in reversed(self.columns) if c.header == flexible[-1]))
        for column in self.columns:
            if column.header in self._flexible:
                share = room // len(flexible)
                column.width = min(wanted[column.header], share)
                flexible.remove(column.header)
                room -= column.width
            else:
                column.width = wanted[column.header]


def print_listing(out: Console, listing: Listing) -> None:
    """Print `listing`: cut to a terminal's width, uncut and without trailing blanks elsewhere."""
    if out.is_terminal:
        listing.fit_columns(out.width)
        out.print(listing)
        return
    width, out.width = out.width, _WIDE
    with out.capture() as captured:
        out.print(listing)
    out.width = width
    for line in captured.get().splitlines():
        out.file.write(line.rstrip() + "\n")


def _cell_width(cell: object) -> int:
    return cell_len(cell.plain if isinstance(cell, Text) else str(cell))
