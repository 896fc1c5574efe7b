"""What the site of a run begins with: `site.yml`, and the files of `--site`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from forge_emu.appdir.site_content import FORM, PlacedContent, read_content
from forge_emu.control.site_contract import Things
from forge_emu.engine.engine import Engine
from forge_emu.errors import ManifestError, UserError
from forge_emu.model import Instant
from forge_emu.records import Log
from forge_emu.site.content import ContentError, add_content
from forge_emu.site.site import Site

_EXPORTED = b'{"forge_emu_site":1,"things":'


class _Export(msgspec.Struct, forbid_unknown_fields=True):
    forge_emu_site: int
    things: Things


class SiteFile(msgspec.Struct, frozen=True):
    """A file for the site: an export as a whole, or content to add."""

    name: str
    things: Things | None = None
    placed: PlacedContent | None = None


def export_text(things: Things) -> bytes:
    """What `site export` writes."""
    return _EXPORTED + msgspec.json.encode(things) + b"}\n"


def read_site_file(path: Path, option: str) -> SiteFile:
    """A file of `--site` or `site import`. Raises UserError that says where it is wrong."""
    try:
        text = path.read_bytes()
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise UserError(f"{option}: cannot read {str(path)!r}: {reason}", FORM) from None
    return decode_site_file(text, str(path))


def decode_site_file(text: bytes, name: str) -> SiteFile:
    """The text of an export, or YAML. Raises UserError."""
    if text.lstrip().startswith(b'{"forge_emu_site"'):
        try:
            things = msgspec.json.decode(text, type=_Export).things
            _put(Site(), things)
        except (msgspec.DecodeError, KeyError, ValueError) as error:
            message = f"{name} is no export of a site: {error}"
            raise UserError(message, "Write one with `forge-emu site export`.") from None
        return SiteFile(name, things)
    try:
        return SiteFile(name, placed=read_content(text, name))
    except ManifestError as error:
        first = error.problems[0]
        raise UserError(f"{name}:{first.line}:{first.column} {first.message}", FORM) from None


def fill_site(
    engine: Engine, now: Instant, beside: PlacedContent | None, files: Iterable[SiteFile] = ()
) -> None:
    """Put on the site what lies beside the app, then the files; an export takes the place of all.

    What is on the site already stays. Raises UserError.
    """
    sources = [SiteFile(beside.file, placed=beside)] if beside else []
    for each in (*sources, *files):
        count = 0
        if each.things is not None:
            engine.site.clear()
            _put(engine.site, each.things)
            count = sum(engine.site.counts().values())
        if each.placed is not None:
            count = add_placed(engine, now, each.placed)
        if count:
            message = f"The site begins with {count:,} things of {each.name}."
            engine.record(Log(level="info", message=message), now)


def add_placed(engine: Engine, now: Instant, placed: PlacedContent) -> int:
    """Add content to the site; answers how many things are new. Raises UserError."""
    try:
        return add_content(engine.site, placed.content, engine.epoch_ms + now)
    except ContentError as error:
        raise placed.error(error) from None


def _put(site: Site, things: Things) -> None:
    site.put_things(
        {(k, id): bytes(text) for k, by_id in things.items() for id, text in by_id.items()}
    )
