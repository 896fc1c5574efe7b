"""Puts a run's figures into the page that was built from `web/`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from forge_emu.report.summary import Summary

SLOT = "{{run}}"
"""Stands in the built page where the run's JSON goes."""
CONNECT_SLOT = "{{connect}}"
"""Stands in its Content-Security-Policy: whom its script may ask."""


EDITOR_LINKS: Final = {
    "vscode": "vscode://file{path}:{line}:{column}",
    "vscode-insiders": "vscode-insiders://file{path}:{line}:{column}",
    "cursor": "cursor://file{path}:{line}:{column}",
    "zed": "zed://file{path}:{line}:{column}",
    "idea": "idea://open?file={path}&line={line}&column={column}",
}
"""Links that open a file, by the value of `page.editor`; a path begins with a slash."""


class RunInfo(msgspec.Struct, frozen=True):
    """What the page shows of the run besides its figures.

    `started_at` is the emulated time of the instant 0 as ISO-8601; `command` repeats the run.
    """

    version: str
    app_name: str
    app_id: str
    command: str = ""
    started_at: str = ""
    settings: dict[str, str] = {}
    """Settings that differ from the preset, with their units."""
    root: str = ""
    """The app's directory, for links to its files; empty without them."""
    editor_link: str = ""
    """A link to a file, with `{path}`, `{line}` and `{column}`."""


def render_page(
    template: str, summary: Summary, columns: Mapping[str, Any], about: RunInfo
) -> bytes:
    """The finished page. Raises ValueError where `template` is no page."""
    return _fill(template, {"about": about, "summary": summary, **columns}, connect="'none'")


def render_live_page(template: str, about: RunInfo) -> bytes:
    """The page that gets all its figures from who serves it. Raises ValueError as above."""
    return _fill(template, {"about": about, "live": True}, connect="'self'")


def _fill(template: str, data: Mapping[str, Any], *, connect: str) -> bytes:
    if template.count(SLOT) != 1 or template.count(CONNECT_SLOT) != 1:
        raise ValueError("this is not the page that `make setup` builds")
    before, _, after = template.replace(CONNECT_SLOT, connect).partition(SLOT)
    text = msgspec.json.encode(data)
    return b"".join((before.encode(), _escape_markup(text), after.encode()))


def _escape_markup(text: bytes) -> bytes:
    """JSON that no HTML parser takes for markup, whatever an app puts into keys and messages.

    In JSON, `<` appears within texts only, where its escaped form means the same.
    """
    return text.replace(b"<", b"\\u003c").replace(b">", b"\\u003e").replace(b"&", b"\\u0026")
