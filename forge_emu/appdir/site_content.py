"""`site.yml`, or `site:` in `forge-emu.yml`: what is on the site when a run begins."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import msgspec

from forge_emu.appdir.folder import path_inside, read_bytes
from forge_emu.appdir.problem_reports import ReportProblem
from forge_emu.errors import ManifestError, Problem, UserError
from forge_emu.site.content import ContentError, SiteContent, add_content
from forge_emu.site.site import Site
from forge_emu.yamlsource import Part, ScalarNode, SourcePosition, is_blank, read_document, to_json

SITE_NAME: Final = "site.yml"
FORM: Final = (
    "It has users, projects, issues, sprints, spaces and pages, such as: "
    'issues: [{key: EMU-1, summary: "Search is slow", status: In Progress}]'
)
_PATH: Final = re.compile(r" - at `\$(.*)`$")
_STEP: Final = re.compile(r"\.(\w+)|\[(\d+)\]")


class PlacedContent(msgspec.Struct, frozen=True):
    """Content of a site, and where the user wrote it."""

    content: SiteContent
    part: Part
    file: str

    def error(self, error: ContentError) -> UserError:
        """`error` with its place in the file."""
        place = _place_of(self.part, error.path)
        return UserError(f"{self.file}:{place.line}:{place.column} {error}", FORM)


def read_content(text: bytes, file: str) -> PlacedContent:
    """The content that a file of YAML or JSON describes. Raises ManifestError."""
    if is_blank(text):
        text = b"{}"
    part = read_document(text, file)
    try:
        placed = PlacedContent(_converted(part), part, file)
        add_content(Site(), placed.content, 0)
    except ContentError as error:
        place = _place_of(part, error.path)
        raise ManifestError([Problem(file, *place, str(error), FORM, "error", "site")]) from None
    return placed


def read_site_section(
    part: Part | None, root: Path, file: str, report: ReportProblem
) -> PlacedContent | None:
    """What `site:` in `forge-emu.yml` says, which may name a file; without it `site.yml`.

    `report` gets what is wrong with the section. Raises ManifestError for a file.
    """
    if part is None:
        beside = root / SITE_NAME
        return read_content(read_bytes(beside), SITE_NAME) if beside.is_file() else None
    if not isinstance(part.node, ScalarNode):
        try:
            placed = PlacedContent(_converted(part), part, file)
            add_content(Site(), placed.content, 0)
            return placed
        except ContentError as error:
            report(part, f"site: {error}", FORM, _place_of(part, error.path))
            return None
    name = part.node.text
    try:
        path = path_inside(root, name)
        if not name or not path.is_file():
            raise UserError(f"there is no file {name!r}", "Its path begins at the app's directory.")
    except UserError as error:
        report(part, f"site: {error.message}", error.hint)
        return None
    return read_content(read_bytes(path), name)


def _converted(part: Part) -> SiteContent:
    """Raises ContentError where the form is another one."""
    try:
        return msgspec.convert(to_json(part.node), SiteContent)
    except msgspec.ValidationError as error:
        found = _PATH.search(str(error))
        steps = _STEP.findall(found[1]) if found else []
        path = tuple(name if name else int(index) for name, index in steps)
        message = _PATH.sub("", str(error))
        raise ContentError(path, message[0].lower() + message[1:]) from None


def _place_of(part: Part, path: tuple[str | int, ...]) -> SourcePosition:
    """Where the value at `path` stands, or the nearest one around it."""
    for step in path:
        inner = part.item(step) if isinstance(step, int) else part.get(step)
        if inner is None:
            break
        part = inner
    return part.place
