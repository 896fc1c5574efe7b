"""The content of a site as a part of a JSON Schema, made from the structs that it is read into."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from forge_emu.control.site_contract import SiteSeed
from forge_emu.schemas.forms import Schema, mapping, text, whole
from forge_emu.site.content import SiteContent

SECTION: Final = "site"
_REF: Final = "#/definitions/{name}"
_DATE: Final = "[0-9]{4}[-/](0?[1-9]|1[0-2])[-/](0?[1-9]|[12][0-9]|3[01])"
_CLOCK: Final = r"([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-9]{2}(\.[0-9]+)?)?"
_TIME: Final = rf"{_DATE}([T ]{_CLOCK}\s*(Z|[+-][0-9]{{2}}:?[0-9]{{2}})?)?"
_TIMES: Final = frozenset({"created", "start", "end"})
"""Keys whose values are times."""

_DOCS: Final = {
    "users": "People.",
    "projects": "Projects of Jira.",
    "issues": "Issues of Jira; of a sprint, their keys.",
    "sprints": "Sprints of Jira Software.",
    "spaces": "Spaces of Confluence.",
    "pages": "Pages and blog posts of Confluence.",
    "accountId": "The account that other parts name.",
    "name": "The name that is shown.",
    "email": "The address of the person.",
    "type": "The kind: of a project, an issue, an account, or page and blogpost.",
    "key": "The key, such as EMU-1 of an issue or EMU of a project or space.",
    "lead": "The account of the project's lead.",
    "summary": "The text in one line.",
    "project": "The key of the project, for an issue without a key.",
    "status": "The name of a status of the site.",
    "priority": "The name of a priority of the site.",
    "assignee": "The account that works on it.",
    "reporter": "The account that reported it.",
    "labels": "Labels.",
    "description": "A text; each line becomes a paragraph.",
    "created": "When it was made: 2026-11-24 or 2026-11-24T10:00:00Z.",
    "fields": "Other fields of the issue, by id.",
    "comments": "Texts of comments.",
    "board": "The name of the board.",
    "state": "future, active or closed.",
    "goal": "What the sprint is for.",
    "start": "When it begins: 2026-11-24 or 2026-11-24T10:00:00Z.",
    "end": "When it ends: 2026-12-08 or 2026-12-08T10:00:00Z.",
    "title": "The title.",
    "space": "The key of the space.",
    "body": "The text, in Confluence's storage format.",
    "parent": "The title of a page of the space, which stands before.",
    "author": "The account that wrote it.",
}


def site_definitions() -> dict[str, Schema]:
    """The structs of a site's content by name. Raises ValueError for a key without words."""
    _, found = msgspec.json.schema_components([SiteContent], ref_template=_REF)
    for name, part in found.items():
        part.pop("title", None)
        for key, inner in part.get("properties", {}).items():
            if key not in _DOCS:
                raise ValueError(f"{name}.{key} has no description in the schema of a site")
            inner["description"] = _with_default(key, inner)
            if key in _TIMES:
                form = text(_TIME, "A time: 2026-11-24 or 2026-11-24T10:00:00Z.")
                inner |= {name: form[name] for name in ("pattern", "patternErrorMessage")}
    return found


def _with_default(key: str, part: dict[str, Any]) -> str:
    default = part.get("default")
    return f"{_DOCS[key]} Default: {default}." if default not in (None, "", [], {}) else _DOCS[key]


def site_section() -> Schema:
    """`site:` in `forge-emu.yml`."""
    return {
        "description": "What is on the site when a run begins: the content, or the name of a file "
        "of the app. Default: site.yml, if there is one.",
        "anyOf": [
            {"type": "string", "minLength": 1},
            {"$ref": _REF.format(name=SiteContent.__name__)},
        ],
    }


def seeded_site(most: int) -> Schema:
    """`site:` of a step: what to make up."""
    return mapping(
        {
            "issues": whole("How many issues to make up. Default: 0.", 0, most),
            "pages": whole("How many pages to make up. Default: 0.", 0, most),
            "seed": whole(f"What is made up depends on it. Default: {SiteSeed().seed}.", 0),
        },
        "Make up issues and pages, as `site seed`.",
        anyOf=[
            {"required": ["issues"], "properties": {"issues": {"minimum": 1}}},
            {"required": ["pages"], "properties": {"pages": {"minimum": 1}}},
        ],
    )
