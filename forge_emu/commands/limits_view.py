"""Limits and settings for a terminal: a table where there is room, else a few lines for each."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap

from rich.console import Console
from rich.text import Text

from forge_emu.commands.limits import SITE, LimitRow, RuleRow
from forge_emu.console import palette as p
from forge_emu.console.format import amount, plural
from forge_emu.console.rows import cut
from forge_emu.console.tables.listing import Listing, print_listing
from forge_emu.settings import SettingValue

_ENOUGH = 130
"""Columns from which a table is readable."""
_LONGEST_VALUE = 22


def print_limits(out: Console, rows: Sequence[LimitRow]) -> None:
    """Print the limits as a table, or as lines where the terminal is narrow."""
    if out.is_terminal and out.width < _ENOUGH:
        out.print(_stacked_text(rows, out.width), end="", soft_wrap=True)
    else:
        print_listing(out, _limits_listing(rows))


def print_rules(out: Console, rows: Sequence[RuleRow]) -> None:
    """Print the rules as a table, or as lines where the terminal is narrow."""
    if not out.is_terminal or out.width >= _ENOUGH:
        listing = Listing("name", "refuses", "the app sees", "from", cut=("refuses", "from"))
        for row in rows:
            source = Text(_rule_source(row), p.DIM)
            listing.add_row(Text(row.name), Text(row.refuses), Text(row.seen, p.ACCENT), source)
        print_listing(out, listing)
        return
    text = Text()
    for row in rows:
        text.append(row.name, p.TITLE)
        text.append(f"  {row.seen}\n", p.ACCENT)
        text.append(f"    refuses {row.refuses}\n")
        text.append(f"    {_rule_source(row)}\n", p.DIM)
    out.print(text, end="", soft_wrap=True)


def _rule_source(row: RuleRow) -> str:
    return f"{row.date} {row.source.removeprefix(SITE)}".strip()


def limits_notes(rows: Sequence[LimitRow], preset: str, running: bool) -> list[str]:
    """What the rows do not say."""
    whose = "of the running emulator" if running else "that `forge-emu run` would use"
    return [
        f"{plural(len(rows), 'setting')} {whose}, preset {preset}; "
        "change one with --set NAME=VALUE or in forge-emu.yml; the rules that refuse without a "
        "number: --rules",
        f"pages are under {SITE}",
    ]


def _limits_listing(rows: Sequence[LimitRow]) -> Listing:
    in_use = any(row.hits is not None for row in rows)
    names = ["name", "value", *(("used", "hits") if in_use else ()), "from", "met by"]
    listing = Listing(*names, right=("used", "hits"), cut=("from", "met by"))
    for row in rows:
        use = (Text(_use_text(row)), Text(f"{row.hits:,}" if row.hits else "", p.ALERT))
        listing.add_row(
            Text(row.name, p.RETRY if row.changed else p.PLAIN),
            Text(cut(_value_text(row), _LONGEST_VALUE).rstrip(), p.ACCENT),
            *(use if in_use else ()),
            Text(_origin_text(row), p.RETRY if row.changed else p.DIM),
            Text(row.hit_by),
        )
    return listing


def _stacked_text(rows: Sequence[LimitRow], width: int) -> Text:
    text = Text()
    for row in rows:
        text.append(row.name, p.RETRY if row.changed else p.TITLE)
        text.append(f"  {_value_text(row)}\n", p.ACCENT)
        if row.hits is not None:
            text.append(f"    in use {_use_text(row)}")
            text.append(f", {row.hits:,} hits\n" if row.hits else "\n", p.ALERT)
        was = f", was {setting_value_text(row.platform_value)}" if row.changed else ""
        origin, source = f"    {row.origin}{was}", f"  {_source_page(row)}".rstrip()
        text.append(origin, p.RETRY if row.changed else p.DIM)
        # The address of a page is never parted.
        apart = "\n  " if len(origin) + len(source) > width else ""
        text.append(f"{apart}{source}\n", p.DIM)
        met = wrap(f"met by {row.hit_by}", width - 4, break_long_words=False)
        text.append("".join(f"    {line}\n" for line in met))
    return text


def _value_text(row: LimitRow) -> str:
    return f"{setting_value_text(row.value)} {row.unit if row.value is not None else ''}".strip()


def _use_text(row: LimitRow) -> str:
    return "" if row.used is None else f"{amount(row.used)} (peak {amount(row.peak or 0)})"


def _origin_text(row: LimitRow) -> str:
    """Who says so: the page, a choice of forge-emu's, or who changed it and from what."""
    if row.changed:
        return f"{row.origin}, was {setting_value_text(row.platform_value)}"
    return _source_page(row) or row.origin


def _source_page(row: LimitRow) -> str:
    return f"{row.date} {row.source.removeprefix(SITE)}" if row.date else ""


def setting_value_text(value: SettingValue) -> str:
    """A value as people write it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:,g}" if isinstance(value, int | float) else value
